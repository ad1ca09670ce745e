"""The groups of ``memc show`` as a table for people."""

from __future__ import annotations

from memc.analysis.groups import FREED
from memc.analysis.twice_mapped import footnote as twice_mapped
from memc.cli.common.data import threads_of
from memc.cli.common.form import first_rows
from memc.cli.common.sheet import GUESS, PARTIAL, Sheet, has_partial, render
from memc.cli.show.anonymous import footnote
from memc.human.units import safe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from memc.analysis.groups import Groups

__all__ = ["text"]

LARGE = 10  # a line with this percentage of the total, or more, is yellow
YELLOW = "33"

SHARED_PSS = (
    "PSS divides what processes share among them: its sums count nothing twice.",
    "RSS, SWAP and SIZE count it in each of them.",
)
SHARED = (
    "What processes share is counted in each of them: these sums are more than there",
    "is.  PSS would divide it, which takes --detail smaps.",
)
ALONE = (
    "FREED comes back if that process alone is killed; of several together --freed",
    "tells it.",
)
HUGE = "Pages of hugetlb are in no RSS, PSS and PRIVATE.  The order counts both."
NO_HUGE = "Pages of hugetlb are in no RSS, PSS and PRIVATE, and were not told here."


def text(
    groups: Groups,
    rows: list[int],
    *,
    sort: str,
    top: int | None,
    wide: bool,
    unseen: Iterable[str] = (),
) -> str:
    """Return the table of these groups, the total over all, and footnotes.

    `unseen` are footnotes on processes that could not be read.

    `rows` are all groups in order, and the first `top` of them are shown.  Lines with a
    large part of the amount `sort` are yellow.
    """
    if not rows:
        return "".join(f"{line}\n" for line in ("no regions", *unseen))
    sheet = _ShowSheet(groups, first_rows(groups, rows, top), wide=wide)
    notes = (*_footnotes(groups, wide=wide), *unseen)
    return render(sheet, rows, sort=sort, wide=wide, footnotes=notes)


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
        counts = [_count(groups.region_count((i,))) for i in self.shown]
        self.put("REGIONS", counts, right=True)
        if groups.process_count > 1 and groups.by != "process":
            counts = [str(groups.processes[i]) for i in self.shown]
            self.put("PROCESSES", counts, right=True)
        threads = threads_of(groups, self.shown) if self.wide else None
        if threads is not None:
            counts = ["-" if count is None else str(count) for count in threads]
            self.put("THREADS", counts, right=True)

    def counts(self, rows: Sequence[int]) -> list[str]:
        if self.groups.by == "region":
            return []
        return [_count(self.groups.region_count(rows))]


def _count(regions: int | None) -> str:
    return "-" if regions is None else str(regions)


def _footnotes(groups: Groups, *, wide: bool) -> Iterator[str]:
    is_pss = groups.is_known("pss_kb")
    for target in groups.targets:
        if target.same_memory_as is not None:
            other = target.same_memory_as
            who = safe(f"{target.pid} {target.name}")
            yield f"{who} has the memory of {other}, and is counted there"
    if FREED in groups.amounts:
        yield from ALONE
    if groups.process_count > 1:
        yield from SHARED_PSS if is_pss else SHARED
    if groups.is_known("private_kb"):
        yield from twice_mapped(groups.targets)
    if has_partial(groups):
        yield PARTIAL
    owners = frozenset().union(*groups.owners)
    if (
        any(owner.guess for owner in owners)
        and not wide
        and groups.by in ("owner", "region")
    ):
        yield GUESS
    yield from footnote(groups)
    is_huge = any(owner.owner == "hugetlb" for owner in owners)
    yield from _on_hugetlb(groups, is_huge=is_huge)


def _on_hugetlb(groups: Groups, *, is_huge: bool) -> Iterator[str]:
    if any(groups.amounts["hugetlb_kb"]):
        yield HUGE
    elif is_huge and groups.is_known("rss_kb") and not groups.is_known("hugetlb_kb"):
        yield NO_HUGE
