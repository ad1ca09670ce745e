"""Sums over processes: of a group, and of a process with all below it in a tree."""

from __future__ import annotations

from dataclasses import replace

from memc.record.followed import ZOMBIE
from memc.top.moment import Line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["TOP", "descend", "gather", "summed"]

TOP = 0  # no line has this key

AMOUNTS = ("rss_kb", "anon_kb", "file_kb", "shmem_kb", "swap_kb", "uss_kb", "regions")
RATES = ("faults_s", "rate_kb_min")
TEXTS = ("user", "cgroup", "container", "service")


def gather(lines: Sequence[Line], *, key: int, name: str) -> Line:
    """Return the line of a group; a text is there if it is that of all."""
    made = _add(lines)
    made.key, made.name = key, name
    made.pid = lines[0].pid if len(lines) == 1 else 0
    for text in TEXTS:
        values = {getattr(line, text) for line in lines}
        setattr(made, text, values.pop() if len(values) == 1 else "")
    return made


def summed(lines: Sequence[Line]) -> list[Line]:
    """Return each line with the amounts of all below it added."""
    below = descend(lines)
    sums: dict[int, Line] = {}
    for line in reversed(_from(below[TOP], below)):
        under = [sums[child.key] for child in below.get(line.key, ())]
        sums[line.key] = _with(line, under) if under else line
    return [sums[line.key] for line in lines]


def descend(lines: Sequence[Line]) -> dict[int, list[Line]]:
    """Return the lines below each key; below `TOP` are those without a parent here.

    Every line is there once, even if the parents make a circle: what was read of two
    processes is of two times.
    """
    by_pid = {line.pid: line for line in lines}
    below: dict[int, list[Line]] = {TOP: []}
    for line in lines:
        parent = by_pid.get(line.ppid, line)
        key = TOP if parent is line or line.ppid == line.pid else parent.key
        below.setdefault(key, []).append(line)
    met = {line.key for line in _from(below[TOP], below)}
    for line in lines if len(met) < len(lines) else ():
        if line.key not in met:
            below[by_pid[line.ppid].key].remove(line)
            below[TOP].append(line)
            met.update(each.key for each in _from([line], below))
    return below


def _from(tops: list[Line], below: dict[int, list[Line]]) -> list[Line]:
    """Return these lines and all below them, each after its parent."""
    found = [*tops]
    for line in found:  # which grows meanwhile
        found.extend(below.get(line.key, ()))
    return found


def _with(line: Line, under: list[Line]) -> Line:
    made = _add([line, *under])
    names = (*AMOUNTS, *RATES, "history", "threads", "count", "is_partial")
    return replace(line, **{name: getattr(made, name) for name in names})


def _add(lines: Sequence[Line]) -> Line:
    made = Line(key=0, pid=0)
    for name in (*AMOUNTS, *RATES):
        values = [getattr(line, name) for line in lines]
        known = [value for value in values if value is not None]
        setattr(made, name, sum(known) if known else None)
    made.threads = sum(line.threads for line in lines)
    made.count = sum(line.count for line in lines)
    made.is_partial = any(line.is_partial or _is_unknown(line) for line in lines)
    made.history = _add_histories([line.history for line in lines])
    warnings = [line.warning for line in lines if line.warning]
    made.warning = warnings[0] if warnings else ""
    return made


def _is_unknown(line: Line) -> bool:
    """Tell whether a process may have memory of which nothing is known."""
    has_none = line.is_kernel or line.state in ZOMBIE or line.same_as is not None
    return line.rss_kb is None and not has_none


def _add_histories(histories: list[list[int | None]]) -> list[int | None]:
    """Add points of the same time: the last ones are of now."""
    length = max(map(len, histories), default=0)
    if len(histories) == 1:
        return histories[0]
    made: list[int | None] = [None] * length
    for points in histories:
        for at, point in enumerate(points, length - len(points)):
            if point is not None:
                made[at] = (made[at] or 0) + point
    return made
