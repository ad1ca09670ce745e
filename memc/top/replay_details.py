"""What a recording has of the owners and regions of one process at one time."""

from __future__ import annotations

from memc.files.recording.chain import Chain
from memc.files.recording.moment import Moment
from memc.files.recording.past import Past
from memc.human.units import safe
from memc.owners import owners
from memc.top.moment import Details, Owner, Region
from memc.top.replay_lines import POINTS, STEP_MS, rate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.files.recording.known import RecordedProcess
    from memc.files.recording.reader import Reader
    from memc.files.recording.spans import Gap, Segment, Spans
    from memc.table.snapshot import Snapshot

__all__ = ["Detailed"]

MS_PER_S = 1000
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
        self._frame: Snapshot | None = None
        self._regions: list[Region] = []

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
            line.history, line.rate_kb_min = history, rate(history)
            made.owners.append(line)
        frame = moment.frame(process, self._chain)
        if frame is not None:
            made.regions = self._regions_in(frame)
            read_ms = max(read_ms, frame.timestamp_ms or 0)
        made.owners.sort(key=lambda owner: -(owner.rss_kb or 0))
        if not held:
            made.note = NO_OWNERS
        elif frame is None:
            made.note = NO_REGIONS
        if read_ms:
            made.age_s = max(moment.t_ms - read_ms, 0) / MS_PER_S
        return made

    def _regions_in(self, frame: Snapshot) -> list[Region]:
        if frame is not self._frame:
            self._regions, self._frame = regions_of(frame), frame
        return self._regions


def regions_of(snap: Snapshot) -> list[Region]:
    """Return the regions of a snapshot as a view shows them."""
    columns = snap.columns
    count = len(snap)
    nothing = [None] * count
    return [
        Region(
            start=start,
            end=end,
            perms=perms,
            pathname=safe(path),
            owner=safe(f"{owner.owner}{'?' * owner.guess}"),
            rss_kb=rss_kb,
            swap_kb=swap_kb,
        )
        for start, end, perms, path, owner, rss_kb, swap_kb in zip(
            columns["start"],
            columns["end"],
            columns["perm"],
            columns["pathname"],
            owners(snap),
            columns.get("rss_kb", nothing),
            columns.get("swap_kb", nothing),
            strict=True,
        )
    ]
