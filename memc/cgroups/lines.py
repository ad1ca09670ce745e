"""The control group that counts the memory of a process, by its file cgroup.

A line is "4:memory:/docker/fbb1" for controllers of version 1, "0::/system.slice" for
version 2, and "1:name=systemd:/init.scope" for a hierarchy without controllers
(proc_cgroup_show() in kernel/cgroup/cgroup.c).  A name has no newline, and may have
colons.
"""

from __future__ import annotations

__all__ = ["memory_line"]


def memory_line(text: bytes) -> tuple[int, str] | None:
    """Return the version and the path of the group that counts the memory.

    That is the memory controller's group of version 1, otherwise the group of version
    2.  None if there is neither.
    """
    lines = _lines(text)
    for _, controllers, path in lines:
        if b"memory" in controllers.split(b","):
            return 1, path
    for number, controllers, path in lines:
        if (number, controllers) == (b"0", b""):
            return 2, path
    return None


def _lines(text: bytes) -> list[tuple[bytes, bytes, str]]:
    """Return the number, the controllers and the path of each line."""
    found = []
    for line in text.split(b"\n"):
        number, _, rest = line.partition(b":")
        controllers, _, path = rest.partition(b":")
        if path.startswith(b"/"):
            found.append((number, controllers, path.decode("utf-8", "surrogateescape")))
    return found
