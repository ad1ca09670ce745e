"""Limits on what a process may have, and what they say of it.  Reads nothing."""

from __future__ import annotations

from memc.table.amounts import values
from memc.table.snapshot import Snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from memc.table.region import Table
    from memc.targets.target import Target

__all__ = [
    "AMOUNTS",
    "Checked",
    "Growth",
    "GrowthLimit",
    "Limit",
    "figure",
    "is_whole",
    "judge",
]

AMOUNTS = ("rss", "pss", "uss", "swap", "size")  # in kB; "regions" is a number
HOLES = ("cut", "bad_line")  # notes that regions are missing


class Limit:
    """The most that `what`, one of `AMOUNTS` or "regions", may be: kB, or how many.

    `share` is what that was reckoned from, if it was: so many percent, and of what.
    """

    __slots__ = ("most", "share", "what")

    def __init__(
        self, what: str, most: int, *, share: tuple[float, int] | None = None
    ) -> None:
        self.what = what
        self.most = most
        self.share = share

    @property
    def name(self) -> str:
        """Its name: "max-rss"."""
        return f"max-{self.what}"


class GrowthLimit:
    """The most by which `what` may grow in `per_s` seconds.

    That is `most` kB, or percent of what it was where `is_percent`.
    """

    __slots__ = ("is_percent", "most", "per_s", "what")

    name = "max-growth"

    def __init__(
        self, what: str, most: float, per_s: int, *, is_percent: bool = False
    ) -> None:
        self.what = what
        self.most = most
        self.per_s = per_s
        self.is_percent = is_percent


class Growth:
    """An amount in kB at two times that are `elapsed_ns` apart."""

    __slots__ = ("after_kb", "before_kb", "elapsed_ns")

    def __init__(self, before_kb: int, after_kb: int, elapsed_ns: int) -> None:
        self.before_kb = before_kb
        self.after_kb = after_kb
        self.elapsed_ns = elapsed_ns

    @property
    def kb(self) -> int:
        """By how much it grew, less than 0 if it shrank."""
        return self.after_kb - self.before_kb

    def rate_kb(self, per_s: int) -> float:
        """Return by how many kB it would grow in so many seconds."""
        return self.kb * per_s * 1_000_000_000 / self.elapsed_ns

    def percent(self, per_s: int) -> float | None:
        """Return that as a share of what it was; None if that was nothing."""
        if not self.before_kb:
            return None if self.kb else 0.0
        return self.rate_kb(per_s) * 100 / self.before_kb


class Checked:
    """What a limit says of a figure: its `value` is over the limit, or within.

    `target` is whose figure it is, None for the sum over `processes` of them.
    """

    __slots__ = ("is_over", "limit", "processes", "target", "value")

    def __init__(
        self,
        limit: Limit | GrowthLimit,
        value: int | Growth,
        target: Target | None = None,
        *,
        processes: int = 1,
    ) -> None:
        self.limit = limit
        self.value = value
        self.target = target
        self.processes = processes
        self.is_over = judge(limit, value)

    def __repr__(self) -> str:
        """Tell of whom, what and how it came out."""
        verdict = "over" if self.is_over else "within"
        return f"<Checked {self.target} {self.limit.what} {verdict} {self.limit.name}>"


def judge(limit: Limit | GrowthLimit, value: int | Growth) -> bool:
    """Tell whether a figure is over its limit; TypeError if it is of the other kind.

    What grew from nothing at all grew by more than any percentage.
    """
    if isinstance(limit, Limit) and isinstance(value, int):
        return value > limit.most
    if not isinstance(limit, GrowthLimit) or not isinstance(value, Growth):
        raise TypeError("limit: a Limit judges a number, a GrowthLimit a Growth")
    if not limit.is_percent:
        return value.rate_kb(limit.per_s) > limit.most
    percent = value.percent(limit.per_s)
    return percent is None or percent > limit.most


def figure(table: Table, what: str) -> int | None:
    """Return an amount in kB, or how many "regions"; None where that is not known.

    A list of regions that has holes tells no figure.
    """
    totals = table.totals if isinstance(table, Snapshot) else {}
    if not totals and not is_whole(table):
        return None
    if what == "regions":
        return None if totals else len(table)
    if isinstance(table, Snapshot) and what in ("rss", "size"):
        return table.total_rss_kb if what == "rss" else table.total_vsize_kb
    if totals:
        return totals.get(f"{what}_kb")
    return _sum(values(table, "private_kb" if what == "uss" else f"{what}_kb"))


def is_whole(table: Table) -> bool:
    """Tell whether no regions are missing."""
    return not any(note.code in HOLES for note in table.notes)


def _sum(amounts: Iterable[int | None]) -> int | None:
    """Return the sum over all regions, None where that of any is not known."""
    total = 0
    for value in amounts:
        if value is None:
            return None
        total += value
    return total
