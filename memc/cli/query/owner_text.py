"""What the memory of processes was for, as a table for people."""

from __future__ import annotations

from memc.cli.common.look import in_table
from memc.cli.output import counted
from memc.cli.query.table import change_of, lines_of
from memc.files.recording.times import show_time
from memc.human.sheet import Head
from memc.human.units import safe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from typing import Any

    from memc.files.recording.sql import Answer

__all__ = ["text"]

# Columns that are there if any row has them.
OPTIONAL = {
    "USS": "uss_kb",
    "PSS": "pss_kb",
    "SWAP": "swap_kb",
    "BEFORE": "rss_before_kb",
    "GROWTH": "growth_kb",
}


def text(answer: Answer, args: Namespace) -> str:
    """Return a line for each owner of each process, the largest first."""
    at = {name: i for i, name in enumerate(answer.columns)}
    rows = answer.rows if args.top is None else answer.rows[: args.top]

    def column(name: str) -> list[Any]:
        return [row[at[name]] for row in rows]

    heads = [Head("RSS", right=True)]
    cells = [_amounts(column("rss_kb"))]
    for title, name in OPTIONAL.items():
        if any(value is not None for value in column(name)):
            heads.append(Head(title, right=True))
            cells.append(_amounts(column(name), is_growth=title == "GROWTH"))
    heads += [Head("SIZE", right=True), Head("REGIONS", right=True)]
    cells += [
        _amounts(column("size_kb")),
        [f"{count:,}" for count in column("regions")],
    ]
    heads.append(Head("OWNER", shrinks=True))
    cells.append([safe(str(owner)) for owner in column("owner")])
    if len({*column("process")}) > 1:
        heads += [Head("PID", right=True), Head("NAME", shrinks=True)]
        cells += [[str(pid) for pid in column("pid")]]
        cells += [[safe(str(name)) for name in column("name")]]
    notes = [_as_of(answer)]
    if len(rows) < len(answer.rows):
        notes.append(f"… and {counted(len(answer.rows) - len(rows), 'line')} more")
    return lines_of(heads, cells, notes=notes, color=args.color)


def _amounts(values: list[int | None], *, is_growth: bool = False) -> list[str]:
    return [*map(change_of if is_growth else in_table, values)]


def _as_of(answer: Answer) -> str:
    """Return who it is, and when the newest of these amounts was read."""
    at = {name: i for i, name in enumerate(answer.columns)}
    last_ms = max(row[at["t_ms"]] for row in answer.rows)
    who = {(row[at["pid"]], row[at["name"]]) for row in answer.rows}
    words = f"{len(who):,} processes"
    if len(who) == 1:
        (pid, name) = who.pop()
        words = f"process {pid} {name}"
    return f"{words}: what changed last was read at {show_time(last_ms)}"
