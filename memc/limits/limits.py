"""Limits on the memory of processes, and how figures are judged.  Reads nothing."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from memc.limits.grouped import Group
    from memc.targets.target import Target

    AnyLimit: TypeAlias = "Limit | GrowthLimit | ShareLimit | HeadroomLimit"

__all__ = [
    "AMOUNTS",
    "OF_STATUS",
    "SHARED",
    "WITH_HUGETLB",
    "Checked",
    "Growth",
    "GrowthLimit",
    "HeadroomLimit",
    "Limit",
    "ShareLimit",
    "judge",
]

AMOUNTS = ("rss", "pss", "uss", "swap", "size")  # in kB; "regions" is a number
# Amounts of status that have no growth worth a limit, and their totals.
OF_STATUS = {"peak": "peak_rss_kb", "page_tables": "page_tables_kb"}
SHARED = ("rss", "pss", "uss", *OF_STATUS)  # these may be a share of a limit
WITH_HUGETLB = ("rss", "pss", "uss")  # what counts pages of hugetlb, too


class Limit:
    """A limit on an amount or on the number of regions.

    `what` is one of `AMOUNTS`, "peak", "page_tables" or "regions".  `most` is the
    largest figure allowed, in kB or regions.  If `most` is a share, `share` is the
    percentage and the number that it is a percentage of; otherwise None.  `cgroup` is
    the path of the control group whose limit that number is, if it is one.
    """

    __slots__ = ("cgroup", "most", "share", "what")

    def __init__(
        self,
        what: str,
        most: int,
        *,
        share: tuple[float, int] | None = None,
        cgroup: str | None = None,
    ) -> None:
        self.what = what
        self.most = most
        self.share = share
        self.cgroup = cgroup

    @property
    def name(self) -> str:
        """The name of the limit, such as "max-rss"."""
        return f"max-{self.what}".replace("_", "-")


class ShareLimit:
    """A limit of `percent` of the smallest limit of a process's control groups.

    What that is in kB differs between processes: `of` makes a Limit.
    """

    __slots__ = ("percent", "what")

    def __init__(self, what: str, percent: float) -> None:
        self.what = what
        self.percent = percent

    @property
    def name(self) -> str:
        """The name of the limit, such as "max-rss"."""
        return f"max-{self.what}".replace("_", "-")

    def of(self, limit_kb: int, cgroup: str) -> Limit:
        """Return the limit for processes whose control group has this limit."""
        most = int(limit_kb * self.percent // 100)
        share = (self.percent, limit_kb)
        return Limit(self.what, most, share=share, cgroup=cgroup)


class HeadroomLimit:
    """A limit on what a process may still get: at least `least` kB.

    `cgroup` is the control group that has so little left, None for the whole machine.
    """

    __slots__ = ("cgroup", "least")

    name, what = "min-headroom", "headroom"

    def __init__(self, least: int, cgroup: str | None = None) -> None:
        self.least = least
        self.cgroup = cgroup


class GrowthLimit:
    """A limit on the growth of an amount `what` in `per_s` seconds.

    `most` is the largest growth allowed, in kB, or with `is_percent` in percent of the
    amount before.
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
        """The growth in kB; below 0 if the amount shrank."""
        return self.after_kb - self.before_kb

    def rate_kb(self, per_s: int) -> float:
        """Return the rate of growth, in kB per `per_s` seconds."""
        return self.kb * per_s * 1_000_000_000 / self.elapsed_ns

    def percent(self, per_s: int) -> float | None:
        """Return the rate in percent of the amount before; None for growth from 0."""
        if not self.before_kb:
            return None if self.kb else 0.0
        return self.rate_kb(per_s) * 100 / self.before_kb


class Checked:
    """A figure that was judged: `is_over` tells whether `value` is over the limit.

    `target` is the process of the figure, None for a sum over `processes` processes;
    these are the processes of `group` if it is not None.
    `at_ms` is when the figure was so large, None if there was one time only.
    `hugetlb_kb` is the part of the figure that is in pages of hugetlb, and
    `twice_mapped_kb` what it may lack, because a process maps it more than once.
    """

    __slots__ = (
        "at_ms",
        "group",
        "hugetlb_kb",
        "is_over",
        "limit",
        "processes",
        "target",
        "twice_mapped_kb",
        "value",
    )

    def __init__(
        self,
        limit: Limit | GrowthLimit | HeadroomLimit,
        value: int | Growth,
        target: Target | None = None,
        *,
        processes: int = 1,
    ) -> None:
        self.at_ms: int | None = None
        self.group: Group | None = None
        self.hugetlb_kb = self.twice_mapped_kb = 0
        self.limit = limit
        self.value = value
        self.target = target
        self.processes = processes
        self.is_over = judge(limit, value)

    def __repr__(self) -> str:
        """Show the process, the figure and the result."""
        verdict = "over" if self.is_over else "within"
        return f"<Checked {self.target} {self.limit.what} {verdict} {self.limit.name}>"


def judge(limit: Limit | GrowthLimit | HeadroomLimit, value: int | Growth) -> bool:
    """Tell whether a figure is over its limit.

    Growth from 0 is over any percentage.  Raises TypeError if the limit is for another
    kind of figure.
    """
    if isinstance(limit, Limit) and isinstance(value, int):
        return value > limit.most
    if isinstance(limit, HeadroomLimit) and isinstance(value, int):
        return value < limit.least
    if not isinstance(limit, GrowthLimit) or not isinstance(value, Growth):
        raise TypeError("limit: a Limit judges a number, a GrowthLimit a Growth")
    if not limit.is_percent:
        return value.rate_kb(limit.per_s) > limit.most
    percent = value.percent(limit.per_s)
    return percent is None or percent > limit.most
