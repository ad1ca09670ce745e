"""The columns of a view, and which of them a width has room for."""

from __future__ import annotations

from functools import lru_cache

from memc.human.spark import spark
from memc.top.cells import amount, change, count
from memc.top.moment import POINTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from memc.top.model import Row
    from memc.top.view import View

__all__ = ["BARS", "NAME", "NARROW", "RATES", "Column", "bars", "layout", "title_of"]

NARROW, TINY = 80, 40
NAME_LEAST, NAME_MOST = 20, 40
STILL = 50
GAP = 1
EDGE = 2  # the signs of the selection and of a mark


class Column:
    """A column: what its head says, how wide it is, and what it shows of a row.

    Of columns that do not all fit, those with the lowest `rank` are shown.  `sort` is
    the order that it shows, "" for none.
    """

    __slots__ = ("rank", "right", "show", "sort", "title", "width")

    def __init__(
        self,
        title: str,
        width: int,
        rank: int,
        sort: str,
        show: Callable[[Row], str],
        *,
        right: bool = True,
    ) -> None:
        self.title = title
        self.width = width
        self.rank = rank
        self.sort = sort
        self.show = show
        self.right = right


def _amount_of(name: str) -> Callable[[Row], str]:
    def show(row: Row) -> str:
        kb = getattr(row.line, name)
        return amount(kb, partial=row.line.is_partial and kb is not None)

    return show


def bars(history: Sequence[int | None], width: int) -> str:
    """Return a history in so many columns at most; each has the most of its time.

    A change of less than a fiftieth is none to look at.
    """
    step = -(-POINTS // width)
    points = history[-POINTS:]
    parts = [points[max(0, end - step) : end] for end in range(len(points), 0, -step)]
    found = [_most(part) for part in reversed(parts)]
    known = [point for point in found if point is not None]
    if known and (max(known) - min(known)) * STILL < max(known):
        found = [None if point is None else 0 for point in found]
    return spark(found[-width:])


def _most(points: Sequence[int | None]) -> int | None:
    return max((point for point in points if point is not None), default=None)


def _who(row: Row) -> str:
    line = row.line
    return f"{line.count:,}" if line.key < 0 else str(line.pid)


PID = Column("PID", 7, 2, "pid", _who)
NAME = Column("NAME", NAME_LEAST, 0, "name", lambda row: row.line.name, right=False)
RSS = Column("RSS", 6, 0, "rss", _amount_of("rss_kb"))
BARS = Column("5 MIN", 15, 8, "", lambda row: bars(row.line.history, 15), right=False)
RATE = Column("Δ/min", 9, 1, "growth", lambda row: change(row.line.rate_kb_min))
CHANGE = Column("CHANGE", 9, 1, "growth", lambda row: change(row.change_kb))
RATES = (RATE, CHANGE)
# In the order in which they are shown.
WIDE = (
    PID,
    NAME,
    RSS,
    BARS,
    RATE,
    Column("ANON", 6, 3, "anon", _amount_of("anon_kb")),
    Column("FILE", 6, 5, "file", _amount_of("file_kb")),
    Column("SHMEM", 6, 11, "", _amount_of("shmem_kb")),
    Column("SWAP", 6, 4, "swap", _amount_of("swap_kb")),
    Column("USS", 6, 12, "uss", _amount_of("uss_kb")),
    Column("FLT/s", 6, 6, "faults", lambda row: count(row.line.faults_s)),
    Column("REG", 5, 7, "", lambda row: count(row.line.regions)),
    Column("THR", 5, 10, "", lambda row: count(row.line.threads)),
    Column("USER", 10, 9, "", lambda row: row.line.user or "-", right=False),
)
NARROWER = (RSS, RATE, NAME, PID)


@lru_cache(maxsize=64)
def layout(width: int, sort: str, *, has_base: bool) -> Sequence[tuple[Column, int]]:
    """Return the columns for a width, and how wide each is; the last may be cut.

    The column that lines are sorted by is one of them.
    """
    by = next((one for one in WIDE if one.sort == sort), RSS)
    if width < TINY:
        shown = [NAME, RSS if by is NAME else by]
    elif width < NARROW:
        shown = [*NARROWER]
        if by not in shown:
            shown.insert(1, by)
    else:
        shown = _chosen(width, sort)
    columns = [CHANGE if has_base and one is RATE else one for one in shown]
    others = sum(one.width + GAP for one in columns) + EDGE - NAME.width - GAP
    room = max(width - others, 1)
    widths = {NAME: min(room, NAME_MOST if width >= NARROW else room)}
    if BARS in columns:
        more = max(0, room - NAME_MOST - NAME_LEAST)
        fits = [size for size in (60, 30, 20) if size <= BARS.width + more]
        widths[BARS] = max(fits, default=BARS.width)  # no column for half a point
    return [(one, widths.get(one, one.width)) for one in columns]


def _chosen(width: int, sort: str) -> list[Column]:
    left = width - EDGE - NAME_LEAST
    chosen = {NAME}
    others = [one for one in WIDE if one is not NAME]
    for one in sorted(others, key=lambda one: (one.sort != sort or not sort, one.rank)):
        if one.width + GAP > left:
            break
        chosen.add(one)
        left -= one.width + GAP
    return [one for one in WIDE if one in chosen]


def title_of(column: Column, view: View) -> str:
    """Return the head of a column; it has an arrow if lines are sorted by it."""
    if column is BARS:
        return f"{view.minutes} MIN"
    title = "COUNT" if view.by != "process" and column is PID else column.title
    if column.sort != view.sort:
        return title
    is_down = (view.sort not in ("name", "pid")) is not view.reverse
    return f"{'▼' if is_down else '▲'}{title}"
