"""The owners and regions of the selected process, read within a share of one CPU."""

from __future__ import annotations

import time

from memc.errors import AccessDenied, ProcessError
from memc.human.units import safe
from memc.record.held import held_by_owner
from memc.record.plan import Plan
from memc.record.taking import Taking
from memc.table.amounts import values
from memc.top.holding import Regions
from memc.top.moment import Details, Owner

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from memc.read.options import Options
    from memc.record.follow import Crowd
    from memc.record.followed import Followed
    from memc.table.snapshot import Snapshot

__all__ = ["LiveDetails"]

NS, NS_PER_MS = 1_000_000_000, 1_000_000
POINTS = 60  # of the history of an owner
KEPT = 8  # processes of which readings are kept
LONGEST_S = 30  # what did not move is read again after that
MINUTE_S = 60
RSS, SWAP = 0, 1  # their places in the sums of an owner
USS_DUTY = 2.0  # percent of one CPU, while lines are sorted by USS


class Held:
    """What was read of one process, and when; `history` has the RSS of its owners."""

    __slots__ = ("cost_ns", "details", "history", "note", "regions", "t_ns")

    def __init__(self) -> None:
        self.details = Details()
        self.history: dict[str, list[tuple[int, int | None]]] = {}
        self.t_ns = self.cost_ns = 0
        self.note = ""
        self.regions: int | None = None


class LiveDetails:
    """Reads details of one process at a time; `duty` is a percentage of one CPU.

    `uss_kb` has the USS of processes of which it was read.
    """

    def __init__(
        self, options: Options, crowd: Crowd, *, duty: float, interval_ms: int
    ) -> None:
        self._crowd = crowd
        self._words: dict[Followed, str] = {}
        self._taking = Taking(options, tell=self._tell, say=lambda _: None)
        self._plan = Plan(duty, interval_ms * NS_PER_MS)
        self._duty = duty / 100
        self._between_s = interval_ms / 1000
        self._held: dict[Followed, Held] = {}
        self._earned_ns = self._uss_earned_ns = time.monotonic_ns()
        self.uss_kb: dict[Followed, int | None] = {}
        self._uss_plan = Plan(USS_DUTY, interval_ms * NS_PER_MS)
        counting = options.copy()
        counting.detail = "uss"
        self._uss_taking = Taking(counting, tell=lambda *_: None, say=lambda _: None)
        self._plan.earn(interval_ms * NS_PER_MS)

    def read(self, followed: Followed) -> Details:
        """Return what was read of a process, now if that is due and paid for."""
        now_ns = time.monotonic_ns()
        self._plan.earn(now_ns - self._earned_ns)
        self._earned_ns = now_ns
        held = self._held.pop(followed, None) or Held()
        self._held[followed] = held  # the last of them
        for old in [*self._held][:-KEPT]:
            del self._held[old]
        if self._is_due(followed, held, now_ns) and self._plan.has_credit():
            self._take(followed, held)
        return self._told(held)

    def last(self, followed: Followed, note: str) -> Details:
        """Return what was read last of a process that ended."""
        held = self._held.get(followed) or Held()
        held.note = note
        return self._told(held)

    def read_uss(self, alive: Iterable[Followed], *, is_all: bool) -> None:
        """Read the USS of those that moved most, while that is paid for, or of all."""
        now_ns = time.monotonic_ns()
        self._uss_plan.earn(now_ns - self._uss_earned_ns)
        self._uss_earned_ns = now_ns
        for followed in self._uss_plan.due(each for each in alive if not each.same_as):
            if not (is_all or self._uss_plan.has_credit()):
                return
            began_ns = time.thread_time_ns()
            try:
                self.uss_kb[followed] = _uss_of(self._uss_taking.take(followed))
            except ProcessError:
                self.uss_kb.pop(followed, None)
            self._uss_plan.pay(followed, time.thread_time_ns() - began_ns)

    def has(self, followed: Followed) -> bool:
        """Tell whether readings of a process are kept."""
        return followed in self._held

    def regions(self, followed: Followed) -> int | None:
        """Return how many regions a process has, if they were read."""
        held = self._held.get(followed)
        return None if held is None else held.regions

    def forget(self, followed: Followed) -> None:
        """Forget how a process was read: it ended, or runs another program."""
        self._plan.forget(followed)
        self._taking.forget(followed)
        self.uss_kb.pop(followed, None)
        self._uss_plan.forget(followed)
        self._uss_taking.forget(followed)
        self._words.pop(followed, None)

    def _tell(self, kind: str, words: str, followed: Followed) -> None:
        self._words[followed] = f"{kind}: {words}"

    def _is_due(self, followed: Followed, held: Held, now_ns: int) -> bool:
        if not held.t_ns or not self._plan.is_unmoved(followed):
            return True
        return now_ns - held.t_ns > LONGEST_S * NS

    def _told(self, held: Held) -> Details:
        details = held.details
        if held.t_ns:
            details.age_s = (time.monotonic_ns() - held.t_ns) / NS
        cost_s = held.cost_ns / NS
        details.between_s = max(self._between_s, cost_s / self._duty)
        details.note = held.note
        if not held.t_ns and not held.note:
            details.note = "not read yet: it waits until reading was paid back"
        return details

    def _take(self, followed: Followed, held: Held) -> None:
        began_ns = time.thread_time_ns()
        held.note = ""
        try:
            snap = self._taking.take(followed)
            # Another process may have got the pid since the last look.
            if len(snap) and self._crowd.is_there(followed):
                _keep(held, snap, time.monotonic_ns())
                if (uss_kb := _uss_of(snap)) is not None:
                    self.uss_kb[followed] = uss_kb
                held.note = safe(self._words.get(followed, ""))
        except AccessDenied as error:
            held.note, held.t_ns = safe(str(error)), held.t_ns or 0
        except ProcessError as error:
            held.note = safe(str(error))
        held.cost_ns = time.thread_time_ns() - began_ns
        self._plan.pay(followed, held.cost_ns)


def _keep(held: Held, snap: Snapshot, now_ns: int) -> None:
    sums = held_by_owner(snap)
    made = []
    for name, amounts in sums.items():
        points = held.history.setdefault(name, [])
        points.append((now_ns, amounts[RSS]))
        del points[:-POINTS]
        made.append(
            Owner(
                name=safe(name),
                rss_kb=amounts[RSS],
                swap_kb=amounts[SWAP],
                rate_kb_min=_rate(points),
                history=[kb for _, kb in points],
            )
        )
    for gone in [*held.history.keys() - sums.keys()]:
        del held.history[gone]
    made.sort(key=lambda owner: -(owner.rss_kb or 0))
    held.details = Details(owners=made, regions=Regions(snap))
    held.regions = len(snap)
    held.t_ns = now_ns


def _uss_of(snap: Snapshot) -> int | None:
    """Return what only this process maps; None if a region does not tell it."""
    name = "uss_kb" if "uss_kb" in snap.columns else "private_kb"
    found = [*values(snap, name)]
    return None if None in found else sum(kb for kb in found if kb is not None)


def _rate(points: list[tuple[int, int | None]]) -> float | None:
    (first_ns, first), (last_ns, last) = points[0], points[-1]
    if first is None or last is None or first_ns == last_ns:
        return None
    return (last - first) * MINUTE_S * NS / (last_ns - first_ns)
