"""The memc that asks, and what started it with the same words."""

from __future__ import annotations

import os

from memc.errors import ProcessError
from memc.proc.files import ProcessFiles
from memc.proc.rights import field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.proc.root import Opened

__all__ = ["asking"]

ANCESTORS_MAX = 1000


def asking(root: Opened) -> set[int]:
    """Return the pid of this process in a root, and those of sudo, sh -c, watch, ....

    These are ancestors with memc and --match in their command line: the pattern stands
    there too, so a search would always find them.
    """
    try:
        pid = int(os.readlink("self", dir_fd=root.fd))
    except (OSError, ValueError):  # a copy
        pid = os.getpid() if root.path == "/proc" else 0
    found = {pid}
    for _ in range(ANCESTORS_MAX):
        parent = _parent(root, pid)
        if parent is None:
            break
        pid, has_words = parent
        if has_words:
            found.add(pid)
    return found


def _parent(root: Opened, pid: int) -> tuple[int, bool] | None:
    """Return the parent, and whether it may have started memc with --match."""
    try:
        with ProcessFiles(root, pid) as files:
            parent = int(field(files.read("status"), b"PPid:"))
        with ProcessFiles(root, parent) as files:
            line = files.read("cmdline")
    except (OSError, ProcessError, ValueError):
        return None
    return parent, b"memc" in line and b"--match" in line
