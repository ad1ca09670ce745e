"""By how much memory grew while some code ran, of this process and its children.

A reading is taken when all that can be given back has been: garbage is collected, and
malloc gives free pages to the kernel.  Memory that is swapped out counts as well, so
that swapping makes nothing grow or shrink.
"""

from __future__ import annotations

import gc
import os

from memc.analysis.differences import compare
from memc.errors import MemcError
from memc.human.amounts import kb_of
from memc.limits.limits import is_whole
from memc.read.options import Options
from memc.table.amounts import values
from memc.targets.choice import Choice
from memc.targets.read import read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from memc.analysis.differences import Change, Diff
    from memc.targets.target import Found, Target

__all__ = ["FLOOR_KB", "OF", "Grown", "Meter", "Plan"]

# Growth up to this is noise.  docs/tests.md says how it was measured.
FLOOR_KB = 256

# What is measured, and the amounts that it is the sum of.
OF = {
    "uss": ("private_kb", "swap_kb"),
    "pss": ("pss_kb", "swap_pss_kb"),
    "rss": ("rss_kb", "swap_kb"),
}


class Plan:
    """What is measured how, and how much is allowed.

    Code runs `warmup` times unmeasured and then `rounds` times.  `max_kb` is for all
    rounds together, None where anything is allowed; `of` is one of `OF`.  Unless told
    otherwise a test may keep 2 MiB: Python's own allocator keeps arenas of 1 MiB for
    one small object that is left in them.
    """

    __slots__ = ("children", "max_kb", "of", "proc", "rounds", "warmup")

    def __init__(
        self,
        max_growth: str | None = "2M",
        *,
        rounds: int = 5,
        warmup: int = 1,
        of: str = "uss",
        children: bool = True,
        proc: str = "/proc",
    ) -> None:
        """Take the words of a test; TypeError or ValueError says what was expected."""
        self.max_kb = None if max_growth is None else _max_kb(max_growth)
        self.rounds = _count("rounds", rounds, 1)
        self.warmup = _count("warmup", warmup, 0)
        if of not in OF:
            raise ValueError(f"of: expected {' or '.join(map(repr, OF))}, not {of!r}")
        self.of = of
        if not isinstance(children, bool):
            raise TypeError(f"children: expected True or False, not {children!r}")
        self.children = children
        self.proc = proc


def _max_kb(text: object) -> int:
    expected = "an amount and its unit, such as '512K', or None"
    if not isinstance(text, str):
        raise TypeError(f"max_growth: expected {expected}, not {text!r}")
    try:
        return int(kb_of(text))
    except ValueError as error:
        raise ValueError(f"max_growth: expected {error}, not {text!r}") from None


def _count(name: str, value: object, least: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise ValueError(f"{name}: expected a number from {least}, not {value!r}")
    return value


class Grown:
    """What became of memory: `before` and `after` are the processes as they were read.

    `diff` has every region.  A process that appeared counts whole, and what one had
    that ended was given back.
    """

    __slots__ = ("after", "after_kb", "before", "before_kb", "diff", "plan")

    def __init__(self, plan: Plan, before: list[Target], after: list[Target]) -> None:
        """Raise MemcError if it cannot be told."""
        self.plan = plan
        self.before = before
        self.after = after
        self.before_kb = sum(_total_kb(target, plan.of) for target in before)
        self.after_kb = sum(_total_kb(target, plan.of) for target in after)
        self.diff: Diff = compare(before, after)

    @property
    def growth_kb(self) -> int:
        """By how much it grew in all, in kB; less than 0 if it shrank."""
        return self.after_kb - self.before_kb

    @property
    def is_over(self) -> bool:
        """Whether that is more than is allowed, and more than noise."""
        most = self.plan.max_kb
        return most is not None and self.growth_kb > max(most, FLOOR_KB)

    def regions(self) -> list[tuple[int, Change]]:
        """Return what grew, and by how much in kB, the largest growth first."""
        names = OF[self.plan.of]
        found = []
        for change in self.diff:
            growths = [change.growth(name) or 0 for name in names]
            if sum(growths) > 0:
                found.append((sum(growths), change))
        return sorted(found, key=lambda pair: -pair[0])

    def __repr__(self) -> str:
        """Tell by how much."""
        return f"<Grown by {self.growth_kb} kB: {self.diff!r}>"


class Meter:
    """Measure what a plan says: `start` before the code, `stop` behind it."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._trim = _find_trim()
        self._before: list[Target] = []

    def start(self) -> None:
        """Take the first reading; MemcError if something cannot be read.

        It is taken twice: the first brings what reading needs for good, and is there
        at the second as the second will be at the last.
        """
        self._before = self._read()
        self._before = self._read()

    def stop(self) -> Grown:
        """Take the last reading and return what became of memory; MemcError."""
        return Grown(self.plan, self._before, self._read())

    def _read(self) -> list[Target]:
        gc.collect()
        self._trim()
        plan, pid = self.plan, os.getpid()
        choice = Choice(proc=plan.proc)
        (choice.trees if plan.children else choice.pids).append(pid)
        found = read(choice, Options("smaps", proc=plan.proc))
        _check(found, pid)
        return found.targets


def _check(found: Found, pid: int) -> None:
    """Raise MemcError unless all was read that did not end meanwhile."""
    for error in found.errors:
        raise error
    for skip in found.skipped:
        if skip.reason != "gone":
            who = f"process {skip.pid} {skip.name}".rstrip()
            why = "permission denied" if skip.reason == "denied" else "not readable"
            raise MemcError(f"{who}: {why}: children=False leaves children out")
    if all(target.pid != pid for target in found.targets):
        raise MemcError(f"process {pid}: expected regions, found none")


def _total_kb(target: Target, of: str) -> int:
    """Return all that a process has, in kB; MemcError if that is not known."""
    who = f"process {target.pid} {target.name}".rstrip()
    if not is_whole(target.table):
        raise MemcError(f"{who}: {of} is not known: {target.table.notes[0].text}")
    total = 0
    for name in OF[of]:
        for value in values(target.table, name):
            if value is None:
                raise MemcError(f"{who}: {of} is not known: no {name} of some regions")
            total += value
    return total


def _find_trim() -> Callable[[], object]:
    """Return what makes malloc give back free pages; nothing does that in musl."""
    import ctypes

    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return (lambda: None) if trim is None else lambda: trim(0)
