"""What grew in the span of a recording: processes and owners, with their course."""

from __future__ import annotations

from memc.errors import MemcError
from memc.human.units import safe
from memc.report.changes import ranked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from typing import Any

    from memc.files.recording.growth import Grew, Growth
    from memc.files.recording.known import RecordedProcess
    from memc.files.recording.recording import Recording

__all__ = ["grew", "owners_known_from"]

POINTS = 24
TOLD = 80  # per cent of RSS whose owners must have been read, to compare them


def grew(growth: Growth, top: int) -> list[dict[str, Any]]:
    """Return what grew most, then what shrank most, with amounts at even times."""
    rows = ranked(growth, lambda each: each.growth_kb, top)
    lines = growth.lines(POINTS) if rows else []
    return [_row(each, [line.get(_key(each)) for line in lines]) for each in rows]


def _key(each: Grew) -> int | str:
    return each.process.id if each.process is not None else each.owner or ""


def _row(each: Grew, points: list[int | None]) -> dict[str, Any]:
    rate = each.kb_per_hour
    return {
        "name": safe(each.name),
        "pid": None if each.process is None else each.process.pid,
        "owner": None if each.owner is None else safe(each.owner),
        "before_kb": each.before_kb,
        "after_kb": each.after_kb or 0,
        "per_hour_kb": None if rate is None else round(rate),
        "points": points,
    }


def owners_known_from(
    recording: Recording,
    begin_ms: int,
    end_ms: int,
    processes: Sequence[RecordedProcess],
) -> tuple[int, Collection[int]] | None:
    """Return from when owners can be compared, and of which processes.

    A recorder reads them one after the other: at its begin, none was read, and what is
    read first would seem to have grown.  Processes that began later count.  It is None
    if too few were read in the first half of the span.
    """
    among = {process.id for process in processes}
    for part in range(POINTS // 2 + 1):
        t_ms = begin_ms + (end_ms - begin_ms) * part // POINTS
        try:
            moment = recording.at(t_ms)
        except MemcError:  # a gap
            continue
        alive = {process.id: usage[1] or 0 for process, usage in moment.alive()}
        alive = {number: kb for number, kb in alive.items() if number in among}
        told = recording.growth(t_ms, end_ms, by="owner").told() & alive.keys()
        if sum(alive[number] for number in told) * 100 >= sum(alive.values()) * TOLD:
            later = {p.id for p in processes if p.first_ms > moment.as_of_ms}
            return t_ms, (told | later) - _untold_at(recording, end_ms)
    return None


def _untold_at(recording: Recording, t_ms: int) -> set[int]:
    """Return the processes that live at a time and whose owners are not told."""
    growth = recording.growth(t_ms, t_ms, by="owner")
    return {process.id for process in growth.after.processes()} - growth.told()
