"""The samples in a recording: one a minute, and its regions once an hour."""

from __future__ import annotations

from memc.errors import MemcError
from memc.fleet.given import host_name
from memc.fleet.process import Process
from memc.fleet.sample import Key, Sample, check_time
from memc.targets.choice import Choice
from memc.targets.recorded import EACH, REGIONS, Recorded
from memc.targets.recorded_walk import Walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from memc.files.recording.carried import Framed
    from memc.files.recording.recording import Recording
    from memc.fleet.sample import Wanted
    from memc.targets.recorded_walk import Told

__all__ = ["EVERY_MS", "recorded"]

EVERY_MS = 60_000
HOUR_MS = 3_600_000  # how often regions are kept

TICKS = """select segment, min(t_ms) t_ms from tick group by segment, t_ms / ?
union select segment, max(t_ms) from tick where segment=(select max(segment) from tick)
order by 1, 2"""
MEMORY = "select total_kb from machine where segment=? and t_ms<=? order by t_ms desc"


def recorded(
    path: str, host: str | None, every_ms: int | None, wanted: Wanted
) -> Iterator[Sample]:
    """Yield the samples in a recording, as ``samples_of`` does."""
    found = Recorded(path, Choice())
    last_hour: dict[str, int] = {}
    done: set[int] = set()
    with found.recording as recording:
        processes = _Processes(found)
        runs = {segment.id: segment.run for segment in recording.segments}
        for number, t_ms in _ticks(recording, every_ms or EVERY_MS):
            run = runs.get(number)
            if run is None or t_ms in done:
                continue
            done.add(t_ms)
            key = Key(host or _host_of(run.host, path), run.boot, t_ms, None)
            check_time(t_ms, path)
            hour = t_ms // HOUR_MS
            has_regions = last_hour.get(run.boot) != hour
            last_hour[run.boot] = hour
            if not wanted(key, has_regions):
                continue
            sample = Sample(key, [])
            processes.fill(sample, has_regions=has_regions)
            sample.memory_kb = _memory_kb(recording, number, t_ms)
            yield sample


class _Processes:
    """The processes of a recording from time to time.

    What the owners in a frame have is kept until there is another: to find the owners
    of all regions takes most of the time.
    """

    def __init__(self, found: Recorded) -> None:
        self._found = found
        self._walk = Walk(found)
        self._framed: dict[int, tuple[Framed, Process]] = {}

    def fill(self, sample: Sample, *, has_regions: bool) -> None:
        """Add the processes of its time to a sample, with regions if it has them."""
        t_ms = sample.key.ts_ms
        sample.has_regions = has_regions
        every = self._walk.at(t_ms)
        if every is None:  # the clock was set back
            sample.targets = self._found.targets(t_ms, EACH)
            if has_regions:
                framed = self._found.targets(t_ms, REGIONS)
                sample.framed = [Process(target) for target in framed]
            return
        if has_regions:
            made = [self._walk.target(told) for told in every]
            sample.framed = [Process(target) for target in made if target is not None]
        found = (self._process(told) for told in every)
        sample.told = [one for one in found if one is not None]

    def _process(self, told: Told) -> Process | None:
        if told.frame is None:
            self._framed.pop(told.known.id, None)
            made = Process.recorded(told)
            return made if told.owners or told.whole.sources else None
        frame, before = self._framed.get(told.known.id, (None, None))
        if before is None or frame != told.frame:
            target = self._walk.target(told)
            if target is None or not target.sources:
                return None
            before = Process(target).again(told.whole)  # without its regions
            self._framed[told.known.id] = told.frame, before
        return before


def _ticks(recording: Recording, every_ms: int) -> list[tuple[int, int]]:
    found = recording.sql(TICKS, (every_ms,), timeout_s=600)
    return [(row[0], row[1]) for row in found]


def _memory_kb(recording: Recording, segment: int, t_ms: int) -> int | None:
    for row in recording.sql(f"{MEMORY} limit 1", (segment, t_ms)):
        return row[0] if isinstance(row[0], int) else None
    return None


def _host_of(told: str | None, path: str) -> str:
    try:
        return host_name(told or "")
    except ValueError:
        words = f"{path}: its host is {told!r}, which is no name for a folder"
        raise MemcError(f"{words}: give one with --host") from None
