"""What a gate reads: as much of the processes and files as the limits need."""

from __future__ import annotations

import os
import time

from memc.errors import MemcError
from memc.limits.figures import figure
from memc.limits.limits import GrowthLimit
from memc.limits.samples import both_samples, elapsed as between, unpaired
from memc.limits.troubles import ended, who
from memc.read.options import Options
from memc.targets.read import read
from memc.targets.twice import renamed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from memc.limits.grouped import Grouping
    from memc.limits.limits import AnyLimit
    from memc.limits.recorded import RecordedReading
    from memc.limits.troubles import Troubles
    from memc.read.backend import Backend
    from memc.targets.choice import Choice
    from memc.targets.target import Target

__all__ = ["Readings"]

MAPS, SMAPS, TOTALS, ROLLUP = "maps", "smaps", "totals", "rollup"
OF_SUMS = {"pss", "uss", "swap", "regions"}  # smaps_rollup alone tells these, or maps


class Readings:
    """The processes and files of a choice, read once or, for growth, twice.

    `before` are those of the first of two readings.  `renamed` has words about
    processes that may have called exec meanwhile, and `unpaired` about files with
    processes that are not in both of two samples.  What could not be read is among the
    troubles.
    """

    def __init__(
        self,
        choice: Choice,
        limits: Sequence[AnyLimit],
        reader: Backend,
        troubles: Troubles,
        grouping: Grouping | None,
    ) -> None:
        self.before: list[Target] = []
        self._elapsed_ns = 0  # between two readings of live processes
        self.renamed: list[str] = []
        self.unpaired: list[str] = []
        self._choice = choice
        self._limits = limits
        self._reader = reader
        self._troubles = troubles
        self._needs = grouping.needs if grouping else []
        self._of_regions = bool(grouping and grouping.of_regions)
        self._live: dict[str, list[Target]] = {}
        self._files: list[Target] = []
        self._states: list[Target] = []  # of recordings
        self._ends: list[Target] = []
        self.recordings: dict[str, RecordedReading] = {}

    def read(self, apart_s: float, *, total: bool) -> None:
        """Read; with `total`, the sum over all is to be judged.

        Raises MemcError if the root cannot be read.
        """
        details = dict.fromkeys(self._detail(limit.what) for limit in self._limits)
        growing = [x.what for x in self._limits if isinstance(x, GrowthLimit)]
        if growing and self._choice.names_live():
            self._wait(self._detail(growing[0]), apart_s)
        for detail in details:
            if detail not in self._live:
                self._live[detail] = self._read_live(detail)
        self._files = self._read_streams(total=total) if growing else self._read_files()
        for path in self._choice.recordings:
            self._read_recording(path, is_growing=bool(growing))

    def of(self, limit: AnyLimit) -> list[Target]:
        """Return what tells the figure of a limit, or the last of two readings."""
        recorded = self._ends if isinstance(limit, GrowthLimit) else self._states
        return [*self._live[self._detail(limit.what)], *self._files, *recorded]

    def _read_recording(self, path: str, *, is_growing: bool) -> None:
        """Read the state of a recording for limits on amounts, and both its ends."""
        from memc.limits.recorded import RecordedReading  # SQLite is dear

        try:
            reading = RecordedReading(
                path, self._choice, self._troubles, of_regions=self._of_regions
            )
            self.recordings[path] = reading
            if any(not isinstance(limit, GrowthLimit) for limit in self._limits):
                self._states += reading.state()
            if is_growing:
                first, last = reading.ends()
                self.before += first
                self._ends += last
                self.renamed += renamed(first, last)
        except MemcError as error:
            self._troubles.add(str(error), None)

    def peak_ms(self, target: Target, what: str) -> int | None:
        """Return when a process of a recording had most; None for one time only."""
        reading = self.recordings.get(target.file or "")
        return None if reading is None else reading.peak_ms(target, what)

    def at_peak(
        self, targets: list[Target], what: str
    ) -> tuple[int | None, list[Target]]:
        """Return when the sum over processes was largest, and those that lived then.

        For one time only, these are all processes, and the time is None.
        """
        for reading in self.recordings.values():
            if reading.is_span:  # then it is the only file
                return reading.at_peak(targets, what)
        return None, targets

    def first_of(self, target: Target, first: Target | None) -> Target | None:
        """Return the first reading of a pid, or None if it was of another process."""
        pid = target.pid
        if target.file is not None:
            return first if first and first.is_same(target) else None
        words = f"process {pid}: could not be read the first time"
        if first and not first.is_same(target):
            first, words = None, ended(pid)
        if first is None and pid in self._choice.pids:
            self._troubles.add(words, pid)
        return first

    def elapsed(self, before: list[Target], after: list[Target]) -> int:
        """Return the time between two readings; if it is not known, note it: 0."""
        file = next((target.file for target in (*before, *after)), None)
        if file is None:
            return self._elapsed_ns
        return between(file, before, after, self._troubles)

    def _detail(self, what: str) -> str:
        """Return the cheapest detail for a figure, or one that is read anyway."""
        if what == "regions":
            return MAPS
        needs = {limit.what for limit in self._limits}
        if self._of_regions:
            return MAPS if needs <= {"size", "regions"} else SMAPS
        if "swap" in needs:
            from memc.proc.swap import is_used

            if is_used(is_copy=self._choice.proc != "/proc"):
                return ROLLUP  # status leaves swapped shared memory out
        return ROLLUP if needs & {"pss", "uss"} else TOTALS

    def _wait(self, detail: str, apart_s: float) -> None:
        """Read a detail twice, `apart_s` seconds apart."""
        began_ns = time.monotonic_ns()
        self.before = self._read_live(detail)
        time.sleep(apart_s)
        self._elapsed_ns = time.monotonic_ns() - began_ns
        # Report only what cannot be read now.
        self._troubles.clear()
        self._live[detail] = self._read_live(detail)
        self.renamed += renamed(self.before, self._live[detail])

    def _pids_before(self) -> set[int | None]:
        """Return the pids of the first of two readings."""
        return {target.pid for target in self.before if target.file is None}

    def _read_live(self, detail: str) -> list[Target]:
        """Read the live processes of the choice, without memc itself."""
        if not self._choice.names_live():
            return []
        choice = self._choice.without("paths")
        # One by one: a reading of all at once leaves out a process without a statm.
        options = Options(detail, proc=choice.proc)
        found = read(
            choice,
            options,
            reader=self._reader,
            one_by_one=True,
            needs=self._needs,
            sums=detail == ROLLUP and {x.what for x in self._limits} <= OF_SUMS,
        )
        self._troubles.note(found, self._pids_before())
        return [
            target
            for target in found.targets
            if self._is_meant(target) and self._has_memory(target)
        ]

    def _read_files(self) -> list[Target]:
        choice = self._choice.without("pids", "trees", "recordings")
        choice.paths = self._paths()
        choice.every = False
        if not choice.paths:
            return []
        options = Options(MAPS, proc=choice.proc)
        found = read(choice, options, reader=self._reader, needs=self._needs)
        self._troubles.note(found, self._pids_before())
        return [target for target in found.targets if self._has_memory(target)]

    def _read_streams(self, *, total: bool) -> list[Target]:
        """Read the first and the last sample of each file; return those of the last."""
        found: list[Target] = []
        for path in self._paths():
            first, last = both_samples(path, self._choice, self._troubles)
            last = [target for target in last if self._has_memory(target)]
            found += last
            if first is not None:
                first = [target for target in first if self._has_memory(target)]
                self.before += first
                self.renamed += renamed(first, last)
                words = unpaired(path, first, last, total=total)
                self.unpaired += filter(None, [words])
        return found

    def _paths(self) -> list[str]:
        """Return the files that are no recordings, each once."""
        paths = dict.fromkeys(self._choice.paths)
        return [path for path in paths if path not in self._choice.recordings]

    def _is_meant(self, target: Target) -> bool:
        """Tell whether to judge a process: memc itself only if its pid was named."""
        mine = self._choice.proc == "/proc" and target.pid == os.getpid()
        return not mine or target.pid in self._choice.pids

    def _has_memory(self, target: Target) -> bool:
        """Tell whether a process has memory of its own.

        Kernel threads and zombies have none.

        If the user named the pid of such a process, that is an error.
        """
        table = target.table
        if target.same_memory_as is not None:  # it is judged there
            return False
        if len(table) or (getattr(table, "totals", {}) and figure(table, "size") != 0):
            return True
        if target.file is None and target.pid in self._choice.pids:
            from memc.proc.state import why_empty

            words = why_empty(target.pid, self._choice.proc)
            self._troubles.add(f"{who(target)}: {words}", target.pid)
        return False
