"""The processes of a recording at one time, as targets like those of any file.

A recording tells the amounts of whole processes, the sums of their owners, which are
older, and regions where somebody asked for them: each is a target of its own kind.
"""

from __future__ import annotations

from memc.errors import MemcError, ProcessGone
from memc.files.recording.recording import Recording
from memc.files.recording.times import show_time
from memc.proc.rights import words_of
from memc.table.build import table
from memc.table.snapshot import Process, Reading, Snapshot
from memc.targets.descent import descendants
from memc.targets.facts import facts_of
from memc.targets.meant import is_meant
from memc.targets.recorded_owners import OwnersTarget
from memc.targets.target import Found, Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from memc.files.recording.holding import Holding
    from memc.files.recording.known import RecordedProcess
    from memc.files.recording.moment import Moment
    from memc.targets.choice import Choice

__all__ = ["BEST", "EACH", "OWNERS", "REGIONS", "WHOLE", "Recorded"]

# What targets are: whole processes, their owners, their regions; or owners if all
# processes have them, or for each process that has them.
WHOLE, OWNERS, REGIONS, BEST = "whole", "owners", "regions", "best"
EACH = "each"
TICKS = "select distinct t_ms from tick where t_ms between ? and ? order by t_ms"
TIMEOUT_S = 600


class Recorded:
    """A recording, and which of its processes are meant.

    Raises MemcError if the file is no recording or cannot be opened.
    """

    def __init__(self, path: str, choice: Choice) -> None:
        self.path = path
        self._choice = choice
        self._told: list[set[int]] | None = None
        try:
            self.recording = Recording(path)
        except OSError as error:
            raise MemcError(f"{path}: {words_of(error)}") from None

    def time(self) -> int:
        """Return the time that is meant, or that of the end."""
        return self._ms(self._choice.at or self._choice.end, self.recording.end_ms)

    def span(self) -> tuple[int, int]:
        """Return the begin and the end that are meant, or those of the recording.

        Raises MemcError if the end is not later.
        """
        recording, choice = self.recording, self._choice
        begin_ms = self._ms(choice.begin, recording.begin_ms)
        end_ms = self._ms(choice.end, recording.end_ms)
        if end_ms <= begin_ms:
            span = f"from {show_time(begin_ms)} to {show_time(end_ms)}"
            raise MemcError(f"{self.path}: {span}: the end is not later than the begin")
        return begin_ms, end_ms

    def ticks(self, begin_ms: int, end_ms: int, every_ms: int = 1) -> list[int]:
        """Return the times of a span at which the recorder looked, `every_ms` apart.

        The first and the last are always among them.
        """
        found = self.recording.sql(TICKS, (begin_ms, end_ms), timeout_s=TIMEOUT_S)
        times = [row[0] for row in found if isinstance(row[0], int)]
        kept: list[int] = []
        for t_ms in times:
            if not kept or t_ms - kept[-1] >= every_ms or t_ms == times[-1]:
                kept.append(t_ms)
        return kept

    def _ms(self, text: str | None, otherwise_ms: int) -> int:
        if text is None:
            return otherwise_ms
        try:
            return self.recording.to_ms(text)
        except ValueError as error:
            raise MemcError(f"{self.path}: {error}") from None

    def found(self, t_ms: int, kind: str) -> Found:
        """Return the processes of a time; `kind` is one of the five above.

        Those of which owners or regions are not known are left out, and `untold` counts
        them.  Raises MemcError if nothing was recorded then.
        """
        found = Found()
        moment = self.recording.at(t_ms)
        found.moments.append((self.path, moment.as_of_ms))
        meant = self._meant(moment)
        there = {process.pid for _, process in meant}
        for pid in dict.fromkeys((*self._choice.pids, *self._choice.trees)):
            if pid not in there:
                found.errors += self.why_not(moment, pid)
        if kind == EACH:
            found.targets += self._each(moment, meant)
            return found
        targets = [self._target(moment, *who, kind) for who in meant]
        if kind == BEST and None in targets:
            targets = [self._target(moment, *who, WHOLE) for who in meant]
        for target, (_, process) in zip(targets, meant, strict=True):
            if target is None:
                found.untold.append(self._made(process.snapshot, process))
            else:
                found.targets.append(target)
        return found

    def _each(
        self, moment: Moment, meant: list[tuple[RecordedProcess, Process]]
    ) -> list[Target]:
        """Return a target for each process, with owners or regions if it has them."""
        if self._told is None:
            self._told = [self.recording.known_by(t) for t in ("_frame", "_held")]
        framed, owned = self._told
        held = moment.all_owners()
        targets = []
        for known, process in meant:
            whole = self._made(process.snapshot, process)
            target: Target | None = None
            some = held.get(known.id)
            if known.id in framed or (some is None and known.id in owned):
                target = self._target(moment, known, process, OWNERS)
            elif some is not None:
                target = OwnersTarget.of(whole, some, max(h.t_ms for h in some))
            targets.append(target or whole)
        return targets

    def targets(self, t_ms: int, kind: str) -> list[Target]:
        """Return the targets of a time; none if nothing was recorded then."""
        try:
            return self.found(t_ms, kind).targets
        except MemcError:
            return []

    def lived(self, numbers: Collection[int]) -> list[tuple[RecordedProcess, Target]]:
        """Return those of some processes that are chosen, without any amounts."""
        known = [p for p in self.recording.processes() if p.id in numbers]
        return [
            (process, self._made(told.snapshot, told))
            for process, told in self._chosen([(p, _blank(p)) for p in known])
        ]

    def all_at(self, t_ms: int) -> list[tuple[RecordedProcess, Process]]:
        """Return all processes of a time.  Raises MemcError if nothing was seen."""
        return self.recording.at(t_ms).living()

    def meant(self, moment: Moment) -> list[tuple[RecordedProcess, Target]]:
        """Return the processes with memory that are chosen, with their amounts."""
        return [
            (known, self._made(process.snapshot, process))
            for known, process in self._meant(moment)
        ]

    def _meant(self, moment: Moment) -> list[tuple[RecordedProcess, Process]]:
        """Return the processes with memory that are chosen."""
        return [
            one for one in self._chosen(moment.living()) if _has_memory(one[1].snapshot)
        ]

    def _chosen(
        self, processes: list[tuple[RecordedProcess, Process]]
    ) -> list[tuple[RecordedProcess, Process]]:
        choice = self._choice
        known = [process for process, _ in processes]
        parents = ((process.pid, process.ppid) for process in known)
        named = set(choice.pids) | descendants(choice.trees, parents)
        is_any = choice.every or not (choice.pids or choice.trees)
        return [
            (process, told)
            for process, told in processes
            if (is_any or process.pid in named) and is_meant(choice, told)
        ]

    def why_not(self, moment: Moment, pid: int) -> list[MemcError]:
        """Return why there is no such process; nothing if a test left it out."""
        try:
            snap = moment.snapshot(pid, detail="totals")
        except ProcessGone as error:
            return [error]
        if _has_memory(snap):
            return []
        words = "it had no memory: it was a kernel thread, or had ended (a zombie)"
        return [MemcError(f"{self.path}: process {pid} {snap.name}: {words}")]

    def _target(
        self, moment: Moment, known: RecordedProcess, process: Process, kind: str
    ) -> Target | None:
        snap = process.snapshot
        made = self._made(snap, process)
        if kind == WHOLE:
            return made
        held: list[Holding] = []
        read_ms = 0
        if kind != REGIONS:
            read_ms, held = moment.owners(known)
        frame = moment.frame(known)
        if frame is not None and (frame.timestamp_ms or 0) >= read_ms:
            return self._made(frame, process)
        return OwnersTarget.of(made, held, read_ms) if held else None

    def _made(self, snap: Snapshot, process: Process) -> Target:
        made = self.like(process, snap)
        made.facts = facts_of(process)
        return made

    def like(self, who: Process | Target, snap: Snapshot) -> Target:
        """Return a target of this process with another snapshot."""
        made = Target(
            snap, who.pid, who.name, proc="", file=self.path, started=who.started
        )
        made.is_recorded = True
        if isinstance(who, Target):
            made.facts = who.facts
        return made


def _has_memory(snap: Snapshot) -> bool:
    """Tell whether a process had memory: kernel threads and zombies have none."""
    return bool(snap.total_vsize_kb) or snap.same_memory_as is not None


def _blank(known: RecordedProcess) -> Process:
    """Return a process of which no amount is known yet."""
    reading = Reading(known.pid, "totals")
    reading.name, reading.started = known.name, known.start_ticks
    reading.totals = dict.fromkeys(("swap_kb", "hugetlb_kb"))
    return Process(
        known.pid,
        known.name,
        Snapshot(table(0, {}), reading),
        uid=known.uid,
        started=known.start_ticks,
        cgroup=known.cgroup,
        cmdline=known.cmdline,
    )
