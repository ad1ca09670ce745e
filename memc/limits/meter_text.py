"""The message of a test that fails because memory grew."""

from __future__ import annotations

from memc.human.sheet import Head, Style, table
from memc.human.units import human, safe, signed
from memc.limits.meter import FLOOR_KB

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from memc.analysis.change import Change
    from memc.limits.meter import Grown

__all__ = ["text"]

TOP = 10  # regions that have a line each
NOWHERE = -1  # a file descriptor that is no terminal


def text(grown: Grown) -> str:
    """Return how much memory grew, in how many processes, and in which regions."""
    return "\n".join((*_head(grown), "", *_regions(grown)))


def _head(grown: Grown) -> Iterator[str]:
    plan, growth_kb = grown.plan, grown.growth_kb
    rounds = plan.rounds
    during = f" in {rounds} rounds ({human(growth_kb // rounds)} a round)"
    grew = f"{plan.of.upper()} grew by {human(growth_kb)}{during * (rounds > 1)}"
    most_kb = max(plan.max_kb or 0, FLOOR_KB)
    why = "" if most_kb == plan.max_kb else ": up to that it may be noise"
    yield f"memc: {grew}, more than {human(most_kb)}{why}"
    of = f"{len(grown.after)} processes" if len(grown.after) > 1 else "one process"
    yield f"      {human(grown.before_kb)} before, {human(grown.after_kb)} after, {of}"


def _regions(grown: Grown) -> Iterator[str]:
    """Yield a table of the regions that grew, with one line for all that shrank."""
    found = grown.regions()
    shown = found[:TOP]
    heads = [Head("GROWTH", right=True), Head("KIND"), Head("ADDRESS"), Head("OWNER")]
    columns = [
        [signed(kb) for kb, _ in shown],
        [change.kind for _, change in shown],
        [f"{change.start:x}-{change.end:x}" for _, change in shown],
        [_whose(change) for _, change in shown],
    ]
    if len(grown.before) > 1 or len(grown.after) > 1:
        heads.append(Head("PROCESS"))
        columns.append([_process(grown, change) for _, change in shown])
    rest_kb = sum(kb for kb, _ in found[TOP:])
    lost_kb = grown.growth_kb - sum(kb for kb, _ in found)
    for kb, words in (
        (rest_kb, f"{len(found) - TOP} more that grew"),
        (lost_kb, "all that shrank or went"),
    ):
        if kb:
            cells = [signed(kb), "", "", words]
            cells += [""] * (len(columns) - len(cells))
            for column, cell in zip(columns, cells, strict=True):
                column.append(cell)
    return iter(table(heads, columns, width=None, style=Style(NOWHERE)))


def _whose(change: Change) -> str:
    owner = change.owner
    label = owner.label or change.pathname
    label = "" if label == owner.owner else label
    return safe(f"{owner.owner}{' (a guess)' * owner.guess} {label}".rstrip())


def _process(grown: Grown, change: Change) -> str:
    names = {target.pid: target.name for target in (*grown.before, *grown.after)}
    began = {target.pid for target in grown.before}
    new = "" if change.pid in began else ", new"
    return safe(f"{change.pid} {names.get(change.pid, '')}{new}")
