"""What becomes of shared memory when its users in a group end."""

from __future__ import annotations

from memc.freeing.result import Stays
from memc.freeing.shared import NAMES
from memc.freeing.status import buffers_kb, nodes_kb
from memc.proc.meminfo import read_kb
from memc.proc.swap import is_used

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from memc.freeing.holders import Holders
    from memc.freeing.shared import Shared
    from memc.proc.sysv import Segment

__all__ = ["Fate", "Sizes", "fate_of"]

UNTIL_REMOVED = "until the file is removed"
UNTIL_SEGMENT = "until ipcrm removes the segment"
UNTIL_OTHERS = "until the others that have it end"
UNKNOWN = "not known whether it ends: it is in another IPC namespace"


class Sizes:
    """How large shared memory is, and may be on this machine."""

    __slots__ = ("_is_live",)

    def __init__(self, *, is_live: bool) -> None:
        self._is_live = is_live

    def of(self, one: Shared) -> tuple[int, int]:
        """Return the least and the most memory that a file takes, in kB."""
        seen, mapped = one.seen, one.mapped_kb
        if seen is None:
            limit = read_kb("Shmem") if self._is_live else None
            reach = one.reach_kb if limit is None else min(limit, one.reach_kb)
            return mapped, max(mapped, reach)
        if seen.kb is not None:
            return seen.kb, seen.kb
        if seen.is_memory or one.name.startswith(NAMES):
            most = seen.blocks_kb
            is_swapped = is_used(is_copy=not self._is_live)
            return (min(mapped, most) if is_swapped else most), most
        return mapped, max(mapped, seen.blocks_kb)

    def kernel(self, one: Shared, least: int, most: int) -> tuple[float, float]:
        """Return the bounds of the kernel's bookkeeping for a file of this size.

        Pages to be written have buffers.  Clean ones may have been written before, and
        have them too, or read, and have none: page frames tell it of mapped ones.
        """
        seen = one.seen
        low, high = nodes_kb(least), nodes_kb(most)
        if seen is None or not seen.has_buffers:
            return low, high
        return (
            low + buffers_kb(min(least, seen.buffered_kb), seen.block),
            high + buffers_kb(max(0, most - seen.bare_kb), seen.block),
        )


class Fate:
    """What comes back of a file, in kB, and what of it stays.

    `least` and `most` are the bounds of the memory, and `kernel` those of the kernel's
    bookkeeping for it; `stays` tells of memory that stays,
    None if there is none; `is_doubtful` tells whether others may have the file.
    """

    __slots__ = ("hugetlb", "is_doubtful", "kernel", "least", "most", "stays", "swap")

    def __init__(self) -> None:
        self.least = self.most = self.swap = self.hugetlb = 0
        self.kernel = (0.0, 0.0)
        self.stays: Stays | None = None
        self.is_doubtful = False


def fate_of(
    one: Shared,
    holders: Holders,
    sizes: Sizes,
    *,
    without: Container[int],
    segments: dict[int, Segment] | None,
) -> Fate:
    """Return what becomes of a file if the processes `without` end."""
    made = Fate()
    others = holders.of(one.keys, without)
    why, is_sure = _why_it_stays(one, others, segments)
    least, most = sizes.of(one)
    if why and is_sure:
        if _is_memory(one):
            made.stays = _stays(one, most, others, why)
        return made
    segment = _segment(one, segments)
    is_ours_alone = segment is not None and segment.attached == one.maps
    made.is_doubtful = bool(why) or not (holders.is_whole or is_ours_alone)
    if one.is_huge:
        made.hugetlb = 0 if made.is_doubtful or one.seen is None else one.seen.blocks_kb
        return made
    made.least, made.most = 0 if made.is_doubtful else least, most
    made.kernel = sizes.kernel(one, made.least, most)
    seen = one.seen
    if seen is not None and seen.kb is not None and _is_memory(one):
        made.swap = 0 if made.is_doubtful else max(0, seen.blocks_kb - seen.kb)
    return made


def _why_it_stays(
    one: Shared, others: list[int], segments: dict[int, Segment] | None
) -> tuple[str, bool]:
    """Return why a file stays, "" if nothing may keep it, and whether that is sure."""
    if one.is_segment:
        segment = _segment(one, segments)
        if segment is None:
            return UNKNOWN, False
        if not segment.is_marked:
            return UNTIL_SEGMENT, True
    elif one.is_deleted is False:
        return UNTIL_REMOVED, True
    if others:
        return UNTIL_OTHERS, True
    return ("" if one.is_segment or one.is_deleted else UNTIL_REMOVED), False


def _segment(one: Shared, segments: dict[int, Segment] | None) -> Segment | None:
    if not one.is_segment or not one.ours or segments is None:
        return None
    found = (segments.get(inode) for _, _, inode in one.keys)
    return next(filter(None, found), None)


def _is_memory(one: Shared) -> bool:
    """Tell whether a file is memory as long as it exists, and no file of a disk."""
    seen = one.seen
    is_known = seen is not None and (seen.is_memory or seen.is_huge)
    return is_known or one.name.startswith(NAMES) or one.is_tmpfs


def _stays(one: Shared, kb: int | None, others: Iterable[int], why: str) -> Stays:
    return Stays(name=one.label, kb=kb, holders=tuple(others), why=why)
