"""Memory that a process maps more than once, which PRIVATE leaves out.

The kernel takes a page for private if it is mapped once: smaps_account() and
pagemap_pte_range() in fs/proc/task_mmu.c.  A page of a file that two regions of one
process map is not private then, although no other process may have it.

What is told here is the most that it may be: nobody tells which pages of a region are
mapped again.  No sum needs more than the order of the offsets, so a list of many
regions of one file costs no more than a list of many files.
"""

from __future__ import annotations

from memc.human.units import human, safe
from memc.table.amounts import is_known, values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import TypeAlias

    from memc.read.backend import Backend
    from memc.table.document import Json
    from memc.table.region import Table
    from memc.targets.target import Target

    File: TypeAlias = tuple[int | None, ...]

__all__ = ["footnote", "look_closer", "note", "twice_mapped", "words"]

FILE = ("dev_major", "dev_minor", "inode")
# The parts of a program or library may have a page in common, of 64 KiB at most.
SEAM = 64 * 1024
SHARED = 8  # of the bits of perm
FEW = 512  # regions, of a process that may map the same as others
COUNT_MAX = 64
_answers: dict[tuple[bytes, ...], bool] = {}  # many processes run the same program


def twice_mapped(table: Table) -> dict[str, int]:
    """Return by name how much of a file may be mapped only here, but twice, in kB.

    Without amounts that is what two regions map; with them it is no more than is
    resident, not private, and not divided with other processes.  A table that does not
    tell files and offsets tells nothing.
    """
    columns = table.columns
    if not all(name in columns for name in (*FILE, "offset")):
        return {}
    if len(table) <= FEW and not _may_map_twice(table):
        return {}
    shared = _shared(table)
    files: dict[File, list[int]] = {}
    stored = zip(*(columns[name].values for name in FILE), strict=True)
    for i, (kb, file) in enumerate(zip(shared, stored, strict=True)):
        if kb and any(file):  # the first segment of System V has inode 0
            files.setdefault(file, []).append(i)
    found: dict[str, int] = {}
    for rows in files.values():
        kb = _most_kb(table, rows, shared) if len(rows) > 1 else 0
        if kb:
            name = str(columns["pathname"][rows[0]])
            found[name] = found.get(name, 0) + kb
    return found


def _may_map_twice(table: Table) -> bool:
    """Tell whether regions map a page twice, if all that they map is resident."""
    names = (*FILE, "offset", "size_kb", "perm")
    stored = [table.columns[name].values for name in names]
    key = tuple(values.tobytes() for values in stored)
    found = _answers.get(key)
    if found is None:
        if len(_answers) >= COUNT_MAX:
            _answers.clear()
        found = _answers[key] = _find_twice(stored)
    return found


def _find_twice(stored: list[memoryview[int]]) -> bool:
    files: dict[File, list[tuple[int, int, bool]]] = {}
    for *file, offset, kb, perm in zip(*stored, strict=True):
        span = offset, offset + kb * 1024, perm & SHARED != 0
        files.setdefault(tuple(file), []).append(span)
    return any(any(file) and any(_twice(spans)) for file, spans in files.items())


def _shared(table: Table) -> list[int]:
    """Return what each region has that is resident and not private, in kB.

    Without amounts that is its size, if anybody may use it.
    """
    if not is_known(table, "private_kb"):
        pairs = zip(values(table, "size_kb"), table.columns["perm"], strict=True)
        return [0 if str(perm).startswith("---") else kb or 0 for kb, perm in pairs]
    amounts = zip(values(table, "rss_kb"), values(table, "private_kb"), strict=True)
    return [max((rss or 0) - (own or 0), 0) for rss, own in amounts]


def _most_kb(table: Table, rows: list[int], shared: list[int]) -> int:
    """Return the most that regions of one file may map twice, in kB."""
    columns = table.columns
    start, end, offset = (columns[name].values for name in ("start", "end", "offset"))
    perms = columns["perm"].values
    spans = [
        (offset[i], offset[i] + end[i] - start[i], perms[i] & SHARED != 0) for i in rows
    ]
    twice = list(_twice(spans))
    if not twice:
        return 0
    below = _Below(twice)
    parts = [
        min(shared[i], (below.size(last) - below.size(first)) // 1024)
        for i, (first, last, _) in zip(rows, spans, strict=True)
    ]
    total = sum(parts)
    # A page that is mapped twice is in two regions at least.
    most = min(below.size(twice[-1][1]) // 1024, total // 2, total - max(parts))
    pss = list(values(table, "pss_kb"))
    if None in pss:
        return most
    # Each such page is divided among regions of this process alone.
    own = list(values(table, "private_kb"))
    return min(most, sum((pss[i] or 0) - (own[i] or 0) for i in rows))


def _twice(spans: Iterable[tuple[int, int, bool]]) -> Iterator[tuple[int, int]]:
    """Yield the parts of a file that two spans have, in order.

    Left out are the seams of private spans: pages that two segments have in common.
    """
    steps: dict[int, list[int]] = {}
    for first, last, is_shared in spans:
        for at, step in ((first, 1), (last, -1)):
            change = steps.setdefault(at, [0, 0])
            change[0] += step
            change[1] += step * is_shared
    count = of_shared = began = 0
    has_shared = False
    for at in sorted(steps):
        was = count
        count += steps[at][0]
        of_shared += steps[at][1]
        if was < 2 <= count:
            began, has_shared = at, False
        elif count < 2 <= was and (has_shared or at - began > SEAM):
            yield began, at
        has_shared = has_shared or of_shared > 0


class _Below:
    """How much of some parts lies below a place."""

    def __init__(self, parts: list[tuple[int, int]]) -> None:
        self._parts = parts
        self._firsts = [first for first, _ in parts]
        self._sums = [0]
        for first, last in parts:
            self._sums.append(self._sums[-1] + last - first)

    def size(self, at: int) -> int:
        """Return the bytes of the parts that lie below `at`."""
        from _bisect import bisect_left

        i = bisect_left(self._firsts, at)
        if not i:
            return 0
        return self._sums[i] - max(self._parts[i - 1][1] - at, 0)


def words(found: Mapping[str, int]) -> str:
    """Return "up to 8 MiB of /memfd:ring and 2 more files"."""
    names = sorted(found, key=lambda name: (-found[name], name))
    more = len(names) - 1
    others = f" and {more} more file{'s' * (more > 1)}" if more else ""
    return f"up to {human(sum(found.values()))} of {safe(names[0])}{others}"


def footnote(targets: Iterable[Target]) -> Iterator[str]:
    """Yield the lines for a table with PRIVATE: what these processes map twice."""
    found: dict[str, int] = {}
    seen: set[tuple[str | None, int | None]] = set()
    for target in targets:
        who = target.file, target.pid
        if target.pid is not None and who in seen:  # the same process, earlier
            continue
        seen.add(who)
        for name, kb in _of_regions(target).items():
            found[name] = found.get(name, 0) + kb
    if found:
        yield "PRIVATE leaves out pages that one process maps more than once, though it"
        yield f"may have them alone: {words(found)}"


def note(target: Target) -> dict[str, Json] | None:
    """Return the note for programs, None if the process maps nothing twice."""
    found = _of_regions(target)
    if not found:
        return None
    what = "private_kb leaves out pages that the process maps more than once"
    return {
        "code": "mapped_twice",
        "count": len(found),
        "text": f"{what}: {words(found)}",
    }


def look_closer(targets: Iterable[Target], reader: Backend) -> None:
    """Read smaps of processes that were read as a whole and map something twice.

    Only those are looked at that have enough memory that is shared, but with few
    others: what a process maps twice is whole in its PSS, and twice in its RSS.
    """
    for target in targets:
        totals = getattr(target.table, "totals", {})
        if target.file is not None or target.is_other or "anonymous_kb" not in totals:
            continue
        rss, pss, own = (totals[name] or 0 for name in ("rss_kb", "pss_kb", "uss_kb"))
        if min(pss - own, (rss - own) // 2) * 1024 < SEAM:
            continue
        from memc.targets.layouts import read_layout

        layout = target.layout or read_layout(target, reader, "maps")
        if layout is not None and twice_mapped(layout):
            target.layout = read_layout(target, reader, "smaps") or target.layout


def _of_regions(target: Target) -> dict[str, int]:
    """Return what a process maps twice, if its regions tell what is private."""
    table = target.layout or target.table
    known = len(table) > 0 and is_known(table, "private_kb")
    return twice_mapped(table) if known else {}
