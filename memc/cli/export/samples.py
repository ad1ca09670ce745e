"""The samples that ``memc export`` writes: of live processes, and of files."""

from __future__ import annotations

import os
import time

from memc.cli.common.choose import read_all, tell_found
from memc.cli.common.telling import nobody, tell_skipped
from memc.cli.output import counted, say
from memc.errors import MemcError
from memc.export.sample import Sample
from memc.files.signals import HeldSignals
from memc.sampling.schedule import Schedule
from memc.targets.read_files import found_samples
from memc.targets.target import Found

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Generator, Iterator

    from memc.table.snapshot import Skipped
    from memc.targets.choice import Choice

__all__ = ["BY", "Samples"]

BY = "user,cgroup,owner"  # whose facts are read of each process
NEEDS = ("uid", "cgroup")
NS_PER_MS = 1_000_000


class Samples:
    """Iteration gives the samples.  `status` is 1 if something named was not read.

    Raises MemcError if there is no process in any of them.
    """

    def __init__(self, args: argparse.Namespace, choice: Choice) -> None:
        self._args = args
        self._choice = choice
        self._skipped: list[Skipped] = []
        self._told: set[str] = set()
        self.status = 0
        self._has_any = False

    def __iter__(self) -> Generator[Sample]:
        """Read one sample after the other."""
        choice = self._choice
        if choice.names_live():
            yield from self._live(choice.without("paths"))
        for path in dict.fromkeys(choice.paths):
            if path in choice.recordings:
                yield from self._recorded(path)
            else:
                yield from self._file(path)
        if not self._has_any and not self.status:
            raise nobody(choice, self._skipped)
        tell_skipped(self._skipped, choice.proc)

    def _sample(self, found: Found, path: str = "") -> Iterator[Sample]:
        for target in found.targets:
            if not target.is_sum:  # read the stack pointers of live processes now
                target.find_owners()
        if found.errors:
            self.status = 1
        if found.targets:
            self._has_any = True
            yield Sample(found.targets, _time_of(path))

    def _tell(self, found: Found) -> None:
        """Print notes on a file that were not printed for a sample before."""
        told = found.notes
        found.notes = [note for note in told if str(note) not in self._told]
        self._told |= {*map(str, told)}
        tell_found(found, "whole")

    # ---- Live processes --------------------------------------------------------------

    def _live(self, choice: Choice) -> Iterator[Sample]:
        count = 1 if self._args.count is None else self._args.count
        found = read_all(choice, self._args.detail, by=BY)
        self._skipped = found.skipped
        yield from self._sample(found)
        if count == 1 or not found.targets:
            return
        # Until the process ends, so that a signal ends the samples, not the file.
        signals = HeldSignals().hold()
        schedule = Schedule(self._args.interval)
        done = 1
        while done != count:
            schedule.advance()
            if schedule.wait(signals):
                return
            found = _again(choice, self._args.detail)
            if not found.targets and not found.skipped:
                say(f"the last process ended after {counted(done, 'sample')}")
                return
            yield from self._sample(found)
            done += 1

    # ---- Files -----------------------------------------------------------------------

    def _file(self, path: str) -> Iterator[Sample]:
        try:
            for found in found_samples(path, self._choice, NEEDS):
                self._tell(found)
                yield from self._sample(found, path)
        except MemcError as error:
            say(str(error))
            self.status = 1

    def _recorded(self, path: str) -> Iterator[Sample]:
        from memc.targets.recorded import EACH, Recorded

        recorded = Recorded(path, self._choice)
        with recorded.recording:
            if not (self._choice.begin or self._choice.end):
                found = recorded.found(recorded.time(), EACH)
                tell_found(found, EACH)
                yield from self._sample(found, path)
                return
            times = recorded.ticks(*recorded.span(), self._args.interval)
            if not times:
                raise MemcError(f"{path}: nothing was recorded in this span")
            seen: set[int | None] = set()
            for t_ms in times:
                found = Found()
                found.targets = recorded.targets(t_ms, EACH)
                seen |= {target.pid for target in found.targets}
                yield from self._sample(found, path)
            named = {*self._choice.pids, *self._choice.trees}
            for pid in sorted(named - seen):
                for error in recorded.why_not(recorded.recording.at(times[-1]), pid):
                    say(str(error))
                    self.status = 1


def _again(choice: Choice, detail: str) -> Found:
    """Read live processes once more, without what was said the first time."""
    from memc.read.options import Options
    from memc.targets.read import read

    found = read(choice, Options(detail, proc=choice.proc), needs=NEEDS)
    found.errors = []  # of processes that have ended
    return found


def _time_of(path: str) -> int:
    """Return the time in ms of what tells none: that of the file, or now."""
    try:
        if path and path != "-":
            return os.stat(path).st_mtime_ns // NS_PER_MS
    except OSError:
        pass
    return time.time_ns() // NS_PER_MS
