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


def asking(root: Opened, pattern: str) -> set[int]:
    """Return the pid of this process in a root, and those of sudo, sh -c, watch, ....

    These are ancestors in whose command line stand memc and the pattern: a search for
    the pattern would find them always.
    """
    try:
        pid = int(os.readlink("self", dir_fd=root.fd))
    except (OSError, ValueError):  # a copy
        pid = os.getpid() if root.path == "/proc" else 0
    words = [b"memc", pattern.encode("utf-8", "surrogateescape")]
    found = {pid}
    for _ in range(ANCESTORS_MAX):
        parent = _parent(root, pid, words)
        if parent is None:
            break
        pid, has_words = parent
        if has_words:
            found.add(pid)
    return found


def _parent(root: Opened, pid: int, words: list[bytes]) -> tuple[int, bool] | None:
    """Return the parent, and whether all words are in its command line."""
    try:
        with ProcessFiles(root, pid) as files:
            parent = int(field(files.read("status"), b"PPid:"))
        with ProcessFiles(root, parent) as files:
            line = files.read("cmdline")
    except (OSError, ProcessError, ValueError):
        return None
    return parent, all(word in line for word in words)
