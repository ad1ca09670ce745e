"""Read the text of smaps_rollup: the totals of a process, or of several.

::

    00400000-7ffd4ffcf000 ---p 00000000 00:00 0                       [rollup]
    Rss:               55188 kB
    Pss:               55184 kB

The addresses of the first line say where memory begins and ends, not how much there is:
neither the size nor the number of regions is known.
"""

from __future__ import annotations

import re

from memc.errors import FormatError
from memc.pure.grammar import BadLineError, is_counter, read_value, refuse_nul
from memc.pure.rows import make_table
from memc.table import notes as noted
from memc.table.fields import TOTALS
from memc.table.snapshot import Reading, Snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.files.pasted import Pasted

__all__ = ["MARK", "drop_rollups", "is_rollup", "read_rollups"]

MARK = b"[rollup]"
NO_REGION = "regions, not the totals of smaps_rollup"
HEADER = re.compile(rb"[0-9a-f]+-[0-9a-f]+ [rwxsSp-]{4} ")
ROLLUP = re.compile(
    HEADER.pattern + rb"[0-9a-f]+ [0-9a-f]+:[0-9a-f]+ 0 +\[rollup\] *\Z"
)
# The totals of a snapshot, and the columns whose sum they are.
SUMS = {
    "hugetlb_kb": ("shared_hugetlb_kb", "private_hugetlb_kb"),
    "swap_kb": ("swap_kb",),
    "pss_kb": ("pss_kb",),
    "uss_kb": ("private_clean_kb", "private_dirty_kb"),
}


def is_rollup(text: bytes) -> bool:
    """Tell whether a text is of smaps_rollup, and has no regions."""
    headers = [line for line in text.split(b"\n") if HEADER.match(line)]
    return bool(headers) and all(map(ROLLUP.match, headers))


def drop_rollups(pasted: Pasted) -> list[FormatError]:
    """Drop totals among the regions of a text; return an error for each."""
    errors = []
    kept = []
    is_total = False
    for number, line in enumerate(pasted.text.split(b"\n"), 1):
        if ROLLUP.match(line):
            is_total = True
            place = pasted.place(number, line.index(MARK) + 1)
            errors.append(FormatError(NO_REGION, *place))
        elif not is_counter(line):
            is_total = False
        if not is_total:
            kept.append(number)
    if errors:
        pasted.keep(kept)
    return errors


def read_rollups(pasted: Pasted, *, strict: bool) -> list[Snapshot]:
    """Return the totals of each process in a text.

    A bad line is passed over, and a note counts such lines; with `strict` it raises
    FormatError.
    """
    begun = False
    found = [_Rollup()]
    lines = pasted.text.removesuffix(b"\n").split(b"\n")
    for number, line in enumerate(lines, 1):
        if ROLLUP.match(line):
            found += [_Rollup()] * begun
            begun = True
            continue
        try:
            found[-1].read(line, begun=begun)
        except BadLineError as bad:
            error = FormatError(bad.what, *pasted.place(number, bad.column))
            if strict:
                raise error from None
            found[-1].bad.append(error)
    return [rollup.snapshot() for rollup in found]


class _Rollup:
    """The counters of one process, and the lines that are none."""

    def __init__(self) -> None:
        self.counters: dict[str, int] = {}
        self.bad: list[FormatError] = []

    def read(self, line: bytes, *, begun: bool) -> None:
        """Read the line of a counter.  Raises BadLineError."""
        refuse_nul(line)
        if not begun:
            raise BadLineError("the first line of smaps_rollup", 1)
        key, colon, value = line.partition(b":")
        if not is_counter(line) or not colon:
            raise BadLineError("a counter of smaps_rollup", 1)
        read = read_value(key, value, len(key) + 2)
        if read is not None and isinstance(read[2], int):
            self.counters[read[0]] = read[2]

    def snapshot(self) -> Snapshot:
        """Return what was read."""
        reading = Reading(None, "rollup")
        reading.total_rss_kb = self._sum("rss_kb")
        reading.totals = {name: self._sum(*SUMS.get(name, ())) for name, _ in TOTALS}
        notes = (noted.bad_line(len(self.bad), self.bad[0]),) if self.bad else ()
        return Snapshot(make_table([], (), notes, live=False), reading)

    def _sum(self, *names: str) -> int | None:
        """Return the sum of these counters; None if one is missing."""
        if not names or not self.counters.keys() >= {*names}:
            return None
        return sum(self.counters[name] for name in names)
