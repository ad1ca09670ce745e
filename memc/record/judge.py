"""Judge processes by limits as they are recorded: who is over, and who is under again.

Each crossing is told once.  A process is under again at 95 % of its limit.  Growth is
that of a window as long as the limit says, or of the time that the process is known.
"""

from __future__ import annotations

from collections import deque
from contextlib import suppress

from memc.errors import MemcError
from memc.limits.limits import (
    WITH_HUGETLB,
    HeadroomLimit,
    Limit,
    ShareLimit,
)
from memc.pure.stats import AMOUNTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from memc.limits.bounds import Bounds
    from memc.limits.limits import AnyLimit
    from memc.pure.stats import Amounts
    from memc.record.followed import Followed

    Facts: TypeAlias = dict[str, object]
    Crossing: TypeAlias = tuple[str, Followed, Facts]

__all__ = ["Figures", "Judge"]

UNDER = 0.95  # of the limit
HUGETLB = [*AMOUNTS].index("hugetlb")
POINTS = 60  # of the figures in a window
MS_PER_S = 1000
INFINITE = float("inf")
BOUNDS_MS = 10_000  # control groups are read again after this time


class Figures:
    """What is known of the amounts of a process, in kB, and how many regions it has."""

    __slots__ = ("history", "last", "over")

    def __init__(self) -> None:
        self.last: dict[str, int | None] = {}
        self.history: dict[int, deque[tuple[int, int]]] = {}
        self.over: set[int] = set()


class Judge:
    """Judges by `limits`; `proc` is the root of the processes."""

    def __init__(self, limits: Sequence[AnyLimit], proc: str) -> None:
        self._limits = limits
        self._proc = proc
        needs = {each.what for each in limits}
        self._places = [(at, what) for at, what in enumerate(AMOUNTS) if what in needs]
        self._figures: dict[Followed, Figures] = {}
        self._bounds: Bounds | None = None
        self._bounds_ms = 0
        self._is_due = False
        self._shares: dict[tuple[Followed, int], Limit | None] = {}

    def take_status(self, followed: Followed, amounts: Amounts) -> None:
        """Note what status tells of a process, in the order of `AMOUNTS`."""
        last = self._figures.setdefault(followed, Figures()).last
        for at, what in self._places:
            last[what] = amounts[at]
        last["hugetlb"] = amounts[HUGETLB]

    def take_sums(self, followed: Followed, sums: dict[str, int | None]) -> None:
        """Note what the regions of a process tell."""
        self._figures.setdefault(followed, Figures()).last.update(sums)

    def forget(self, followed: Followed) -> None:
        """Forget a process that ended, or that runs another program."""
        self._figures.pop(followed, None)
        for at in range(len(self._limits)):
            self._shares.pop((followed, at), None)

    def judge(self, alive: list[Followed], t_ms: int) -> list[Crossing]:
        """Return the limits that were crossed: "over" or "under", who, and figures."""
        if not self._limits:
            return []
        self._is_due = self._bounds is None or t_ms - self._bounds_ms >= BOUNDS_MS
        if self._is_due and any(
            isinstance(each, (ShareLimit, HeadroomLimit)) for each in self._limits
        ):
            self._read_bounds(t_ms)
        found: list[Crossing] = []
        for followed in alive:
            figures = self._figures.get(followed)
            if figures is None or followed.same_as is not None:
                continue
            for at, limit in enumerate(self._limits):
                facts = self._judge(followed, figures, at, t_ms)
                if facts is not None:
                    kind = facts.pop("kind")
                    found.append((str(kind), followed, {"limit": limit.name} | facts))
        return found

    def _read_bounds(self, t_ms: int) -> None:
        from memc.limits.bounds import Bounds

        self._bounds_ms = t_ms
        self._shares.clear()
        try:
            self._bounds = Bounds(self._proc)
        except MemcError:
            self._bounds = None

    def _judge(
        self, followed: Followed, figures: Figures, at: int, t_ms: int
    ) -> Facts | None:
        """Return what to tell of one limit; None if nothing was crossed."""
        limit = self._limits[at]
        if isinstance(limit, HeadroomLimit):
            return self._judge_headroom(followed, figures, limit, at)
        most = (
            self._share(limit, followed, at) if isinstance(limit, ShareLimit) else limit
        )
        value = _figure(figures.last, limit.what)
        if value is None or most is None:
            return None
        unit = "" if limit.what == "regions" else "_kb"
        if isinstance(most, Limit):
            facts: Facts = {f"value{unit}": value, f"most{unit}": most.most}
            if most.cgroup is not None:
                facts["cgroup"] = most.cgroup
            return _cross(figures, at, value, most.most, facts)
        window_ms = most.per_s * MS_PER_S
        then_ms, then = _before(figures, at, (t_ms, value), window_ms)
        growth: float = value - then
        in_s = (t_ms - then_ms) / MS_PER_S
        facts = {"of": most.what, "growth_kb": value - then, "in_s": in_s}
        facts["most_percent" if most.is_percent else "most_kb"] = most.most
        facts["per_s"] = most.per_s
        if most.is_percent:
            growth = growth * 100 / then if then else (INFINITE if growth else 0)
        growth *= min(1, window_ms / max(1, t_ms - then_ms))
        return _cross(figures, at, growth, most.most, facts)

    def _share(self, limit: ShareLimit, followed: Followed, at: int) -> Limit | None:
        """Return the share of the limit of its control groups; None if it has none."""
        key = followed, at
        if key not in self._shares:
            self._shares[key] = None
            if self._bounds is not None:
                with suppress(MemcError, OSError):
                    self._shares[key] = self._bounds.share_of(limit, followed.pid)
        return self._shares[key]

    def _judge_headroom(
        self, followed: Followed, figures: Figures, limit: HeadroomLimit, at: int
    ) -> Facts | None:
        if self._bounds is None or not self._is_due or not followed.vsize:
            return None
        try:
            least, kb = self._bounds.headroom_of(limit, followed.pid)
        except (MemcError, OSError):
            return None
        facts: Facts = {"value_kb": kb, "least_kb": limit.least}
        if least.cgroup is not None:
            facts["cgroup"] = least.cgroup
        return _cross(figures, at, -kb, -limit.least, facts)


def _figure(last: dict[str, int | None], what: str) -> int | None:
    """Return a figure as `memc check` judges it: pages of hugetlb count, too."""
    value = last.get(what)
    if value is None or what not in WITH_HUGETLB:
        return value
    return value + (last.get("hugetlb") or 0)


def _cross(
    figures: Figures, at: int, value: float, most: float, facts: Facts
) -> Facts | None:
    """Note on which side of a limit a figure is; None if that is as before."""
    if at not in figures.over and value > most:
        figures.over.add(at)
        return {"kind": "over"} | facts
    under = most * UNDER if most >= 0 else most / UNDER
    if at in figures.over and value <= under:
        figures.over.remove(at)
        return {"kind": "under"} | facts
    return None


def _before(
    figures: Figures, at: int, now: tuple[int, int], window_ms: int
) -> tuple[int, int]:
    """Return the time and the figure at the begin of a window that ends now."""
    points = figures.history.setdefault(at, deque())
    if not points or now[0] - points[-1][0] >= window_ms // POINTS:
        points.append(now)
    while len(points) > 1 and points[1][0] <= now[0] - window_ms:
        points.popleft()
    return points[0]
