"""How memory went in the span of a recording: lines, events, and times for the map."""

from __future__ import annotations

from memc.errors import MemcError
from memc.files.recording.told import facts_of, words_of
from memc.human.units import safe
from memc.report.parts import group_of, name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from memc.files.recording.course import Course
    from memc.files.recording.known import RecordedProcess
    from memc.files.recording.moment import Moment
    from memc.files.recording.recording import Recording
    from memc.report.document import Asked
    from memc.targets.target import Target

__all__ = [
    "LINES",
    "Lived",
    "course_of",
    "events",
    "gaps",
    "moments",
    "near",
    "owners_of",
    "series",
    "step_of",
]

LINES = 8  # and one for the others
POINTS = 1440
FEW_LIVES = 50  # each of more processes than that in one service is a short story
MAPS = 6
EVENTS = 300
GAPS = 500
OTHERS = "others"
S, MIN, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000
# In ms; the first that has not too many points.
STEPS = (
    *(each * S for each in (1, 2, 5, 10, 20, 30)),
    *(each * MIN for each in (1, 2, 5, 10, 15, 30)),
    *(each * HOUR for each in (1, 2, 3, 6, 12)),
)
# What matters most is told first, if there are too many events.
KINDS = ("oom", "over", "note", "under", "gap", "exec", "denied", "degraded")
FEW = ("ended", "started", "renamed")  # told only if there is room for all of them


class Lived:
    """A process of a span, with the most RSS that it had in it."""

    __slots__ = ("most_kb", "process", "target")

    def __init__(self, process: RecordedProcess, target: Target, most_kb: int) -> None:
        self.process = process
        self.target = target
        self.most_kb = most_kb


def step_of(begin_ms: int, end_ms: int, interval_ms: int) -> int:
    """Return the length of a step: there is a tick in each, and there are not many."""
    for step_ms in STEPS:
        count = end_ms // step_ms - begin_ms // step_ms + 1
        if count <= POINTS and step_ms >= interval_ms * 3 // 2:
            return step_ms
    days = -(-(end_ms - begin_ms) // (DAY * (POINTS - 1)))
    return max(days, -(-interval_ms * 3 // (2 * DAY)), 1) * DAY


def course_of(
    recording: Recording,
    lived: Sequence[Lived],
    asked: Asked,
    span: tuple[int, int],
    begins: Iterable[Moment],
) -> tuple[list[str], Course, int]:
    """Return the names of lines, how they went, and the length of a step.

    The lines are the first level of the map; that of processes if all are in one.
    `begins` are some times: what was large then, or in one process, has a line.
    """
    names = {one.process.id: group_of(one.target, asked.by) for one in lived}
    if len({*names.values()}) == 1 and len(names) <= FEW_LIVES:
        names = {one.process.id: name_of(one.target) for one in lived}
    picked = _largest(names, lived, begins)
    lines = {name: number for number, name in enumerate(picked)}
    of = {number: lines.get(name, len(lines)) for number, name in names.items()}
    intervals = [segment.run.interval_ms for segment in recording.segments]
    step_ms = step_of(*span, max(intervals, default=S))

    def tell(done: int, total: int) -> None:
        asked.tell(f"its course: part {done + 1:,} of {total:,}")

    course = recording.course(*span, step_ms, of, tell=tell)
    return [*picked, OTHERS][: len(course.kb)], course, step_ms


def owners_of(
    recording: Recording,
    process: RecordedProcess,
    span: tuple[int, int],
    course: Course,
    step_ms: int,
) -> tuple[list[str], list[list[int | None]]] | None:
    """Return names and lines of the owners of one process, None if none was read.

    `course` is that of the process: it tells when it was seen.
    """
    found: dict[str, dict[int, int]] = {}
    rows = recording.owners(process.pid, *span, step=step_ms / S)
    for row in rows.rows("t_ms", "process", "owner", "rss_kb"):
        if row.process == process.id and row.rss_kb is not None:
            found.setdefault(row.owner, {})[row.t_ms] = row.rss_kb
    if not found:
        return None
    first_ms = min(min(line) for line in found.values())
    seen = [
        (t_ms, kb is not None and t_ms >= first_ms)
        for t_ms, kb in zip(course.times_ms, course.kb[0], strict=True)
    ]
    order = sorted(found, key=lambda owner: (-max(found[owner].values()), owner))
    names = order[:LINES]
    if len(order) > LINES:
        rest = found[OTHERS] = {}
        names.append(OTHERS)
        for owner in order[LINES:]:
            for t_ms, kb in found[owner].items():
                rest[t_ms] = rest.get(t_ms, 0) + kb
    lines = [
        [found[name].get(t_ms, 0) if is_seen else None for t_ms, is_seen in seen]
        for name in names
    ]
    return names, lines


def _largest(
    names: Mapping[int, str], lived: Sequence[Lived], begins: Iterable[Moment]
) -> list[str]:
    """Return the names that had most at a time, or in one process at any time."""
    most: dict[str, int] = dict.fromkeys(names.values(), 0)
    for one in lived:
        name = names[one.process.id]
        most[name] = max(most[name], one.most_kb)
    for moment in begins:
        sums: dict[str, int] = {}
        for process, usage in moment.alive():
            if process.id in names:
                name = names[process.id]
                sums[name] = sums.get(name, 0) + (usage[1] or 0)
        for name, kb in sums.items():
            most[name] = max(most[name], kb)
    order = sorted(most, key=lambda name: (-most[name], name))
    return [name for name in order if most[name]][:LINES]


def series(
    names: Sequence[str],
    lines: list[list[int | None]],
    times: tuple[list[int], int],
    told: list[dict[str, Any]],
) -> dict[str, Any]:
    """Return lines, the begins and the length of steps, and events as one dict."""
    times_ms, step_ms = times
    return {
        "t_ms": times_ms,
        "step_ms": step_ms,
        "names": [*map(safe, names)],
        "kb": lines,
        "events": told,
    }


def moments(recording: Recording, begin_ms: int, end_ms: int) -> list[Moment]:
    """Return six times of a span, the begin and the end too, none in a gap."""
    found: list[Moment] = []
    for part in range(MAPS):
        t_ms = begin_ms + (end_ms - begin_ms) * part // (MAPS - 1)
        moment = near(recording, t_ms, (begin_ms, end_ms))
        seen = {one.as_of_ms for one in found}
        if moment is not None and moment.as_of_ms not in seen:
            found.append(moment)
    return found


def near(recording: Recording, t_ms: int, span: tuple[int, int]) -> Moment | None:
    """Return what was seen at a time, or at an end of the gap that it is in."""
    times = [t_ms]
    for gap in recording.gaps:
        if gap.begin_ms < t_ms < gap.end_ms:
            times += (gap.end_ms, gap.begin_ms)
    for each in times:
        try:
            if span[0] <= each <= span[1]:
                return recording.at(each)
        except MemcError:
            continue
    return None


def gaps(
    recording: Recording, begin_ms: int, end_ms: int
) -> tuple[list[tuple[int, int, str]], int]:
    """Return the gaps in a span, the longest of many; and how many are left out."""
    found = [
        (max(gap.begin_ms, begin_ms), min(gap.end_ms, end_ms), gap.why)
        for gap in recording.gaps
        if gap.begin_ms < end_ms and gap.end_ms > begin_ms
    ]
    longest = sorted(found, key=lambda gap: gap[0] - gap[1])[:GAPS]
    return sorted(longest), len(found) - len(longest)


def events(
    recording: Recording, begin_ms: int, end_ms: int, among: Iterable[int]
) -> tuple[list[dict[str, Any]], int]:
    """Return what happened to some processes; and how much of it is left out.

    If too much happened, what matters most is told.
    """
    known = {*among}
    kept: dict[str, list[Any]] = {kind: [] for kind in (*KINDS, *FEW)}
    for row in recording.events(begin_ms, end_ms):
        if row.process is None or row.process in known:
            kept.setdefault(row.kind, []).append(row)
    del kept["gap"]  # those are told as gaps
    count = sum(map(len, kept.values()))
    told: list[Any] = []
    for kind, rows in kept.items():
        room = EVENTS - len(told)
        if kind not in FEW or len(rows) <= room:
            told += rows[:room]
    told.sort(key=lambda row: row.t_ms)
    return [*map(_event, told)], count - len(told)


def _event(row: Any) -> dict[str, Any]:  # noqa: ANN401 - of a series
    who = "" if row.pid is None else f"{row.pid} {row.name or ''}".rstrip()
    more = words_of(row.kind, facts_of(row.detail), row.detail)
    words = ": ".join(filter(None, (who, more)))
    return {"t_ms": row.t_ms, "kind": row.kind, "text": safe(words)}
