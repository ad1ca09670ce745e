"""New addresses for regions, which tell nothing of where the kernel put them.

The kernel places memory at random, and a program's secrets hang on that.  Memory is cut
into runs where much lies between, and before what the kernel or an allocator places by
itself; the runs are put one after another:

    before                              after
    55cbc4243000  program               200000001000
    55cbc5a41000  [heap]                200004001000
    7f55e8000000  glibc arena           210008000000   still at a multiple of 64 MiB
    7f56015f8000  libraries             210010001000
    7ffd4ff00000  [stack]               211018001000
    ffffffffff600000  [vsyscall]        the same: it is there in every process

Inside a run nothing changes.  Order, what touches what, gaps as far as they mean
something, and multiples that rules of owners look for all stay.  One map is for all
samples of a process, so that a diff finds the same changes.
"""

from __future__ import annotations

from memc.owners.chromium import CAGE, V8, V8_PAGE
from memc.owners.cpython import POOL, PYTHON
from memc.owners.heaps import ALONE, ARENA, GO_STARTS, GO_STEPS, TIB
from memc.owners.kinds import FAR, bare_name
from memc.owners.runtimes import (
    CHUNK,
    EXTENT_START,
    JAVA_CLASSES,
    JEMALLOC,
    MIMALLOC_START,
    MIMALLOC_STEP,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, TypeAlias

    Span: TypeAlias = tuple[str, str]

__all__ = ["FIXED_END", "HIGH", "KERNEL_START", "LOW", "MIDDLE", "Relayout", "is_fixed"]

PAGE, CUT = 4096, 32 << 20
FIXED_END = JAVA_CLASSES  # 36 GiB: programs at fixed addresses, and Java's heap
LOW, MIDDLE, HIGH = 64 << 30, MIMALLOC_START, 32 * TIB  # where runs begin
KERNEL_START = 1 << 63
TRIES = 64  # of a place with no multiples that were none before
ALONE_NAMES = {"[heap]", "[stack]", "[vvar]", "[vvar_vclock]", "[vdso]"}
# Multiples that rules look for: in every process, and where such code is mapped or
# such an owner was told.
UNITS = {CHUNK, ARENA}
OF_CODE = (
    (PYTHON, (POOL,)),
    (V8, (V8_PAGE, CAGE)),
    (JEMALLOC, (EXTENT_START,)),
    (("libmimalloc",), (MIMALLOC_STEP,)),
)
OF_OWNER = {
    "V8 heap": (V8_PAGE, CAGE),
    "mimalloc": (MIMALLOC_STEP,),
    "jemalloc": (EXTENT_START,),
    "Python memory": (POOL,),
}
# Its super pages hold what begins behind a multiple, so the whole run keeps its place.
BEHIND = {"PartitionAlloc": CHUNK}


def is_fixed(start: int) -> bool:
    """Tell whether every process on every machine has this address, so it may stay."""
    is_go = start % TIB in GO_STARTS and start < GO_STEPS * TIB
    return start < FIXED_END or start >= KERNEL_START or is_go


class Run:
    """Regions that keep their distances: where they begin and end, and their starts."""

    __slots__ = ("end", "is_heap", "start", "starts", "units")

    def __init__(self, start: int, *, is_heap: bool) -> None:
        self.start = self.end = start
        self.is_heap = is_heap
        self.starts: list[int] = []  # of regions whose multiples count
        self.units: set[int] = set()


class Relayout:
    """The new addresses of one process, in all its samples.

    `learn` takes the regions of each sample; after the last, `places` maps the start
    and the end of a region, as in the documents, to those that it gets.
    """

    __slots__ = ("_behind", "_cuts", "_heaps", "_loose", "_spans", "_units", "places")

    def __init__(self) -> None:
        self._spans: set[Span] = set()
        self._cuts: set[str] = set()
        self._heaps: set[str] = set()
        self._loose: set[str] = set()  # where multiples count
        self._behind: dict[str, int] = {}
        self._units = set(UNITS)
        self.places: dict[Span, Span] = {}

    def learn(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Take the regions of a sample, which have owners if they are known."""
        seen: set[tuple[str | None, str | None]] = set()
        for row in rows:
            start, name, owner = row["start"], row.get("pathname"), row.get("owner")
            self._spans.add((start, row["end"]))
            if not name or name[0] != "/" or row.get("type") == "shared_lib":
                self._loose.add(start)
            if name in ALONE_NAMES or owner == "glibc arena":
                self._cuts.add(start)
                if name == "[heap]":
                    self._heaps.add(start)
            if owner in BEHIND:
                self._behind[start] = BEHIND[owner]
            seen.add((name, owner))
        self.places = {}
        self._learn_units(seen)

    def _learn_units(self, seen: Iterable[tuple[str | None, str | None]]) -> None:
        for name, owner in seen:
            self._units.update(OF_OWNER.get(owner or "", ()))
            if name and name[0] == "/":
                bare = bare_name(name).lower()
                for starts, units in OF_CODE:
                    if bare.startswith(starts):
                        self._units.update(units)

    def lay(self) -> dict[Span, Span]:
        """Return the new start and end by the old ones."""
        if self._spans and not self.places:
            self.places = self._lay()
        return self.places

    def _lay(self) -> dict[Span, Span]:
        spans = sorted((int(a, 16), int(b, 16), a, b) for a, b in self._spans)
        is_32 = spans[-1][1] <= 1 << 32
        units = sorted(self._units, reverse=True)
        places: dict[Span, Span] = {}
        runs: list[tuple[Run, list[tuple[int, int, str, str]]]] = []
        for span in spans:
            start, end, told, _ = span
            if not runs or self._begins(runs[-1][0], start, told):
                runs.append((Run(start, is_heap=told in self._heaps), []))
            run, members = runs[-1]
            run.end = max(run.end, end)
            members.append(span)
            if told in self._loose:
                run.starts.append(start)
            if told in self._behind:
                run.units.add(self._behind[told])
        at = was = 0
        for run, members in runs:
            to = run.start if is_32 else place(run, at, run.start - was, units)
            delta = to - run.start
            for start, end, first, last in members:
                places[first, last] = hex(start + delta), hex(end + delta)
            at, was = run.end + delta, run.end
        return places

    def _begins(self, run: Run, start: int, told: str) -> bool:
        """Tell whether a run begins here, and the one before is over."""
        gap = start - run.end
        return gap >= CUT or (gap > 0 and told in self._cuts)


def place(run: Run, at: int, gap: int, units: list[int]) -> int:
    """Return where a run begins, not below `at`; before it was a gap so wide."""
    if is_fixed(run.start) and not run.is_heap and at <= run.start:
        return run.start
    least = up(_least(run.start, at, gap), ARENA)
    whole = _unit(run, units)
    if not whole:
        whole, least = PAGE, least + PAGE
    to = least + (run.start - least) % whole
    wider = [unit for unit in units if unit > whole]
    for _ in range(TRIES):
        if not _is_new_multiple(run, to - run.start, wider):
            break
        to += whole
    return to


def _least(start: int, at: int, gap: int) -> int:
    """Return the first address for what began at `start`, behind a gap so wide.

    No gap is wider than it needs to be for the rules of owners, so that what was laid
    once is laid in the same way again.
    """
    at += FAR if gap >= FAR else ALONE if gap >= ALONE else CUT
    if start < FIXED_END:
        return at
    return max(at, LOW if start < TIB else MIDDLE if start < HIGH else HIGH)


def _unit(run: Run, units: list[int]) -> int:
    """Return the widest unit of which a region begins at a multiple, 0 if none does."""
    found = (unit for unit in units if any(not one % unit for one in run.starts))
    return max(next(found, 0), max(run.units, default=0))


def _is_new_multiple(run: Run, delta: int, units: list[int]) -> bool:
    """Tell whether a region would begin at a multiple at which none began before."""
    return any(
        not (one + delta) % unit
        for unit in units
        for one in (run.starts or [run.start])
    )


def up(value: int, unit: int) -> int:
    """Return the next multiple of a unit."""
    return -(-value // unit) * unit
