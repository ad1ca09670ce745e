"""What grew between two times, as a table for people."""

from __future__ import annotations

from memc.cli.common.look import in_table
from memc.cli.output import counted
from memc.cli.query.table import change_of, lines_of
from memc.files.recording.times import show_time
from memc.human.sheet import Head
from memc.human.units import MISSING, safe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from memc.files.recording.sql import Answer

__all__ = ["text"]

TOP = 20
HEADS = (
    Head("GROWTH", right=True),
    Head("PER HOUR", right=True),
    Head("BEFORE", right=True),
    Head("AFTER", right=True),
    Head("PID", right=True),
    Head("NAME", shrinks=True),
    Head(""),
)


def text(answer: Answer, args: Namespace, t1_ms: int, t2_ms: int) -> str:
    """Return a line for each process that grew or shrank, the largest growth first."""
    at = {name: i for i, name in enumerate(answer.columns)}
    changed = [row for row in answer.rows if row[at["growth_kb"]]]
    lines = []
    for row in changed[: args.top or TOP]:
        growth, rate = row[at["growth_kb"]], row[at["kb_per_hour"]]
        lines.append(
            (
                change_of(growth),
                change_of(round(rate)),
                _amount(row[at["rss_before_kb"]], row[at["hugetlb_before_kb"]]),
                _amount(row[at["rss_after_kb"]], row[at["hugetlb_after_kb"]]),
                str(row[at["pid"]]),
                safe(row[at["name"]]),
                _words(is_before=row[at["is_before"]], is_after=row[at["is_after"]]),
            )
        )
    what = "resident memory, and hugetlb,"
    notes = [f"{what} from {show_time(t1_ms)} to {show_time(t2_ms)}"]
    if len(changed) > len(lines):
        more = counted(len(changed) - len(lines), "line")
        notes.append(f"… and {more} more: --top {len(changed)} shows all")
    same = len(answer.rows) - len(changed)
    if same:
        notes.append(f"{same:,} did not change, or the kernel does not tell")
    columns = [*map(list, zip(*lines, strict=True))] or [[] for _ in HEADS]
    return lines_of(HEADS, columns, notes=notes, color=args.color)


def _amount(rss_kb: int | None, hugetlb_kb: int | None) -> str:
    """Return what a process had; "-" if it was not there, or if it is not known."""
    return MISSING if rss_kb is None else in_table(rss_kb + (hugetlb_kb or 0))


def _words(*, is_before: object, is_after: object) -> str:
    if not is_before:
        return "began"
    return "" if is_after else "ended"
