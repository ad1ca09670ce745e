"""Measure how much this process and its descendants grew while some code ran.

Before each reading, garbage is collected and malloc gives free pages back to the
kernel.  Memory that is swapped out counts as well, so swapping changes no result.
Pages of hugetlb count, too.
"""

from __future__ import annotations

import gc
import os

from memc.analysis.differences import compare
from memc.errors import MemcError
from memc.human.amounts import kb_of
from memc.limits.figures import is_whole
from memc.read.options import Options
from memc.table.amounts import values
from memc.table.fields import REASONS
from memc.targets.choice import Choice
from memc.targets.read import read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from memc.analysis.change import Change
    from memc.analysis.differences import Diff
    from memc.targets.target import Found, Target

__all__ = ["FLOOR_KB", "OF", "Grown", "Meter", "Plan"]

# Growth up to this is noise.  docs/tests.md says how it was measured.
FLOOR_KB = 256

# The columns whose sum is measured.
OF = {
    "uss": ("private_kb", "hugetlb_kb", "swap_kb"),
    "pss": ("pss_kb", "hugetlb_kb", "swap_pss_kb"),
    "rss": ("rss_kb", "hugetlb_kb", "swap_kb"),
}


class Plan:
    """What to measure, and how much growth is allowed.

    The code runs `warmup` times without measurement, and then `rounds` times.  `max_kb`
    is the growth allowed for all rounds together; None means no limit.  `of` is one of
    `OF`.  With `children`, all descendants of this process count.

    By default a test may keep 2 MiB, because Python's own allocator keeps a whole arena
    of 1 MiB for one small object that is left in it.
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
        """Check the arguments of a test.

        Raises TypeError or ValueError, which says what was expected.
        """
        self.max_kb = None if max_growth is None else _max_kb(max_growth)
        self.rounds = _count("rounds", rounds, 1)
        self.warmup = _count("warmup", warmup, 0)
        if of not in (*OF, "private"):
            raise ValueError(f"of: expected {' or '.join(map(repr, OF))}, not {of!r}")
        self.of = "uss" if of == "private" else of
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
    """The growth between two readings.

    `before` and `after` are the processes of the two readings, and `diff` compares
    their regions.  All memory of a process that appeared counts as growth.  All memory
    of a process that ended counts as given back.
    """

    __slots__ = ("after", "after_kb", "before", "before_kb", "diff", "plan")

    def __init__(self, plan: Plan, before: list[Target], after: list[Target]) -> None:
        """Sum up both readings; raise MemcError if an amount is not known."""
        self.plan = plan
        self.before = before
        self.after = after
        self.before_kb = sum(_total_kb(target, plan.of) for target in before)
        self.after_kb = sum(_total_kb(target, plan.of) for target in after)
        self.diff: Diff = compare(before, after)

    @property
    def growth_kb(self) -> int:
        """The growth of all processes together, in kB; below 0 if they shrank."""
        return self.after_kb - self.before_kb

    @property
    def is_over(self) -> bool:
        """Whether the growth is more than allowed, and more than noise."""
        most = self.plan.max_kb
        return most is not None and self.growth_kb > max(most, FLOOR_KB)

    def regions(self) -> list[tuple[int, Change]]:
        """Return the growth in kB and the change of each that grew, largest first."""
        names = OF[self.plan.of]
        found = []
        for change in self.diff:
            growths = [change.growth(name) or 0 for name in names]
            if sum(growths) > 0:
                found.append((sum(growths), change))
        return sorted(found, key=lambda pair: -pair[0])

    def __repr__(self) -> str:
        """Show the growth and the changes."""
        return f"<Grown by {self.growth_kb} kB: {self.diff!r}>"


class Meter:
    """Measure as a plan says: call `start` before the code and `stop` after it."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._trim = _find_trim()
        self._before: list[Target] = []

    def start(self) -> None:
        """Take the first reading.  Raises MemcError if a process cannot be read.

        This reads twice and keeps the second result.  The first time allocates what
        reading keeps for good.  The first result is still in memory at the second time,
        as the second result is at the last reading.  So reading causes no growth.
        """
        self._before = self._read()
        self._before = self._read()

    def stop(self) -> Grown:
        """Take the last reading and return the growth.

        Raises MemcError if a process cannot be read or an amount is not known.
        """
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
    """Raise MemcError if a process could not be read and has not ended."""
    for error in found.errors:
        raise error
    for skip in found.skipped:
        if skip.reason != "gone":
            who = f"process {skip.pid} {skip.name}".rstrip()
            why = REASONS["denied"] if skip.reason == "denied" else "not readable"
            raise MemcError(f"{who}: {why}: children=False leaves children out")
    if all(target.pid != pid for target in found.targets):
        raise MemcError(f"process {pid}: expected regions, found none")


def _total_kb(target: Target, of: str) -> int:
    """Return the whole amount of a process, in kB.

    Raises MemcError if it is not known.
    """
    who = f"process {target.pid} {target.name}".rstrip()
    if not is_whole(target.table):
        raise MemcError(f"{who}: {of} is not known: {target.table.notes[0].text}")
    total = 0
    for name in OF[of]:
        for value in values(target.table, name):
            # Some kernels tell nothing of hugetlb.
            if value is None and name != "hugetlb_kb":
                raise MemcError(f"{who}: {of} is not known: no {name} of some regions")
            total += value or 0
    return total


def _find_trim() -> Callable[[], object]:
    """Return a function that makes malloc give back free pages.

    With musl, which has no malloc_trim(), the function does nothing.
    """
    import ctypes

    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return (lambda: None) if trim is None else lambda: trim(0)
