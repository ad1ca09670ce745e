"""Processes that have the memory of another one: its children after vfork, or clones.

Their memory is told once, in the process that began first.
"""

from __future__ import annotations

from memc.proc.same import find_same_texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.proc.root import Opened
    from memc.record.followed import Followed, Seen

__all__ = ["find_shared"]


def find_shared(root: Opened, seen: Seen) -> None:
    """Note in each process whose memory it has (`same_as`), if that changed.

    A process that has the memory of another one runs the program of its parent, so only
    new ones are looked at.  It has a memory of its own once it runs another program.
    """
    _part(seen)
    if not seen.started:
        return
    by_pid = {followed.pid: followed for followed in seen.alive}
    texts: dict[int, bytes] = {}
    for followed in seen.started:
        parent = by_pid.get(followed.parent)
        if parent is not None and parent.vsize and _look_alike(followed, parent):
            for each in (followed, parent):
                texts[each.pid] = b"%d %d" % (each.rss_pages, each.vsize)
    for pid, first in find_same_texts(root, texts).items() if texts else ():
        by_pid[pid].same_as = by_pid[first]


def _part(seen: Seen) -> None:
    """Let go of processes that ended or run another program."""
    for followed in seen.executed:
        followed.same_as = None
    left = {*seen.executed, *seen.ended}
    for followed in seen.alive if left else ():
        if followed.same_as in left:
            followed.same_as = None
            seen.changed.append(followed)


def _look_alike(a: Followed, b: Followed) -> bool:
    return (a.places, a.vsize) == (b.places, b.vsize)
