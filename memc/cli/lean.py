"""Find the modules of memc where they must be: beside each other, already compiled.

A sub-command needs a hundred modules.  Python looks for each in several places, checks
folders for changes, and does so in Python code: that took half of the time to import
one.  What is not as expected is left to the usual way, such as a module that was never
compiled or has changed since.
"""

from __future__ import annotations

import os
import sys
from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import MAGIC_NUMBER, SourceFileLoader
from marshal import loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import CodeType, ModuleType

__all__ = ["Finder", "Loader", "install"]

# A file of bytecode: the magic number, no flags, the time and the size of its source,
# both in 32 bits (PEP 552), and the code.
HEAD = MAGIC_NUMBER + bytes(4)
TIME, SIZE, CODE = slice(8, 12), slice(12, 16), slice(16, None)
U32 = 0xFFFFFFFF
SIZE_MAX = 1 << 16
SUFFIX = f".{sys.implementation.cache_tag}.pyc"


class Loader(SourceFileLoader):
    """Runs code that was read when the module was found."""

    code: memoryview

    def get_code(self, fullname: str) -> CodeType | None:
        """Return the code of the module."""
        del fullname
        code: CodeType = loads(self.code)  # noqa: S302 - as Python does
        return code

    def exec_module(self, module: ModuleType) -> None:
        """Run the code of the module."""
        exec(loads(self.code), module.__dict__)  # noqa: S102, S302 - as Python does


class Finder:
    """Finds compiled modules of memc, and nothing else."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where a module is; None if it must be found in the usual way."""
        del target
        if path is None or not name.startswith("memc."):
            return None
        own = f"{path[0]}/{name.rpartition('.')[2]}"
        for folder, base in ((path[0], own.rpartition("/")[2]), (own, "__init__")):
            origin = f"{folder}/{base}.py"
            cached = f"{folder}/__pycache__/{base}{SUFFIX}"
            code = _read(cached, origin)
            if code is None:
                continue
            loader = Loader(name, origin)
            loader.code = code
            spec = ModuleSpec(name, loader, origin=origin)
            spec.cached = cached
            spec.has_location = True
            if folder is own:
                spec.submodule_search_locations = [own]
            return spec
        return None


def _read(cached: str, origin: str) -> memoryview | None:
    """Return the code in a file of bytecode; None if it is not that of its source."""
    try:
        fd = os.open(cached, os.O_RDONLY | os.O_CLOEXEC)
        try:
            data = os.read(fd, SIZE_MAX)
        finally:
            os.close(fd)
        source = os.stat(origin)
    except OSError:
        return None
    time, size = (int.from_bytes(data[part], "little") for part in (TIME, SIZE))
    is_good = data.startswith(HEAD) and len(data) < SIZE_MAX
    is_same = time == int(source.st_mtime) & U32 and size == source.st_size & U32
    return memoryview(data)[CODE] if is_good and is_same else None


def install() -> None:
    """Find modules so from now on, unless Python keeps bytecode elsewhere."""
    if sys.pycache_prefix is None and not sys.flags.optimize:
        sys.meta_path.insert(0, Finder)
