"""Whose regions are read at a tick: first who is urgent, then who moved most."""

from __future__ import annotations

from memc.record.held import AMOUNTS
from memc.record.options import OF_REGIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.record.batch import Batch
    from memc.record.followed import Followed, Seen
    from memc.record.framed import Framed
    from memc.record.held import Sums
    from memc.record.judge import Judge
    from memc.record.known import Known
    from memc.record.plan import Plan
    from memc.record.regions import RegionReader

__all__ = ["Turns"]

# The figures that limits judge, and their places in the sums of an owner.
PLACES = {"pss": AMOUNTS.index("pss_kb"), "uss": AMOUNTS.index("uss_kb")}
PLACES["regions"] = len(AMOUNTS)


class Turns:
    """Reads regions of processes that `known` has, as `plan` and `framed` say.

    `judge` takes what limits on regions judge, None if there are none: without room in
    `batch` regions are read for that alone.  `is_all` says that every process is urgent
    at the next tick.
    """

    def __init__(
        self,
        regions: RegionReader,
        known: dict[Followed, Known],
        *,
        plan: Plan,
        framed: Framed,
        batch: Batch,
        judge: Judge | None,
    ) -> None:
        self.is_all = False
        self._regions = regions
        self._known = known
        self._plan = plan
        self._framed = framed
        self._batch = batch
        self._judge = judge

    def read(self, seen: Seen, t_ms: int) -> tuple[int, int]:
        """Read regions while there is credit.

        Returns what that cost in ns of CPU time, and how many were due and not read.
        """
        keeps = self._batch.takes_all
        if not keeps and self._judge is None:
            return 0, 0
        if not (self._plan.is_reading() or self.is_all or self._framed.has_urgent()):
            return 0, 0
        alive = [each for each in seen.alive if each.same_as is None]
        urgent = self._urgent(alive) if keeps else []
        read_ns = sum(self._read(followed, t_ms, pays=False) for followed in urgent)
        done = {*urgent}
        due = [
            each
            for each in self._plan.due(alive, self._framed.is_kept)
            if each not in done and each not in self._regions.denied
        ]
        skipped = len(due)
        for followed in due:
            if not self._plan.has_credit():
                break
            read_ns += self._read(followed, t_ms, pays=True)
            skipped -= 1
        self.is_all = self.is_all and not keeps
        return read_ns, skipped

    def _urgent(self, alive: list[Followed]) -> list[Followed]:
        """Return those whose regions are kept now, whatever that costs."""
        return alive if self.is_all else [*filter(self._framed.is_urgent, alive)]

    def _read(self, followed: Followed, t_ms: int, *, pays: bool) -> int:
        """Read the regions of a process; return what that cost, in ns of CPU time."""
        is_kept = self.is_all or self._framed.is_kept(followed)
        is_kept = is_kept and self._batch.takes_all
        known = self._known[followed]
        sums, cost_ns = self._regions.read(followed, known, t_ms, is_kept=is_kept)
        if sums and self._judge is not None:
            self._judge.take_sums(followed, _totals(sums))
        self._plan.pay(followed, cost_ns if pays else 0)
        return cost_ns


def _totals(sums: Sums) -> dict[str, int | None]:
    """Return the figures that limits judge, over all regions of a process."""
    columns = [*zip(*sums.values(), strict=True)]
    return {
        what: None
        if None in columns[PLACES[what]]
        else sum(v for v in columns[PLACES[what]] if v)
        for what in OF_REGIONS
    }
