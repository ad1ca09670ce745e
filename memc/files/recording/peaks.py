"""The largest amounts between two times of a recording, of processes and of sums.

An amount changes at ticks only, and holds until the next row or the end of the process:
so the largest one is at the begin, or in a row.  A segment begins with all rows.  ::

    rss     a  |----|--------|                    rows of _usage
    huge    a  |-------------|                    rows of _beside, which are few
    rss     b     |-------------|-----            ended
    sum        begin, and at each row
"""

from __future__ import annotations

from memc.files.recording.lives import ended_ms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import Any, TypeAlias

    from memc.files.recording.known import RecordedProcess
    from memc.files.recording.reader import Reader
    from memc.files.recording.spans import Segment

    # What a process has, and what it has in pages of hugetlb beside it; in kB.
    Amount: TypeAlias = tuple[int, int]
    # The time, which of the steps of one time goes first, the process (None: all), and
    # which of its two amounts is now so large (None: it has neither any more).
    Step: TypeAlias = tuple[int, int, int | None, int | None, int]

__all__ = ["COLUMNS", "WITH_HUGETLB", "Between"]

# The amounts that a recording has of each process, as limits name them.
COLUMNS = {"rss": "rss_kb", "swap": "swap_kb", "size": "vsize_kb"}
WITH_HUGETLB = "rss"
RESET, END, ROW = range(3)
OWN, HUGE = range(2)


class Between:
    """The rows of usage after `begin_ms`, until `end_ms`."""

    def __init__(
        self, reader: Reader, segments: list[Segment], begin_ms: int, end_ms: int
    ) -> None:
        self._reader = reader
        self._segments = [
            s for s in segments if s.end_ms > begin_ms and s.begin_ms <= end_ms
        ]
        self.begin_ms = begin_ms
        self.end_ms = end_ms
        self._known: dict[str, dict[int, list[Step]]] = {}

    def processes(self) -> set[int]:
        """Return the numbers of the processes that have a row."""
        sql = """select distinct process from _usage
            where segment=? and t_ms between ? and ?"""
        return {number for (number,) in self._rows(sql)}

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = []
        for segment in self._segments:
            values = segment.id, self.begin_ms + 1, self.end_ms
            found += self._reader.rows(sql, values)
        return found

    def huge(self) -> list[tuple[int, int, int]]:
        """Return the times, processes and amounts of what is in pages of hugetlb."""
        sql = """select t_ms, process, ifnull(hugetlb_kb, 0) from _beside
            where segment=? and t_ms between ? and ?"""
        rows = self._rows(sql)
        return rows if any(kb for _, _, kb in rows) else []

    def largest(self, what: str) -> dict[int, tuple[int, int]]:
        """Return the largest amount of each process by its number, and when it was.

        Pages of hugetlb are left out.
        """
        name = COLUMNS[what]
        sql = f"""select process, max({name}), t_ms from _usage
            where segment=? and t_ms between ? and ? group by process"""
        found: dict[int, tuple[int, int]] = {}
        for number, kb, t_ms in self._rows(sql):
            if kb is not None and kb > found.get(number, (-1, 0))[0]:
                found[number] = kb, t_ms
        return found

    def peak_of_sum(
        self,
        what: str,
        begin: Mapping[int, Amount],
        members: Collection[RecordedProcess],
    ) -> tuple[int, dict[int, Amount]]:
        """Return when the sum over some processes was largest, and what each had.

        `begin` has what each had at the begin, by its number.
        """
        steps = sorted(self._steps(what, members), key=lambda step: step[:2])
        now = {number: [*amount] for number, amount in begin.items()}
        total = sum(map(sum, now.values()))
        best, best_ms = total, self.begin_ms
        most = {number: (own, huge) for number, (own, huge) in now.items()}
        for at, (t_ms, _, number, slot, kb) in enumerate(steps):
            if number is None:
                now, total = {}, 0
            elif slot is None:
                total -= sum(now.pop(number, ()))
            else:
                amounts = now.setdefault(number, [0, 0])
                total += kb - amounts[slot]
                amounts[slot] = kb
            is_last = at + 1 == len(steps) or steps[at + 1][0] != t_ms
            if is_last and total > best:
                best, best_ms = total, t_ms
                most = {number: (own, huge) for number, (own, huge) in now.items()}
        return best_ms, most

    def _steps(self, what: str, members: Collection[RecordedProcess]) -> list[Step]:
        told = self._told(what)
        steps = [step for process in members for step in told.get(process.id, ())]
        steps += [
            (segment.begin_ms, RESET, None, None, 0)
            for segment in self._segments
            if segment.begin_ms > self.begin_ms
        ]
        of = {segment.id: segment for segment in self._segments}
        for process in members:
            last = of.get(process.last_segment or 0)
            end_ms = None if last is None else ended_ms(self._reader, last, process)
            if end_ms is not None and self.begin_ms < end_ms <= self.end_ms:
                steps.append((end_ms, END, process.id, None, 0))
        return steps

    def _told(self, what: str) -> dict[int, list[Step]]:
        """Return the rows of each process as steps; they are read once."""
        if what in self._known:
            return self._known[what]
        found = self._known[what] = {}
        sql = f"""select t_ms, process, {COLUMNS[what]} from _usage
            where segment=? and t_ms between ? and ?"""
        for t_ms, number, kb in self._rows(sql):
            gone: Step = t_ms, END, number, None, 0
            step: Step = gone if kb is None else (t_ms, ROW, number, OWN, kb)
            found.setdefault(number, []).append(step)
        for t_ms, number, kb in self.huge() if what == WITH_HUGETLB else ():
            found.setdefault(number, []).append((t_ms, ROW, number, HUGE, kb))
        return found
