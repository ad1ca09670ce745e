"""The document of a span of a recording, and of one time in it."""

from __future__ import annotations

from memc.analysis.groups import group
from memc.errors import MemcError
from memc.human.lengths import length
from memc.human.units import human, safe, signed
from memc.report import timeline
from memc.report.document import (
    LEVELS,
    base,
    finish,
    grove,
    has_huge,
    has_memory,
    snapshot,
    subject,
)
from memc.report.figures import largest, number
from memc.report.grown import grew, owners_known_from
from memc.report.timeline import Lived
from memc.report.tree import tree_of
from memc.report.words import how, utc, when
from memc.targets.recorded import EACH, WHOLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from memc.files.recording.course import Course
    from memc.files.recording.known import RecordedProcess
    from memc.files.recording.moment import Moment
    from memc.report.document import Asked
    from memc.targets.recorded import Recorded
    from memc.targets.target import Target

__all__ = ["at", "lived_in", "put_grown", "span", "take_run"]

HOUR_MS = 3_600_000
MEASURE = "rss_kb"
NOT = "not known"
EACH_LINE = (
    "A line has its largest amount of each step of {}, so that all lines together can "
    "be more than there was at one time."
)
BUSY = (
    "So much was recorded that lines were not looked at tick by tick: what changed "
    "within 10 s counts from the begin of these."
)
OWNERS = (
    "Owners are read now and then: what came since is a part of its own, and where a "
    "process shrank since they are shown in proportion."
)


def lived_in(recorded: Recorded, begin_ms: int, end_ms: int) -> list[Lived]:
    """Return the processes that are meant and had memory between two times."""
    largest = recorded.recording.between(begin_ms, end_ms).largest("rss")
    most = {number: kb for number, (kb, _) in largest.items()}
    first = timeline.near(recorded.recording, begin_ms, (begin_ms, end_ms))
    if first is not None:
        for process, usage in first.alive():
            most[process.id] = max(most.get(process.id, 0), usage[1] or 0)
    seen = {number for number, kb in most.items() if kb}
    found = recorded.lived(seen)
    return [Lived(process, target, most[process.id]) for process, target in found]


def at(recorded: Recorded, t_ms: int, asked: Asked) -> dict[str, Any]:
    """Return the document of one time.  Raises MemcError if nothing was seen then."""
    asked.tell("the map")
    whole, each = (recorded.found(t_ms, kind) for kind in (WHOLE, EACH))
    take_run(recorded, t_ms, asked)
    at_ms = whole.moments[0][1]
    made = snapshot(whole.targets, asked, at_ms=at_ms, parts_of=each.targets)
    made["title"] += f" at {utc(t_ms)}"
    made["how"].insert(1, OWNERS)
    return made


def span(
    recorded: Recorded,
    times: tuple[int, int],
    lived: Sequence[Lived],
    asked: Asked,
) -> dict[str, Any]:
    """Return the document of what lived between two times."""
    take_run(recorded, times[1], asked)
    made = base("recording", asked, MEASURE, len(lived))
    made["title"] = f"Memory of {subject([one.target for one in lived], asked)}"
    made["when"] = when(*times)
    asked.tell("its course")
    course, moments = _put_course(made, recorded, times, lived, asked)
    asked.tell("its maps")
    states = [recorded.found(moment.t_ms, WHOLE).targets for moment in moments]
    parts, smallest = _put_maps(made, recorded, moments, states, asked)
    asked.tell("what grew")
    told = put_grown(made, recorded, times, [one.process for one in lived], asked)
    last = [target for target in states[-1] if has_memory(target)]
    groups = group(last, "process")
    made["largest"] = largest(groups, asked, MEASURE)
    made["numbers"] = _numbers(states[0], course, times, groups.total(MEASURE))
    made["how"] = [
        *how(MEASURE, [[part] for part in parts], smallest, huge=has_huge(groups)),
        EACH_LINE.format(length(made["series"]["step_ms"])),
        OWNERS,
        *told,
        *made["how"],
    ]
    return finish(made)


def _put_course(
    made: dict[str, Any],
    recorded: Recorded,
    times: tuple[int, int],
    lived: Sequence[Lived],
    asked: Asked,
) -> tuple[Course, list[Moment]]:
    """Put lines, events and gaps into a document, and what it does not tell."""
    recording = recorded.recording
    moments = timeline.moments(recording, *times)
    names, course, step_ms = timeline.course_of(recording, lived, asked, times, moments)
    among = {one.process.id for one in lived}
    events, more_events = timeline.events(recording, *times, among)
    lines = course.kb
    if len(lived) == 1:
        one = lived[0].process
        owners = timeline.owners_of(recording, one, times, course, step_ms)
        names, lines = owners or (names, lines)
    made["series"] = timeline.series(names, lines, (course.times_ms, step_ms), events)
    gaps, more_gaps = timeline.gaps(recording, *times)
    made["gaps"] = [[*gap] for gap in gaps]
    told = made["how"]
    if gaps:
        told.append("In a gap nothing was recorded: nothing is known of that time.")
    if course.is_thinned:
        told.append(BUSY)
    if more_events:
        told.append(f"{more_events:,} more events: memc query --events tells them.")
    if more_gaps:
        told.append(f"{more_gaps:,} more gaps are not shown: they are shorter.")
    return course, moments


def _put_maps(
    made: dict[str, Any],
    recorded: Recorded,
    moments: Sequence[Moment],
    states: Sequence[list[Target]],
    asked: Asked,
) -> tuple[list[Target], int]:
    """Put a tree for each moment into a document.

    Return the targets of the last, and how small a part can be in kB.
    """
    each: list[Target] = []
    smallest = 1
    is_one = made["levels"] == LEVELS[1:]
    for moment, state in zip(moments, states, strict=True):
        each = recorded.found(moment.t_ms, EACH).targets
        how_many = {"trees": len(moments), "is_one": is_one}
        node, smallest = grove(state, asked, MEASURE, parts_of=each, **how_many)
        made["trees"].append(tree_of(node, moment.as_of_ms))
    return each, smallest


def take_run(recorded: Recorded, t_ms: int, asked: Asked) -> None:
    """Take the machine and the kernel from the run that recorded a time."""
    runs = [run for run in recorded.recording.runs if run.began_ms <= t_ms]
    if runs:
        asked.host, asked.kernel = runs[-1].host or "", runs[-1].kernel or ""


def put_grown(
    made: dict[str, Any],
    recorded: Recorded,
    times: tuple[int, int],
    processes: Sequence[RecordedProcess],
    asked: Asked,
) -> list[str]:
    """Put what grew into a document; return sentences on what is not known of it."""
    recording = recorded.recording
    among = {process.id for process in processes}
    try:
        found = grew(recording.growth(*times, among=among), asked.top)
    except MemcError as error:
        made["grew"] = []
        return [f"What grew is not known: {safe(str(error))}."]
    told = []
    known = owners_known_from(recording, *times, processes)
    if known is None:
        told.append("Owners were read of too few processes to tell which grew.")
    else:
        from_ms, some = known
        growth = recording.growth(from_ms, times[1], by="owner", among=some)
        found += grew(growth, asked.top)
        if from_ms > times[0]:
            words = "they were not read of enough processes before"
            told.append(f"Owners are compared from {utc(from_ms)} on: {words}.")
    made["grew"] = found
    return told


def _numbers(
    first: list[Target], course: Course, times: tuple[int, int], end_kb: int | None
) -> list[dict[str, Any]]:
    begin = [target for target in first if has_memory(target)]
    begin_kb = group(begin, "process").total(MEASURE)
    if not begin:
        begin_kb = 0
    change_kb = None if end_kb is None or begin_kb is None else end_kb - begin_kb
    rate = ""
    if change_kb is not None and times[1] > times[0]:
        an_hour = round(change_kb * HOUR_MS / (times[1] - times[0]))
        rate = f"{signed(an_hour)} an hour"
    highest = f"at {utc(course.most_ms)}"
    return [
        number("RSS at the end", end_kb, human(end_kb) if end_kb is not None else NOT),
        number("Highest", course.most_kb, human(course.most_kb), highest),
        number("Grew", change_kb, signed(change_kb) if rate else NOT, rate),
    ]
