"""The tmpfs among the mounts that memc sees."""

from __future__ import annotations

import os
import re

from memc.proc.root import read_small

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from memc.proc.root import Opened

__all__ = ["Mounts"]

KINDS = (b"tmpfs", b"devtmpfs")
LINE = re.compile(rb"^.* - (?:devtmpfs|tmpfs) .*$", re.MULTILINE)
ESCAPED = re.compile(rb"\\([0-7]{3})")  # mangle() in fs/proc_namespace.c


class Mount:
    """A line of mountinfo: "36 35 98:0 /root /point options - type source options"."""

    __slots__ = ("device", "point")

    def __init__(self, head: list[bytes]) -> None:
        self.device = head[2]
        self.point = ESCAPED.sub(lambda m: bytes([int(m[1], 8) & 255]), head[4])


class Mounts:
    """The mounts that memc itself sees; none if they cannot be read."""

    __slots__ = ("_mounts",)

    def __init__(self, root: Opened) -> None:
        try:
            text = read_small(root, "self/mountinfo")
        except OSError:
            text = b""
        self._mounts = list(_parse(text))

    def tmpfs(self) -> list[tuple[str, int]]:
        """Return where each tmpfs is mounted, and how much is in it, in kB.

        A tmpfs with several mounts is told once, by the first.  What of it is swapped
        out is counted, too.
        """
        found: dict[bytes, tuple[str, int]] = {}
        for mount in self._mounts:
            if mount.device in found:
                continue
            used_kb = _used_kb(mount)
            if used_kb is not None:
                found[mount.device] = os.fsdecode(mount.point), used_kb
        return list(found.values())


def _parse(text: bytes) -> Iterator[Mount]:
    for line in LINE.findall(text):
        before, dash, after = line.partition(b" - ")
        head = before.split(b" ")
        if dash and len(head) > 5 and after.split(b" ")[0] in KINDS:
            yield Mount(head)


def _used_kb(mount: Mount) -> int | None:
    """Return how much a tmpfs holds; None if another mount hides it."""
    try:
        fd = os.open(mount.point, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        device = os.fstat(fd).st_dev
        if b"%d:%d" % (os.major(device), os.minor(device)) != mount.device:
            return None
        told = os.fstatvfs(fd)
    except OSError:
        return None
    finally:
        os.close(fd)
    return (told.f_blocks - told.f_bfree) * told.f_frsize // 1024
