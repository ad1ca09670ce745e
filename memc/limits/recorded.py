"""What a gate reads of a recording: the largest amounts, and how they grew.

Without a span, limits judge the state at one time, and growth is that of the whole
recording.  In a span, they judge the largest amount of each process, or of each sum.
"""

from __future__ import annotations

from memc.files.recording.peaks import COLUMNS, WITH_HUGETLB
from memc.files.recording.times import show_time
from memc.human.counts import counted_processes
from memc.limits.figures import figure
from memc.table.snapshot import Snapshot
from memc.targets.recorded import OWNERS, WHOLE, Recorded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.files.recording.known import RecordedProcess
    from memc.files.recording.peaks import Amount, Between
    from memc.limits.troubles import Troubles
    from memc.table.snapshot import Process
    from memc.targets.choice import Choice
    from memc.targets.target import Found, Target

__all__ = ["RecordedReading"]


class Peaks:
    """The largest amounts of a process in a span.

    `at_ms` is when it had each, as limits name them, and `begin_kb` what it had at the
    begin; `known` is the process in the recording.
    """

    __slots__ = ("at_ms", "begin_kb", "known")

    def __init__(self, known: RecordedProcess, begin_kb: dict[str, Amount]) -> None:
        self.known = known
        self.begin_kb = begin_kb
        self.at_ms: dict[str, int] = {}

    def at_begin(self, what: str) -> dict[int, Amount]:
        """Return an amount at the begin by the number of the process, if it had any."""
        amount = self.begin_kb.get(what)
        return {} if amount is None else {self.known.id: amount}


class RecordedReading:
    """A recording that limits judge.  Raises MemcError if it cannot be read."""

    def __init__(
        self, path: str, choice: Choice, troubles: Troubles, *, of_regions: bool
    ) -> None:
        self.recorded = Recorded(path, choice)
        self.is_span = bool(choice.begin or choice.end)
        self._choice = choice
        self._troubles = troubles
        self._kind = OWNERS if of_regions else WHOLE
        self._of: dict[Target, Peaks] = {}
        self._between: Between | None = None

    def ends(self) -> tuple[list[Target], list[Target]]:
        """Return the processes at the begin and at the end of the span."""
        begin_ms, end_ms = self.recorded.span()
        first = self.recorded.found(begin_ms, self._kind)
        last = self.recorded.found(end_ms, self._kind)
        self._note(last)
        return _own(first.targets), _own(last.targets)

    def state(self) -> list[Target]:
        """Return the processes at the time that is meant; in a span, at their peaks."""
        if self.is_span:
            return self._peaks()
        found = self.recorded.found(self.recorded.time(), self._kind)
        self._note(found)
        return _own(found.targets)

    def _note(self, found: Found) -> None:
        self._troubles.note(found, set())
        if found.untold:
            who = counted_processes(len(found.untold))
            words = f"no owners were recorded of {who}"
            self._troubles.add(f"{self.recorded.path}: {words}", None)

    def _peaks(self) -> list[Target]:
        """Return the processes that lived in the span, with their largest amounts."""
        begin_ms, end_ms = self.recorded.span()
        self.recorded.all_at(end_ms)  # it must have been seen
        begin = {p.id: _amounts(told) for p, told in self.recorded.all_at(begin_ms)}
        between = self._between_ends()
        largest = {what: between.largest(what) for what in COLUMNS}
        has_huge = {number for _, number, _ in between.huge()} | {
            number for number, told in begin.items() if told.get("rss", (0, 0))[1]
        }
        found = []
        for known, target in self.recorded.lived({*begin, *between.processes()}):
            peaks = Peaks(known, begin.get(known.id, {}))
            for what in COLUMNS:
                then, now = peaks.begin_kb.get(what), largest[what].get(known.id)
                if what == WITH_HUGETLB and known.id in has_huge:
                    at_begin = peaks.at_begin(what)
                    at_ms, of = between.peak_of_sum(what, at_begin, [known])
                    most = of[known.id]
                elif then is not None and (now is None or now[0] <= then[0]):
                    most, at_ms = then, begin_ms
                elif now is not None:
                    most, at_ms = (now[0], 0), now[1]
                else:
                    continue
                _set(target, what, most)
                peaks.at_ms[what] = at_ms
            if figure(target.table, "size"):
                self._of[target] = peaks
                found.append(target)
        span = f"from {show_time(begin_ms)} to {show_time(end_ms)}"
        self._tell_missing(found, span)
        return found

    def _between_ends(self) -> Between:
        if self._between is None:
            span = self.recorded.span()
            self._between = self.recorded.recording.between(*span)
        return self._between

    def _tell_missing(self, found: list[Target], span: str) -> None:
        there = {target.pid for target in found}
        for pid in () if self._choice.has_tests() else self._choice.pids:
            if pid not in there:
                words = f"process {pid} did not live {span}"
                self._troubles.add(f"{self.recorded.path}: {words}", pid)

    def peak_ms(self, target: Target, what: str) -> int | None:
        """Return when a process had its largest amount; None if nobody asked."""
        peaks = self._of.get(target)
        return None if peaks is None else peaks.at_ms.get(what)

    def at_peak(self, members: list[Target], what: str) -> tuple[int, list[Target]]:
        """Return when a sum was largest, and the processes with what each had then."""
        of = {target: self._of[target] for target in members}
        begin: dict[int, Amount] = {}
        for peaks in of.values():
            begin |= peaks.at_begin(what)
        known = [peaks.known for peaks in of.values()]
        at_ms, most = self._between_ends().peak_of_sum(what, begin, known)
        there = [target for target in members if of[target].known.id in most]
        for target in there:
            _set(target, what, most[of[target].known.id])
        return at_ms, there


def _own(targets: list[Target]) -> list[Target]:
    """Return the processes with memory that no other one counts."""
    return [target for target in targets if target.same_memory_as is None]


def _amounts(told: Process) -> dict[str, Amount]:
    snap = told.snapshot
    amounts = {
        "rss": (snap.total_rss_kb, snap.totals.get("hugetlb_kb") or 0),
        "swap": (snap.totals.get("swap_kb"), 0),
        "size": (snap.total_vsize_kb, 0),
    }
    return {what: (kb, huge) for what, (kb, huge) in amounts.items() if kb is not None}


def _set(target: Target, what: str, amount: Amount) -> None:
    """Set an amount of a process, by the name that limits have for it."""
    kb, huge = amount
    snap = target.table
    if not isinstance(snap, Snapshot):
        raise TypeError(f"{target}: no totals")
    if what == "rss":
        snap.total_rss_kb = kb
        snap.totals["hugetlb_kb"] = huge or None
    elif what == "size":
        snap.total_vsize_kb = kb
    else:
        snap.totals[f"{what}_kb"] = kb
