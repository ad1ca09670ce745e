"""Import the modules of memc from where they must be: beside each other, compiled.

A sub-command needs a hundred modules.  Python looks for each in several places, checks
folders for changes, locks the module, and does so in Python code: that took most of the
time to import one.  What is not as expected is left to the usual way: a module that was
never compiled or has changed since, and every import while there are other threads.
"""

from __future__ import annotations

import builtins
import os
import sys
from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import MAGIC_NUMBER, SourceFileLoader
from _thread import _count as other_threads
from marshal import loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import CodeType, ModuleType

__all__ = ["find", "import_lean", "install"]

# A file of bytecode: the magic number, no flags, the time and the size of its source,
# both in 32 bits (PEP 552), and the code.
FLAGLESS = MAGIC_NUMBER + bytes(4)
START = 16
U32 = 0xFFFFFFFF
SUFFIX = f".{sys.implementation.cache_tag}.pyc"
BUFFER = bytearray(1 << 16)  # one for all, for what is fresh is slow
VIEW = memoryview(BUFFER)
Module = type(sys)
usual = builtins.__import__


def import_lean(
    name: str,
    globals: Mapping[str, object] | None = None,  # noqa: A002 - as Python names it
    locals: Mapping[str, object] | None = None,  # noqa: A002
    fromlist: Sequence[str] | None = (),
    level: int = 0,
) -> ModuleType:
    """Import a module as ``__import__`` does."""
    if level or not name.startswith("memc.") or other_threads():
        return usual(name, globals, locals, fromlist, level)
    module = sys.modules.get(name) or _load(name)
    if module is None:
        return usual(name, globals, locals, fromlist, level)
    if not fromlist:
        return sys.modules["memc"]
    if hasattr(module, "__path__"):
        for part in fromlist:
            if not hasattr(module, part) and _load(f"{name}.{part}") is None:
                return usual(name, globals, locals, fromlist, level)
    return module


def _load(name: str) -> ModuleType | None:
    """Import a module; None if it must be imported in the usual way, or is."""
    above, _, last = name.rpartition(".")
    if name in sys.modules or not above:
        return None
    package = sys.modules.get(above) or _load(above)
    if name in sys.modules:  # the package imports it
        return sys.modules[name]
    found = find(name, getattr(package, "__path__", ()))
    if found is None:
        return None
    spec, code = found
    module = Module(name)
    own = module.__dict__
    own["__spec__"], own["__loader__"] = spec, spec.loader
    own["__file__"], own["__cached__"] = spec.origin, spec.cached
    own["__package__"] = above
    if spec.submodule_search_locations is not None:
        own["__package__"], own["__path__"] = name, spec.submodule_search_locations
    sys.modules[name] = module
    try:
        exec(code, own)  # noqa: S102 - as Python does
    except BaseException:
        sys.modules.pop(name, None)
        raise
    module = sys.modules[name]
    setattr(package, last, module)
    return module


def find(name: str, path: Sequence[str]) -> tuple[ModuleSpec, CodeType] | None:
    """Return where a module of a package is, and its code.

    None if it must be found in the usual way.
    """
    if not path:
        return None
    folder, base = path[0], name.rpartition(".")[2]
    own = None
    code = _read(folder, base)
    if code is None:
        folder, base = f"{folder}/{base}", "__init__"
        own = [folder]
        code = _read(folder, base)
    if code is None:
        return None
    origin = f"{folder}/{base}.py"
    spec = ModuleSpec(name, SourceFileLoader(name, origin), origin=origin)
    spec.cached = f"{folder}/__pycache__/{base}{SUFFIX}"
    spec.has_location = True
    spec.submodule_search_locations = own
    return spec, code


def _read(folder: str, base: str) -> CodeType | None:
    """Return the code of a module; None if it is not compiled, or not as it is now."""
    try:
        source = os.stat(f"{folder}/{base}.py")
        if not source.st_size:
            return nothing.__code__
        fd = os.open(f"{folder}/__pycache__/{base}{SUFFIX}", os.O_RDONLY | os.O_CLOEXEC)
        try:
            end = os.readv(fd, [BUFFER])
        finally:
            os.close(fd)
    except OSError:
        return None
    time, size = int(source.st_mtime) & U32, source.st_size & U32
    head = FLAGLESS + (time | size << 32).to_bytes(8, "little")
    if BUFFER.startswith(head) and START < end < len(BUFFER):
        # As Python does.  The code has no part in the buffer, which is free again.
        code: CodeType = loads(VIEW[START:end])  # noqa: S302
        return code
    return None


def nothing() -> None:
    """Do what an empty module does: compile() takes a millisecond to tell."""


def install() -> None:
    """Import modules so from now on, unless Python keeps bytecode elsewhere."""
    if sys.pycache_prefix is None and not sys.flags.optimize:
        builtins.__import__ = import_lean
