"""Where the files of memory control groups are mounted.

A line of mountinfo is "35 31 0:32 /root /sys/fs/cgroup/memory rw - cgroup cgroup
rw,memory" (show_mountinfo() in fs/proc_namespace.c).  The root of a mount is a path as
in /proc/PID/cgroup: both are told from the control group namespace of the reader.
"""

from __future__ import annotations

import os

from memc.errors import MemcError
from memc.proc.rights import words_of
from memc.proc.root import PROC_ROOT_INO

__all__ = ["COPY", "Mount", "mounts_in", "read_mounts"]

ESCAPED = rb"\\([0-7]{3})"  # mangle() in fs/proc_namespace.c
READ_SIZE = 65536
MARK, VERSION_2, MEMORY = b" - cgroup", b" - cgroup2 ", b"memory"
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

    Raises MemcError for a copy of /proc: the files of this machine's groups tell
    nothing of another one.
    """
    try:
        if proc != "/proc" or os.stat(proc).st_ino != PROC_ROOT_INO:
            raise MemcError(COPY)
        fd = os.open("/proc/self/mountinfo", os.O_RDONLY | os.O_CLOEXEC)
        try:
            text = b"".join(iter(lambda: os.read(fd, READ_SIZE), b""))
        finally:
            os.close(fd)
    except OSError as error:
        raise MemcError(f"/proc/self/mountinfo: {words_of(error)}") from None
    return mounts_in(text)


def mounts_in(text: bytes) -> list[Mount]:
    """Return the mounts of memory control groups in a text of mountinfo.

    Another mount may hide one of them: `open_groups` compares the device numbers.
    """
    mounts = [
        mount
        for line in text.split(b"\n")
        # Most lines are of something else, or of another controller.
        if MARK in line and (MEMORY in line or VERSION_2 in line)
        if (mount := _mount(line)) is not None
    ]
    return sorted(mounts, key=lambda mount: len(mount.root.strip(b"/")))


def _mount(line: bytes) -> Mount | None:
    before, _, after = line.partition(b" - ")
    kind, _, options = after.partition(b" ")
    version = VERSIONS.get(kind)
    if version is None:
        return None
    names = options.rpartition(b" ")[2].split(b",")
    words = before.split(b" ")
    if len(words) < 6 or (version == 1 and MEMORY not in names):
        return None
    major, _, minor = words[2].partition(b":")
    if not (major.isdigit() and minor.isdigit() and len(words[2]) < 20):
        return None
    root, point = words[3:5]
    device = os.makedev(int(major), int(minor))
    return Mount(version, _plain(root), _plain(point), device=device)


def _plain(text: bytes) -> bytes:
    r"""Return a path without escapes, such as "\\040" for a blank."""
    if b"\\" not in text:
        return text
    import re

    return re.sub(ESCAPED, lambda found: bytes([int(found[1], 8) & 0xFF]), text)
