"""What a recording has of the owners and regions of one process at one time."""

from __future__ import annotations

from memc.files.recording.chain import Chain
from memc.files.recording.moment import Moment
from memc.files.recording.past import Past
from memc.human.units import safe
from memc.top.holding import Regions
from memc.top.moment import Details, Owner
from memc.top.replay_lines import rate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.files.recording.known import RecordedProcess
    from memc.files.recording.reader import Reader
    from memc.files.recording.spans import Gap, Segment, Spans

__all__ = ["Detailed"]

MS_PER_S = 1000
POINTS, STEP_MS = 15, 20_000  # of the history of an owner: five minutes
NO_OWNERS = (
    "its owners were not recorded until then (memc record reads them unless --duty 0)"
)
NO_REGIONS = (
    "its regions were not recorded until then (memc record --regions keeps them)"
)


class Detailed:
    """Reads details; those of the process that was asked for last are kept."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._about: object = None
        self._last = Details()
        self._chain = Chain(reader)

    def of(
        self,
        spans: Spans,
        t_ms: int,
        found: tuple[Segment, int] | Gap | None,
        process: RecordedProcess | None,
    ) -> Details:
        """Return the details of a process at a time; `found` is what was seen then."""
        if not isinstance(found, tuple):
            return Details(note="nothing was recorded at this time")
        if process is None:
            return Details(note="it had ended, or had not begun")
        about = process.id, process.last_ms, t_ms, found
        if about != self._about:
            moment = Moment(self._reader, t_ms, *found)
            self._last = self._read(spans, moment, process)
            self._about = about
        return self._last

    def _read(self, spans: Spans, moment: Moment, process: RecordedProcess) -> Details:
        made = Details()
        read_ms, held = moment.owners(process)
        past = Past(self._reader, spans, moment.t_ms, POINTS, STEP_MS)
        histories = past.owners(process.id) if held else {}
        for holding in held:
            history = histories.get(holding.number, [])
            name = safe(holding.name)
            line = Owner(name=name, rss_kb=holding.rss_kb, swap_kb=holding.swap_kb)
            line.history, line.rate_kb_min = history, rate(history, STEP_MS)
            made.owners.append(line)
        frame = moment.frame(process, self._chain)
        if frame is not None:
            made.regions = Regions(frame)
            read_ms = max(read_ms, frame.timestamp_ms or 0)
        made.owners.sort(key=lambda owner: -(owner.rss_kb or 0))
        if not held:
            made.note = NO_OWNERS
        if frame is None:
            made.no_regions = NO_REGIONS
        if read_ms:
            made.age_s = max(moment.t_ms - read_ms, 0) / MS_PER_S
        return made
