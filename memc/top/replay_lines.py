"""The lines of a moment of a recording."""

from __future__ import annotations

from memc.cgroups.paths import place_of
from memc.files.recording.past import Past, before, faults, sums
from memc.files.recording.snaps import besides
from memc.human.units import safe
from memc.human.users import user_name
from memc.record.followed import ZOMBIE
from memc.targets.descent import descendants
from memc.targets.meant import is_meant
from memc.top.moment import POINTS, STEP_MS, Line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.files.recording.known import RecordedProcess
    from memc.files.recording.moment import Living, Moment
    from memc.files.recording.reader import Reader
    from memc.files.recording.spans import Segment, Spans
    from memc.targets.choice import Choice

__all__ = ["Lines", "passed_ms", "rate"]

MINUTE_MS = 60_000
MS_PER_S = 1000


class Lines:
    """Makes lines, of the processes that a choice means; None means all.

    `known` has the process of each line by its key, when it was made last.
    """

    def __init__(self, reader: Reader, choice: Choice | None) -> None:
        self._reader = reader
        self._choice = choice
        self._facts: dict[tuple[int, str], dict[str, str]] = {}
        self._meant: dict[int, bool] = {}
        self._keys: dict[tuple[str, int, int], int] = {}
        self.known: dict[int, RecordedProcess] = {}

    def make(
        self, spans: Spans, moment: Moment, warnings: dict[int, str]
    ) -> list[Line]:
        """Return the lines of a moment; `warnings` are those of processes."""
        alive = self._chosen(moment.alive())
        numbers = [process.id for process, _ in alive]
        past = Past(self._reader, spans, moment.t_ms, POINTS, STEP_MS).rss(numbers)
        tick = moment.segment, moment.as_of_ms
        per_s = self._faults(spans, tick, alive)
        held = sums(self._reader, tick)
        told = besides(self._reader, moment.segment.id, moment.as_of_ms)
        self.known = {}
        made = []
        for process, usage in alive:
            _, rss, vsize, anon, file, shmem, swap, threads, state, _, _ = usage
            history = past.get(process.id) or []
            uss, regions = held.get(process.id, (None, None))
            same_as = told[process.id][-1][2] if process.id in told else None
            key = self._key(process)
            self.known[key] = process
            made.append(
                Line(
                    key=key,
                    pid=process.pid,
                    ppid=process.ppid or 0,
                    state=state or "",
                    threads=threads or 0,
                    rss_kb=rss,
                    anon_kb=anon,
                    file_kb=file,
                    shmem_kb=shmem,
                    swap_kb=swap,
                    uss_kb=uss,
                    faults_s=per_s.get(process.id),
                    rate_kb_min=rate(history, STEP_MS),
                    regions=regions,
                    history=history,
                    warning=warnings.get(process.id, ""),
                    is_kernel=not vsize and same_as is None and state not in ZOMBIE,
                    same_as=same_as,
                    **self._texts(process),  # type: ignore[arg-type] # they are str
                )
            )
        return made

    def _chosen(self, alive: Living) -> Living:
        choice = self._choice
        if choice is None:
            return alive
        parents = ((process.pid, process.ppid) for process, _ in alive)
        named = {*choice.pids} | descendants(choice.trees, parents)
        is_any = choice.every or not (choice.pids or choice.trees)
        return [
            one
            for one in alive
            if (is_any or one[0].pid in named) and self._is_meant(choice, one[0])
        ]

    def _is_meant(self, choice: Choice, process: RecordedProcess) -> bool:
        if process.id not in self._meant:
            self._meant[process.id] = is_meant(choice, process)
        return self._meant[process.id]

    def _key(self, process: RecordedProcess) -> int:
        """Return the key of a process, which is the same for all its programs."""
        who = process.boot, process.pid, process.start_ticks
        return self._keys.setdefault(who, process.id)

    def _texts(self, process: RecordedProcess) -> dict[str, str]:
        """Return what a process is called, and where it belongs."""
        about = process.id, process.name
        if about not in self._facts:
            place = place_of([process.cgroup or ""])
            name = safe(process.name)
            self._facts[about] = {
                "name": name,
                "cmdline": safe(process.cmdline or ""),
                "user": "" if process.uid is None else safe(user_name(process.uid)),
                "cgroup": safe(process.cgroup or ""),
                "container": safe(place.container or ""),
                "service": safe(place.service or "") or name,
            }
        return self._facts[about]

    def _faults(
        self, spans: Spans, tick: tuple[Segment, int], alive: Living
    ) -> dict[int, float]:
        """Return how many page faults processes had in a second since the last tick."""
        last = before(self._reader, spans, *tick)
        passed_s = passed_ms(last, tick) / MS_PER_S if last is not None else 0
        if last is None or passed_s <= 0:
            return {}
        then = faults(self._reader, last, [process.id for process, _ in alive])
        found = {}
        for process, usage in alive:
            minor, major = usage[-2:]
            if minor is not None and process.id in then:
                since = minor + (major or 0) - then[process.id]
                found[process.id] = max(since, 0) / passed_s
        return found


def passed_ms(one: tuple[Segment, int], other: tuple[Segment, int]) -> int:
    """Return how long it was from one tick to another, whatever the clock did."""
    return other[0].since_boot_ms(other[1]) - one[0].since_boot_ms(one[1])


def rate(history: list[int | None], step_ms: int) -> float | None:
    """Return how much an amount grows in a minute, from the first that is known."""
    known = [at for at, kb in enumerate(history) if kb is not None]
    if len(known) < 2 or history[-1] is None:
        return None
    first = history[known[0]] or 0
    minutes = (len(history) - 1 - known[0]) * step_ms / MINUTE_MS
    return (history[-1] - first) / minutes
