"""Find the live processes of a choice."""

from __future__ import annotations

import os

from memc.errors import ProcessError
from memc.proc.files import ProcessFiles
from memc.proc.rights import field
from memc.proc.root import list_pids, open_root

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.proc.root import Opened
    from memc.targets.choice import Choice

__all__ = ["find_pids"]


def find_pids(choice: Choice) -> set[int]:
    """Return the pids of the live processes that a choice means.

    A pid that the user named is among them even if its process has ended, unless there
    are tests.  Raises MemcError if the root cannot be read.
    """
    with open_root(choice.proc) as root:
        meant = set(choice.pids)
        if choice.trees:
            parents = ((pid, _parent(root, pid)) for pid in list_pids(root))
            from memc.targets.descent import descendants

            meant |= descendants(choice.trees, parents)
        if not (choice.has_tests() or choice.every):
            return meant
        ours = {os.getpid()} if choice.proc == "/proc" else set()
        if choice.itself:
            ours = set()
        if choice.every or not meant:
            meant = set(list_pids(root)) - ours
        if choice.match is not None:
            from memc.targets.asking import asking

            meant -= asking(root) - set(choice.pids)
        from memc.targets.meant import passes, tests_of  # most name their processes

        tests = tests_of(choice)
        return {pid for pid in meant if passes(root, pid, tests)}


def _parent(root: Opened, pid: int) -> int | None:
    """Read the parent from status, because a copied tree may have no stat."""
    try:
        with ProcessFiles(root, pid) as files:
            return int(field(files.read("status"), b"PPid:"))
    except (OSError, ProcessError, ValueError):
        return None
