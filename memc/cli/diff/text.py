"""The changes of groups as a table for people."""

from __future__ import annotations

from memc.analysis.groups import MAIN
from memc.analysis.kinds import KINDS, SHARING
from memc.analysis.twice_mapped import footnote as twice_mapped
from memc.cli.common.order import first_rows
from memc.cli.common.sheet import (
    GUESS,
    PARTIAL,
    Sheet,
    render,
    who,
)
from memc.cli.output import counted
from memc.human.spark import spark
from memc.human.units import bare, signed
from memc.table.amounts import THP

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from memc.analysis.growth import Growth
    from memc.analysis.trend import Trend
    from memc.cli.common.look import Look
    from memc.targets.target import Target

__all__ = ["text"]

RED, GREEN = "31", "32"
SHARED_PSS = (
    "PSS divides what processes share among them: it changes, too, when others come",
    "and go.",
)


SHARED_DIFFERENTLY = (
    "shared differently: others map more or less of it; the process did not change it"
)


def text(
    growth: Growth,
    rows: list[int],
    look: Look,
    *,
    trend: Trend | None = None,
    told: Sequence[str] = (),
) -> str:
    """Return the table of the groups that changed, the total over all, and footnotes.

    `rows` are those groups in order, and `look` says which of them are shown.  A line
    is red if the amount that `look` judges by grew, and green if it shrank.  `trend` is
    how that amount went, and `told` are more footnotes.
    """
    if not rows:
        count = growth.after.region_count()
        what = "totals" if count is None else counted(count, "region")
        said = f"the same: {what}"
        lines = said, *_lacking(growth), *told
        return "".join(f"{line}\n" for line in lines)
    shown = look.shown(growth, first_rows(growth, rows, look.top))
    sheet = _DiffSheet(growth, shown, look, trend)
    return render(
        sheet, rows, lambda has: (*_footnotes(growth, look, has, rows=rows), *told)
    )


class _DiffSheet(Sheet):
    """A sheet of groups, with columns for the growth in regions and their changes."""

    def __init__(
        self, growth: Growth, shown: list[int], look: Look, trend: Trend | None
    ) -> None:
        self.growth = growth
        self.trend = trend
        super().__init__(growth, shown, look)
        if look.wide and growth.by == "region":
            self.put("BEFORE", [self._was(i) for i in shown])

    def human(self, name: str, kb: int | None, *, partial: bool = False) -> str:
        del name
        return (bare if self.look.is_piped else signed)(kb, partial=partial)

    def is_there(self, name: str) -> bool:
        if name in ("hugetlb_kb", THP) or self.look.asks_for(name):
            return super().is_there(name)
        sides = (self.growth.before, self.growth.after)
        return super().is_there(name) or any(side.is_known(name) for side in sides)

    def marks(self, sort: str) -> list[str]:
        grown = [self.growth.amounts[sort][i] for i in self.shown]
        return [RED if kb > 0 else GREEN if kb < 0 else "" for kb in grown]

    def put_counts(self) -> None:
        growth = self.growth
        if growth.by == "region":
            kinds = [pair.kinds[change] for pair, change in growth.changes]
            self.put("CHANGE", [kinds[i] for i in self.shown])
            return
        sides = (*growth.before.targets, *growth.after.targets)
        self.has_regions = (
            self.wide
            or self.look.asks_for("regions")
            or not any(target.is_uncounted for target in sides)
        )
        if self.has_regions:
            self.put("REGIONS", [self._regions((i,)) for i in self.shown], right=True)
        if self.trend is not None:
            trends = [self._trend((i,)) for i in self.shown]
            self.put("PER HOUR", [rate for rate, _ in trends], right=True)
            self.put("TREND", [line for _, line in trends])
        self.put("CHANGE", [self._words(i) for i in self.shown])

    def counts(self, rows: Sequence[int]) -> list[str]:
        if self.growth.by == "region":
            return [""]
        regions = [self._regions(rows)] if self.has_regions else []
        return [*regions, *self._trend(rows), ""]

    def whose(self) -> str:
        growth = self.growth
        if growth.process_count > 1:
            return super().whose()
        targets = (*growth.before.targets, *growth.after.targets)
        names = {t.file or who(t): _short(t) for t in targets}
        return " → ".join(names.values())

    def span(self, i: int, start: int, end: int) -> str:
        pair, change = self.growth.changes[i]
        before, after = pair.rows(change)
        target, _ = pair.first(change)
        last = target.table.columns["end"].values[(after or before)[-1]]
        return super().span(i, start, max(end, last))

    def _trend(self, rows: Sequence[int]) -> tuple[str, ...]:
        """Return the cells for how fast these groups grew, and how that went."""
        if self.trend is None:
            return ()
        line = spark(self.trend.line(rows))
        return self.human("", self.trend.rate(rows)), line

    def _was(self, i: int) -> str:
        """Return the address of a region before, "-" if it is new."""
        pair, change = self.growth.changes[i]
        before, _ = pair.rows(change)
        if pair.before is None or not before:
            return "-"
        columns = pair.before.table.columns
        start = columns["start"].values[before[0]]
        return f"{start:x}-{columns['end'].values[before[-1]]:x}"

    def _regions(self, rows: Sequence[int]) -> str:
        """Return how many regions these groups gained, with a sign."""
        count = self.growth.region_growth(rows)
        if count is None:
            return "-"
        return f"{count:+}" if count and not self.look.is_piped else str(count)

    def _words(self, i: int) -> str:
        """Return the number of changes of each kind: "1 appeared, 2 grew"."""
        counts = self.growth.kinds[i]
        told = (kind for kind in KINDS if kind in counts and kind != "same")
        is_recorded = self.trend is not None  # then an owner is as one region
        if is_recorded or self.growth.region_growth((i,)) is None:
            return ", ".join(told)
        return ", ".join(f"{counts[kind]} {kind}" for kind in told)


def _short(target: Target) -> str:
    """Return the name of a file without its folder, or the words for a process."""
    if target.file is None:
        return who(target)
    return target.file.rstrip("/").rpartition("/")[2] or target.file


def _lacking(growth: Growth) -> Iterator[str]:
    """Yield a line on the amounts that only one side knows, if both have any."""
    sides = (growth.before, growth.after)
    if not all(sum(side.sources) for side in sides):
        return
    known = [[side.is_known(name) for side in sides] for name in MAIN.values()]
    words = [word.upper() for word, (a, b) in zip(MAIN, known, strict=True) if a != b]
    if not any(any(side.amounts["hugetlb_kb"]) for side in sides):
        words = [word for word in words if word != "HUGETLB"]
    if words:
        yield f"{' '.join(words)}: one side does not tell, so the change is not known"


def _footnotes(
    growth: Growth, look: Look, has: Container[str], *, rows: list[int]
) -> Iterator[str]:
    if growth.unchanged:
        more = "is" if growth.unchanged == 1 else "are"
        yield f"{growth.unchanged} more {more} the same"
    yield from _lacking(growth)
    if "CHANGE" in has and any(SHARING in growth.kinds[i] for i in rows):
        yield SHARED_DIFFERENTLY
    if growth.process_count > 1 and growth.is_known("pss_kb") and "PSS" in has:
        yield from SHARED_PSS
    if growth.is_known("private_kb") and "PRIVATE" in has:
        yield from twice_mapped(growth.after.targets)
    if "+" in has:
        yield PARTIAL
    if "?" in has and not look.wide:
        yield GUESS
