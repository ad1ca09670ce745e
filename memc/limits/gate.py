"""A gate: read as much of the processes as the limits need, and judge them.

A process that cannot be judged is reported and never passes.
"""

from __future__ import annotations

import os
import time

from memc.errors import MemcError, ProcessGone
from memc.limits.left_out import left_out
from memc.limits.limits import (
    WITH_HUGETLB,
    Checked,
    Growth,
    GrowthLimit,
    HeadroomLimit,
    Limit,
    ShareLimit,
    figure,
    hugetlb,
)
from memc.limits.samples import both_samples, elapsed, tells_hugetlb, unpaired
from memc.limits.troubles import Troubles, ended, who
from memc.proc.state import why_empty
from memc.proc.swap import is_used
from memc.read.options import Options
from memc.targets.read import read
from memc.targets.twice import renamed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from memc.limits.bounds import Bounds
    from memc.limits.grouped import Group, Grouping
    from memc.read.backend import Backend
    from memc.targets.choice import Choice
    from memc.targets.target import Target

    AnyLimit: TypeAlias = Limit | GrowthLimit | ShareLimit | HeadroomLimit

__all__ = ["Gate"]

MAPS, TOTALS, ROLLUP = "maps", "totals", "rollup"


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
        self._readings: dict[str, list[Target]] = {}
        self._before: list[Target] = []
        self.renamed: list[str] = []
        self.unpaired: list[str] = []
        self.left_out: list[str] = []
        self._elapsed_ns = 0  # between two readings of live processes
        self._total = False
        self._bounds: Bounds | None = None
        self._is_partial = False
        self._grouping = grouping
        self._group: Group | None = None

    def run(self, *, apart_s: float, total: bool) -> None:
        """Read, and judge each process, or with `total` the sum over all.

        If there is a grouping, the sum of each group is judged.

        If a limit is on growth, there are two readings of live processes, `apart_s`
        seconds apart; of a file these are the first and the last sample.  If a limit
        judged no process, that is an error.  Raises MemcError if the root cannot be
        read.
        """
        self._total = total or self._grouping is not None
        details = dict.fromkeys(self._detail(limit.what) for limit in self._limits)
        growing = [x.what for x in self._limits if isinstance(x, GrowthLimit)]
        if growing and self._choice.names_live():
            self._wait(self._detail(growing[0]), apart_s)
        for detail in details:
            if detail not in self._readings:
                self._readings[detail] = self._read_live(detail)
        files = self._read_streams() if growing else self._read_files()
        self._is_partial = bool(self.errors or self.skipped)
        if self._grouping is not None:
            denied = {error.pid for error in self.errors if error.pid is not None}
            self._grouping.note_unread({*self.skipped, *denied}, self._choice.proc)
        for limit in self._limits:
            done = len(self.checked)
            self._judge(limit, [*self._readings[self._detail(limit.what)], *files])
            if not (len(self.checked) > done or self.errors or self.skipped):
                words = self._choice.nobody()
                words = f"--{limit.name} found no process to judge: {words}"
                self._troubles.add(words, None)

    def _detail(self, what: str) -> str:
        """Return the cheapest detail for a figure, or one that is read anyway."""
        if what == "regions":
            return MAPS
        needs = {limit.what for limit in self._limits}
        if "swap" in needs and is_used(is_copy=self._choice.proc != "/proc"):
            return ROLLUP  # status leaves swapped shared memory out
        return ROLLUP if needs & {"pss", "uss"} else TOTALS

    def _wait(self, detail: str, apart_s: float) -> None:
        """Read a detail twice, `apart_s` seconds apart."""
        began_ns = time.monotonic_ns()
        self._before = self._read_live(detail)
        time.sleep(apart_s)
        self._elapsed_ns = time.monotonic_ns() - began_ns
        # Report only what cannot be read now.
        self._troubles.clear()
        self._readings[detail] = self._read_live(detail)
        self.renamed = renamed(self._before, self._readings[detail])

    def _pids_before(self) -> set[int | None]:
        """Return the pids of the first of two readings."""
        return {target.pid for target in self._before if target.file is None}

    def _read_live(self, detail: str) -> list[Target]:
        """Read the live processes of the choice, without memc itself."""
        if not self._choice.names_live():
            return []
        choice = self._choice.without("paths")
        # One by one: a reading of all at once leaves out a process without a statm.
        options = Options(detail, proc=choice.proc)
        found = read(
            choice, options, reader=self._reader, one_by_one=True, needs=self._needs()
        )
        self._troubles.note(found, self._pids_before())
        return [
            target
            for target in found.targets
            if self._is_meant(target) and self._has_memory(target)
        ]

    def _read_files(self) -> list[Target]:
        choice = self._choice.without("pids", "trees")
        choice.every = False
        if not choice.paths:
            return []
        options = Options(MAPS, proc=choice.proc)
        found = read(choice, options, reader=self._reader, needs=self._needs())
        self._troubles.note(found, self._pids_before())
        return [target for target in found.targets if self._has_memory(target)]

    def _needs(self) -> list[str]:
        return [] if self._grouping is None else self._grouping.needs

    def _read_streams(self) -> list[Target]:
        """Read the first and the last sample of each file; return those of the last."""
        found: list[Target] = []
        for path in dict.fromkeys(self._choice.paths):
            first, last = both_samples(path, self._choice, self._troubles)
            last = [target for target in last if self._has_memory(target)]
            found += last
            if first is not None:
                first = [target for target in first if self._has_memory(target)]
                self._before += first
                self.renamed += renamed(first, last)
                words = unpaired(path, first, last, total=self._total)
                self.unpaired += filter(None, [words])
        return found

    def _is_meant(self, target: Target) -> bool:
        """Tell whether to judge a process: memc itself only if its pid was named."""
        mine = self._choice.proc == "/proc" and target.pid == os.getpid()
        return not mine or target.pid in self._choice.pids

    def _has_memory(self, target: Target) -> bool:
        """Tell whether a process has memory of its own.

        Kernel threads and zombies have none.

        If the user named the pid of such a process, that is an error.
        """
        table = target.table
        if target.same_memory_as is not None:  # it is judged there
            return False
        if len(table) or (getattr(table, "totals", {}) and figure(table, "size") != 0):
            return True
        if target.file is None and target.pid in self._choice.pids:
            words = why_empty(target.pid, self._choice.proc)
            self._troubles.add(f"{who(target)}: {words}", target.pid)
        return False

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
                    self._add(Checked(limit, now, target), [target])
                continue
            first = before.get((target.file, target.pid))
            first = self._first_of(target, first)
            if first is None:
                continue
            then = self._figure(first, limit.what)
            elapsed_ns = self._elapsed([first], [target])
            if not tells_hugetlb(limit.what, [first], [target], self._troubles):
                continue
            if now is not None and then is not None and elapsed_ns:
                growth = Growth(then, now, elapsed_ns)
                self._add(Checked(limit, growth, target), [target])

    def _first_of(self, target: Target, first: Target | None) -> Target | None:
        """Return the first reading of a pid, or None if it was of another process."""
        pid = target.pid
        if target.file is not None:
            return first if first and first.is_same(target) else None
        words = f"process {pid}: could not be read the first time"
        if first and not first.is_same(target):
            first, words = None, ended(pid)
        if first is None and pid in self._choice.pids:
            self._troubles.add(words, pid)
        return first

    def _judge_sum(self, limit: Limit | GrowthLimit, targets: list[Target]) -> None:
        """Judge a sum.

        If the sum of the known figures is over a limit, so is the whole sum.  If it is
        within the limit, all figures must be known.
        """
        now, is_known = self._sum(targets, limit.what)
        value: int | Growth = now
        if isinstance(limit, GrowthLimit):
            then, was_known = self._sum(self._before, limit.what)
            is_known = is_known and was_known and self._are_same(targets)
            elapsed_ns = self._elapsed(self._before, targets)
            sides = self._before, targets
            if not (elapsed_ns and tells_hugetlb(limit.what, *sides, self._troubles)):
                return
            value = Growth(then, now, elapsed_ns)
        checked = Checked(limit, value, processes=len(targets))
        checked.group = self._group
        is_over = checked.is_over and isinstance(limit, Limit)
        if targets and (is_over or (is_known and not self._is_partial)):
            self._add(checked, targets)

    def _add(self, checked: Checked, targets: list[Target]) -> None:
        """Keep a figure, with the part of it that is in pages of hugetlb."""
        if checked.limit.what in WITH_HUGETLB:
            checked.hugetlb_kb = sum(hugetlb(t.table) or 0 for t in targets)
        self.left_out += filter(None, [left_out(checked, targets, self._reader)])
        self.checked.append(checked)

    def _are_same(self, targets: list[Target]) -> bool:
        """Tell whether each pid that the user named was this process before."""
        before = {t.pid: t for t in self._before if t.file is None}
        named = [t for t in targets if t.file is None and t.pid in self._choice.pids]
        firsts = [self._first_of(t, before.get(t.pid)) for t in named]
        return None not in firsts

    def _elapsed(self, before: list[Target], after: list[Target]) -> int:
        """Return the time between two readings; if it is not known, note it: 0."""
        file = next((target.file for target in (*before, *after)), None)
        if file is None:
            return self._elapsed_ns
        return elapsed(file, before, after, self._troubles)

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
