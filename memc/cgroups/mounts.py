"""Where the files of memory control groups are mounted.

A line of mountinfo is "35 31 0:32 /root /sys/fs/cgroup/memory rw - cgroup cgroup
rw,memory" (show_mountinfo() in fs/proc_namespace.c).  The root of a mount is a path as
in /proc/PID/cgroup: both are told from the control group namespace of the reader.
"""

from __future__ import annotations

import os
import re

from memc.errors import MemcError
from memc.proc.rights import words_of

__all__ = ["Mount", "mounts_in", "read_mounts"]

ESCAPED = re.compile(rb"\\([0-7]{3})")  # mangle() in fs/proc_namespace.c
VERSIONS = {b"cgroup": 1, b"cgroup2": 2}
COPY = "a copy of /proc has no files of control groups"


class Mount:
    """A mount of control groups of `version` 1 or 2.

    At the path `point` are the files of the group `root`, and below it those of its
    children.  `device` is the device number of the mount; None is not checked.
    """

    __slots__ = ("device", "point", "root", "version")

    def __init__(
        self, version: int, root: bytes, point: bytes, *, device: int | None = None
    ) -> None:
        self.version = version
        self.root = root
        self.point = point
        self.device = device

    def below(self, path: str) -> list[bytes] | None:
        """Return the names that lead from `point` to the group `path`.

        None if the group is not below this mount.  A path that starts with "/.." is
        outside of the reader's control group namespace.
        """
        root = [name for name in self.root.split(b"/") if name]
        whole = path.encode("utf-8", "surrogateescape")
        names = [name for name in whole.split(b"/") if name]
        rest = names[len(root) :]
        if names[: len(root)] != root or b".." in rest or b"." in rest:
            return None
        return rest


def read_mounts(proc: str = "/proc") -> list[Mount]:
    """Return the mounts that this process sees, those with most groups first.

    Raises MemcError for another root than /proc: the files of this machine's groups
    tell nothing of another one.
    """
    if proc != "/proc":
        raise MemcError(COPY)
    try:
        with open("/proc/self/mountinfo", "rb") as file:
            return mounts_in(file.read())
    except OSError as error:
        raise MemcError(f"/proc/self/mountinfo: {words_of(error)}") from None


def mounts_in(text: bytes) -> list[Mount]:
    """Return the mounts of memory control groups in a text of mountinfo."""
    found: dict[bytes, Mount | None] = {}
    for line in text.splitlines():
        words, _, rest = line.partition(b" - ")
        before, after = words.split(b" "), rest.split(b" ")
        if len(before) < 6 or len(after) < 3:
            continue
        # A later mount at the same place hides an earlier one.
        found[before[4]] = _mount(before, after)
    mounts = [mount for mount in found.values() if mount is not None]
    return sorted(
        mounts, key=lambda mount: mount.root.count(b"/") * (mount.root != b"/")
    )


def _mount(before: list[bytes], after: list[bytes]) -> Mount | None:
    version = VERSIONS.get(after[0])
    if version is None or (version == 1 and b"memory" not in after[2].split(b",")):
        return None
    major, _, minor = before[2].partition(b":")
    if not (major.isdigit() and minor.isdigit() and len(before[2]) <= 24):
        return None
    device = os.makedev(int(major), int(minor))
    return Mount(version, _plain(before[3]), _plain(before[4]), device=device)


def _plain(text: bytes) -> bytes:
    r"""Return a path without escapes, such as "\\040" for a blank."""
    return ESCAPED.sub(lambda found: bytes([int(found[1], 8) & 0xFF]), text)
