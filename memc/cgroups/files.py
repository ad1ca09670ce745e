"""Read the small files of a control group.

What is read is bounded: in a container, a file system of somebody else may stand where
the control groups are expected.
"""

from __future__ import annotations

import os

from memc.errors import MemcError
from memc.proc.entry import open_entry
from memc.proc.rights import words_of
from memc.proc.root import Opened

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from memc.cgroups.mounts import Mount

__all__ = ["NO_LIMIT", "GroupFiles", "HiddenMountError", "open_groups"]

FOLDER = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC
SMALL_SIZE = 1 << 16  # memory.stat has less than 4 KiB
WHOLE = 2048  # a file of the kernel that is shorter is read at once
NO_LIMIT = 1 << 62  # version 1 prints 2^63 minus a page for no limit


class HiddenMountError(MemcError):
    """Something else is mounted over control groups."""


class GroupFiles(Opened):
    """The open directory of a control group.

    `is_kernel` tells that it is surely one of the kernel: otherwise its files may be
    anything.
    """

    __slots__ = ("is_kernel",)

    def __init__(self, fd: int, path: str, *, is_kernel: bool = False) -> None:
        super().__init__(fd, path)
        self.is_kernel = is_kernel

    def text(self, name: str, *, most: int = SMALL_SIZE) -> bytes | None:
        """Return a file; None if it cannot be read or has more than `most` bytes."""
        try:
            return self._read(name, most)
        except OSError:
            return None

    def _read(self, name: str, most: int) -> bytes | None:
        if self.is_kernel:
            fd = os.open(name, os.O_RDONLY | os.O_CLOEXEC, dir_fd=self.fd)
        else:
            fd = open_entry(self.fd, name, is_copy=True)
        try:
            data = os.read(fd, most + 1)
            # The kernel gives a small file whole.
            while len(data) >= WHOLE or not self.is_kernel:
                chunk = os.read(fd, most + 1) if len(data) <= most else b""
                if not chunk:
                    break
                data += chunk
        finally:
            os.close(fd)
        return data if len(data) <= most else None

    def kb(self, name: str) -> int | None:
        """Return an amount, which the file tells in bytes; None if it is not known."""
        value = self.limit_kb(name)
        return value if isinstance(value, int) else None

    def limit_kb(self, name: str) -> int | str | None:
        """Return a limit, "max" for no limit, None if it is not known."""
        text = (self.text(name) or b"").strip()
        if text == b"max":
            return "max"
        value = number(text)
        if value is None:
            return None
        return value >> 10 if value < NO_LIMIT else "max"

    def count(self, name: str) -> int | None:
        """Return a number; None if it is not known."""
        return number((self.text(name) or b"").strip())

    def pairs(self, name: str) -> dict[str, int] | None:
        """Return the lines "name number"; None if the file cannot be read."""
        text = self.text(name)
        if text is None:
            return None
        lines = (line.split() for line in text.splitlines())
        found = [(line[0], number(line[1])) for line in lines if len(line) == 2]
        return {
            name.decode("ascii", "replace"): value
            for name, value in found
            if value is not None
        }

    def has(self, name: str) -> bool:
        """Tell whether there is such a file."""
        try:
            os.stat(name, dir_fd=self.fd, follow_symlinks=False)
        except OSError:
            return False
        return True


def open_groups(mount: Mount, names: list[bytes]) -> Iterator[GroupFiles]:
    """Yield the group of a mount, and each below it on the way along `names`.

    Each is closed when the next one is asked for.  Raises MemcError if a group cannot
    be opened, such as one that was removed.
    """
    path = mount.root.rstrip(b"/")
    directory = _open(mount.point, None, path or b"/")
    names = [*names]
    while True:
        is_kernel = mount.device == os.fstat(directory).st_dev
        with GroupFiles(directory, _shown(path or b"/"), is_kernel=is_kernel) as files:
            if not is_kernel and mount.device is not None:
                words = "something else is mounted over it"
                raise HiddenMountError(f"{_shown(mount.point)}: {words}")
            yield files
            if not names:
                return
            path += b"/" + names[0]
            directory = _open(names.pop(0), directory, path)


def _open(name: bytes, directory: int | None, path: bytes) -> int:
    flags = FOLDER if directory is None else FOLDER | os.O_NOFOLLOW
    try:
        return os.open(name, flags, dir_fd=directory)
    except FileNotFoundError:
        words = "no such group: it was removed, or is not seen from here"
    except OSError as error:
        words = words_of(error)
    raise MemcError(f"control group {_shown(path)}: {words}")


def number(text: bytes) -> int | None:
    """Return a number of decimal digits, None for anything else."""
    return int(text) if text.isdigit() and len(text) <= 20 else None


def _shown(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")
