"""The groups of ``memc show`` as a table for people."""

from __future__ import annotations

from memc.analysis.twice_mapped import footnote as twice_mapped
from memc.cli.common.order import first_rows
from memc.cli.common.sheet import GUESS, PARTIAL, Sheet, render
from memc.cli.show.anonymous import footnote
from memc.human.units import safe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

    from memc.analysis.groups import Groups
    from memc.cli.common.look import Look

__all__ = ["text"]

LARGE = 10  # a line with this percentage of the total, or more, is yellow
YELLOW = "33"

SHARED_PSS = (
    "PSS divides what processes share among them: its sums count nothing twice."
)
SHARED = (
    "What processes share is counted in each of them: these sums are more than there",
    "is.  PSS would divide it, which takes --detail smaps.",
)
SHARED_RECORDED = (
    "What processes share is counted in each of them: these sums are more than there",
    "was.",
)
ALONE = (
    "FREED comes back if that process alone is killed; of several together --freed",
    "tells it.",
)
TRANSPARENT = "THP is in transparent huge pages: a part of RSS, PSS and PRIVATE."
HUGE = "Pages of hugetlb are in no RSS, PSS and PRIVATE.  The order counts both."
NO_HUGE = "Pages of hugetlb are in no RSS, PSS and PRIVATE, and were not told here."
MARKS = {"+": PARTIAL, "THP": TRANSPARENT}  # what explains a mark, or a column


def text(
    groups: Groups,
    rows: list[int],
    look: Look,
    *,
    unseen: Iterable[str] = (),
) -> str:
    """Return the table of these groups, the total over all, and footnotes.

    `unseen` are footnotes on processes that could not be read.

    `rows` are all groups in order, and `look` says which of them are shown.  Lines with
    a large part of the amount that `look` judges by are yellow.
    """
    if not rows:
        return "".join(f"{line}\n" for line in ("no regions", *unseen))
    shown = look.shown(groups, first_rows(groups, rows, look.top))
    sheet = _ShowSheet(groups, shown, look)
    return render(sheet, rows, lambda has: (*_footnotes(groups, look, has), *unseen))


class _ShowSheet(Sheet):
    """A sheet of groups, with columns for the number of regions and of processes."""

    def marks(self, sort: str) -> list[str]:
        amounts = self.groups.judged(sort)
        large = (sum(amounts) or 1) * LARGE
        return [YELLOW * (amounts[i] * 100 >= large) for i in self.shown]

    def put_counts(self) -> None:
        groups = self.groups
        if groups.by == "region":
            return
        self.has_regions = (
            self.wide
            or self.look.asks_for("regions")
            or not any(target.is_uncounted for target in groups.targets)
        )
        if self.has_regions:
            counts = [_count(groups.region_count((i,))) for i in self.shown]
            self.put("REGIONS", counts, right=True)
        if groups.process_count > 1 and groups.by != "process":
            counts = [str(groups.processes[i]) for i in self.shown]
            self.put("PROCESSES", counts, right=True)
        if self.wide or self.look.asks_for("threads"):
            self._put_threads()

    def _put_threads(self) -> None:
        from memc.cli.common.data import threads_of

        threads = threads_of(self.groups, self.shown)
        if threads is not None:
            counts = ["-" if count is None else str(count) for count in threads]
            self.put("THREADS", counts, right=True)

    def counts(self, rows: Sequence[int]) -> list[str]:
        if self.groups.by == "region" or not self.has_regions:
            return []
        return [_count(self.groups.region_count(rows))]


def _count(regions: int | None) -> str:
    return "-" if regions is None else str(regions)


def _footnotes(groups: Groups, look: Look, has: Container[str]) -> Iterator[str]:
    """Yield what explains the columns that are there, and cells with a mark."""
    for target in groups.targets:
        if target.same_memory_as is not None:
            other = target.same_memory_as
            who = safe(f"{target.pid} {target.name}")
            yield f"{who} has the memory of {other}, and is counted there"
    if "FREED" in has:
        yield from ALONE
    yield from _on_sharing(groups, has)
    if "PRIVATE" in has and groups.is_known("private_kb"):
        yield from twice_mapped(groups.targets)
    yield from (words for mark, words in MARKS.items() if mark in has)
    if "?" in has and not look.wide:
        yield GUESS
    yield from footnote(groups)
    if any(name in has for name in ("RSS", "PSS", "PRIVATE")):
        yield from _on_hugetlb(groups)


def _on_sharing(groups: Groups, has: Container[str]) -> Iterator[str]:
    """Yield what sums of several processes count more than once, if they do."""
    if groups.process_count < 2:
        return
    is_pss = groups.is_known("pss_kb")
    each = [name for name in ("RSS", "SWAP", "SIZE") if name in has]
    if is_pss and "PSS" in has:
        yield SHARED_PSS
        if each:
            yield f"{_and(each)} count{'s' * (len(each) == 1)} it in each of them."
    elif not is_pss and each:
        is_recorded = any(target.is_recorded for target in groups.targets)
        yield from SHARED_RECORDED if is_recorded else SHARED


def _and(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)


def _on_hugetlb(groups: Groups) -> Iterator[str]:
    owners = frozenset().union(*groups.owners)
    is_huge = any(owner.owner == "hugetlb" for owner in owners)
    if any(groups.amounts["hugetlb_kb"]):
        yield HUGE
    elif is_huge and groups.is_known("rss_kb") and not groups.is_known("hugetlb_kb"):
        yield NO_HUGE
