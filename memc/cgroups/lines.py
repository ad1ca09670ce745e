"""The control group that counts the memory of a process, by its file cgroup.

A line is "4:memory:/docker/fbb1" for controllers of version 1, "0::/system.slice" for
version 2, and "1:name=systemd:/init.scope" for a hierarchy without controllers
(proc_cgroup_show() in kernel/cgroup/cgroup.c).  A name has no newline, and may have
colons.
"""

from __future__ import annotations

__all__ = ["memory_line"]

MEMORY, SECOND = b"memory", b"0::"


def memory_line(text: bytes) -> tuple[int, str] | None:
    """Return the version and the path of the group that counts the memory.

    That is the memory controller's group of version 1, otherwise the group of version
    2.  None if there is neither.
    """
    second = None
    for line in text.split(b"\n"):
        if MEMORY not in line and not line.startswith(SECOND):
            continue
        number, _, rest = line.partition(b":")
        controllers, _, path = rest.partition(b":")
        if not path.startswith(b"/"):
            continue
        if MEMORY in controllers.split(b","):
            return 1, _plain(path)
        if second is None and (number, controllers) == (b"0", b""):
            second = 2, _plain(path)
    return second


def _plain(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")
