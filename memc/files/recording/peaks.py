"""The largest amounts between two times of a recording, of processes and of sums.

An amount changes at ticks only, and holds until the next row or the end of the process:
so the largest one is at the begin, or in a row.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

    from memc.files.recording.known import RecordedProcess
    from memc.files.recording.reader import Reader
    from memc.files.recording.spans import Segment

__all__ = ["COLUMNS", "Between"]

# The amounts that a recording has of each process, as limits name them.
COLUMNS = {"rss": "rss_kb", "swap": "swap_kb", "size": "vsize_kb"}


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

    def largest(self, what: str) -> dict[int, tuple[int, int]]:
        """Return the largest amount of each process by its number, and when it was."""
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
        begin: dict[int, int],
        members: Collection[RecordedProcess],
    ) -> tuple[int, dict[int, int]]:
        """Return when the sum over some processes was largest, and what each had.

        `begin` has what each had at the begin, by its number.
        """
        mine = {process.id: process for process in members}
        sql = f"""select t_ms, process, {COLUMNS[what]} from _usage
            where segment=? and t_ms between ? and ?"""
        steps = [row for row in self._rows(sql) if row[1] in mine]
        steps += [
            (process.last_ms, number, None)
            for number, process in mine.items()
            if process.last_ms is not None
            and self.begin_ms < process.last_ms <= self.end_ms
        ]
        now = {number: kb for number, kb in begin.items() if number in mine}
        total = sum(now.values())
        best, best_ms, most = total, self.begin_ms, dict(now)
        # What a process ended with goes before what another begins with.
        steps.sort(key=lambda step: (step[0], step[2] is not None))
        for at, (t_ms, number, kb) in enumerate(steps):
            total += (kb or 0) - now.pop(number, 0)
            if kb is not None:
                now[number] = kb
            is_last = at + 1 == len(steps) or steps[at + 1][0] != t_ms
            if is_last and total > best:
                best, best_ms, most = total, t_ms, dict(now)
        return best_ms, most
