"""A gate: judge processes, of which no more is read than the limits need.

A process that cannot be judged is reported and never passes.
"""

from __future__ import annotations

from memc.errors import MemcError, ProcessGone
from memc.limits.figures import figure, hugetlb
from memc.limits.limits import (
    WITH_HUGETLB,
    Checked,
    Growth,
    GrowthLimit,
    HeadroomLimit,
    Limit,
    ShareLimit,
)
from memc.limits.readings import Readings
from memc.limits.samples import tells_hugetlb
from memc.limits.troubles import Troubles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from memc.limits.bounds import Bounds
    from memc.limits.grouped import Group, Grouping
    from memc.limits.limits import AnyLimit
    from memc.read.backend import Backend
    from memc.targets.choice import Choice
    from memc.targets.target import Target

__all__ = ["Gate"]


class Gate:
    """Limits, and their results for the processes and files of a choice.

    `checked` are the figures that were judged.  `errors` are Troubles.  `skipped` are
    the processes, by pid, that could not be read and that the user did not name; with
    `skip_denied` not those that memc may not read.
    `renamed` has words about processes that may have called exec meanwhile, and
    `unpaired` about files with processes that are not in both of two samples, and
    `left_out` about limits that would be broken with what USS leaves out.
    """

    def __init__(
        self,
        choice: Choice,
        limits: Sequence[AnyLimit],
        reader: Backend,
        *,
        skip_denied: bool = False,
        grouping: Grouping | None = None,
    ) -> None:
        self.checked: list[Checked] = []
        self._troubles = Troubles(choice, skip_denied=skip_denied)
        self.errors = self._troubles.errors
        self.skipped = self._troubles.skipped
        self._choice = choice
        self._limits = limits
        self._reader = reader
        self._readings = Readings(choice, limits, reader, self._troubles, grouping)
        self.renamed = self._readings.renamed
        self.unpaired = self._readings.unpaired
        self.left_out: list[str] = []
        self._before: list[Target] = []
        self._total = False
        self._bounds: Bounds | None = None
        self._is_partial = False
        self._grouping = grouping
        self._group: Group | None = None

    def run(self, *, apart_s: float, total: bool) -> None:
        """Read, and judge each process, or with `total` the sum over all.

        If there is a grouping, the sum of each group is judged, be it of processes or
        of their regions.

        If a limit is on growth, there are two readings of live processes, `apart_s`
        seconds apart; of a file these are the first and the last sample.  If a limit
        judged no process, that is an error.  Raises MemcError if the root cannot be
        read.
        """
        self._total = total or self._grouping is not None
        self._readings.read(apart_s, total=self._total)
        self._before = self._readings.before
        self._is_partial = bool(self.errors or self.skipped)
        if self._grouping is not None:
            denied = {error.pid for error in self.errors if error.pid is not None}
            self._grouping.note_unread({*self.skipped, *denied}, self._choice.proc)
        for limit in self._limits:
            done = len(self.checked)
            self._judge(limit, self._readings.of(limit))
            if not (len(self.checked) > done or self.errors or self.skipped):
                self._troubles.judged_nobody(limit.name)

    def _judge(self, limit: AnyLimit, targets: list[Target]) -> None:
        grouping = self._grouping
        if grouping is None:
            self._judge_all(limit, targets)
            return
        whole, is_partial = self._before, self._is_partial
        before = grouping.split(whole)
        for group, members in grouping.split(targets).items():
            self._group = group
            self._before = before.get(group, [])
            self._is_partial = is_partial and grouping.is_partial(group)
            self._judge_all(limit, members)
        self._before, self._is_partial = whole, is_partial

    def _judge_all(self, limit: AnyLimit, targets: list[Target]) -> None:
        if isinstance(limit, HeadroomLimit):
            self._judge_headroom(limit, targets)
        elif isinstance(limit, ShareLimit):
            self._judge_share(limit, targets)
        elif self._total:
            self._judge_sum(limit, targets)
        else:
            self._judge_each(limit, targets)

    def _judge_share(self, limit: ShareLimit, targets: list[Target]) -> None:
        """Judge by a share of a limit, which differs between processes."""
        if self._total:
            try:
                most = self._find_bounds().common(limit, targets) if targets else None
            except MemcError as error:
                self._unbound(limit, error, None)
            else:
                if most is not None:
                    self._judge_sum(most, targets)
            return
        for target in targets:
            try:
                most = self._find_bounds().share(limit, target)
            except MemcError as error:
                self._unbound(limit, error, target)
            else:
                self._judge_each(most, [target])

    def _judge_headroom(self, limit: HeadroomLimit, targets: list[Target]) -> None:
        for target in targets:
            try:
                least, kb = self._find_bounds().headroom(limit, target)
            except MemcError as error:
                self._unbound(limit, error, target)
            else:
                self.checked.append(Checked(least, kb, target))

    def _find_bounds(self) -> Bounds:
        if self._bounds is None:
            from memc.limits.bounds import Bounds

            self._bounds = Bounds(self._choice.proc)
        return self._bounds

    def _unbound(
        self,
        limit: ShareLimit | HeadroomLimit,
        error: MemcError,
        target: Target | None,
    ) -> None:
        """Note why a limit cannot be judged; each reason once."""
        if target is not None and isinstance(error, ProcessGone):
            if target.pid in self._choice.pids:
                self._troubles.add(str(error), target.pid)
            return
        pid = None if target is None else target.pid
        self._troubles.add(f"--{limit.name} cannot be judged: {error}", pid)

    def _judge_each(self, limit: Limit | GrowthLimit, targets: list[Target]) -> None:
        before = {(target.file, target.pid): target for target in self._before}
        for target in targets:
            now = self._figure(target, limit.what)
            if isinstance(limit, Limit):
                if now is not None:
                    checked = Checked(limit, now, target)
                    checked.at_ms = self._readings.peak_ms(target, limit.what)
                    self._add(checked, [target])
                continue
            first = before.get((target.file, target.pid))
            first = self._readings.first_of(target, first)
            if first is None:
                continue
            then = self._figure(first, limit.what)
            elapsed_ns = self._readings.elapsed([first], [target])
            if not tells_hugetlb(limit.what, [first], [target], self._troubles):
                continue
            if now is not None and then is not None and elapsed_ns:
                growth = Growth(then, now, elapsed_ns)
                self._add(Checked(limit, growth, target), [target])

    def _judge_sum(self, limit: Limit | GrowthLimit, targets: list[Target]) -> None:
        """Judge a sum.

        If the sum of the known figures is over a limit, so is the whole sum.  If it is
        within the limit, all figures must be known.
        """
        at_ms = None
        if isinstance(limit, Limit):
            at_ms, targets = self._readings.at_peak(targets, limit.what)
        now, is_known = self._sum(targets, limit.what)
        value: int | Growth = now
        if isinstance(limit, GrowthLimit):
            then, was_known = self._sum(self._before, limit.what)
            is_known = is_known and was_known and self._are_same(targets)
            whole = self._readings.before, self._readings.of(limit)
            elapsed_ns = self._readings.elapsed(*whole)
            sides = self._before, targets
            if not (elapsed_ns and tells_hugetlb(limit.what, *sides, self._troubles)):
                return
            value = Growth(then, now, elapsed_ns)
        checked = Checked(limit, value, processes=len(targets))
        checked.at_ms = at_ms
        checked.group = self._group
        is_over = checked.is_over and isinstance(limit, Limit)
        if targets and (is_over or (is_known and not self._is_partial)):
            self._add(checked, targets)

    def _add(self, checked: Checked, targets: list[Target]) -> None:
        """Keep a figure, with the part of it that is in pages of hugetlb."""
        if checked.limit.what in WITH_HUGETLB:
            checked.hugetlb_kb = sum(hugetlb(t.table) or 0 for t in targets)
        if checked.limit.what == "uss" and not checked.is_over:
            from memc.limits.left_out import left_out

            self.left_out += filter(None, [left_out(checked, targets, self._reader)])
        self.checked.append(checked)

    def _are_same(self, targets: list[Target]) -> bool:
        """Tell whether each pid that the user named was this process before."""
        before = {t.pid: t for t in self._readings.before if t.file is None}
        named = [t for t in targets if t.file is None and t.pid in self._choice.pids]
        firsts = [self._readings.first_of(t, before.get(t.pid)) for t in named]
        return None not in firsts

    def _sum(self, targets: list[Target], what: str) -> tuple[int, bool]:
        """Return the sum of the known figures, and whether all are known."""
        figures = [self._figure(target, what) for target in targets]
        known = [value for value in figures if value is not None]
        return sum(known), len(known) == len(figures)

    def _figure(self, target: Target, what: str) -> int | None:
        """Return a figure; if it is not known, note why and return None."""
        value = figure(target.table, what)
        if value is None:
            self._troubles.unknown(target, what)
        return value
