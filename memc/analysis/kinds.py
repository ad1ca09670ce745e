"""What happened to the regions of a pair: the kind of each change."""

from __future__ import annotations

from memc.table.amounts import MAIN
from memc.table.fields import PLACE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    from memc.analysis.pair import Pair
    from memc.table.columns import Value
    from memc.targets.target import Target

    Layout: TypeAlias = tuple[int, int, tuple[Value, ...]]

__all__ = ["KINDS", "SHARING", "find_kinds"]

# The kind of a change is the first that fits.
KINDS = (
    "appeared",  # no region before
    "gone",  # no region after
    "split",  # more regions after than before
    "merged",  # fewer regions after than before
    "moved",  # no address is the same, or the same size starts at another address
    "same",  # address and LAYOUT are equal, and all amounts that both sides know
    "shared differently",  # the same memory, but others share more or less of it
    "grew",  # in size; if that is equal in PSS and hugetlb, or in RSS without PSS
    "shrank",
    "changed",  # other permissions, name or place in the file, or other amounts
)
LAYOUT = ("perm", "pathname", *PLACE)
SHARING = "shared differently"
# The amounts that change if another process maps the same pages, or does no longer.
BY_OTHERS = {
    "pss_kb",
    "pss_dirty_kb",
    "private_kb",
    "uss_kb",
    "swap_pss_kb",
    "shared_clean_kb",
    "shared_dirty_kb",
    "private_clean_kb",
    "private_dirty_kb",
}
WHO = ("shared", "private")
HELD = ("size_kb", "rss_kb", "swap_kb", "anonymous_kb")  # these do not


def find_kinds(pair: Pair) -> list[str]:
    """Return the kind of each change of a pair, one of `KINDS`."""
    kinds = ["same"] * pair.match.count
    twins = pair.twins()
    alone = set(range(pair.match.count)).difference(change for change, *_ in twins)
    for change in alone:
        before, after = map(len, pair.rows(change))
        kinds[change] = _kind_of_counts(before, after) or _growth_kind(pair, change)
    grown = _grown(pair, pair.names) - alone
    for change in grown:
        kinds[change] = (
            SHARING if _is_sharing(pair, change) else _growth_kind(pair, change)
        )
    olds, news = _layouts(pair.before, pair.after)
    moved = olds != news or not pair.match.is_plain
    for change, before, after in twins if moved else ():
        old, new = olds[before], news[after]
        if old != new:
            is_moved = _is_moved(old, new)
            kinds[change] = "moved" if is_moved else _growth_kind(pair, change)
    return kinds


def _growth_kind(pair: Pair, change: int) -> str:
    names = (*(MAIN[word] for word in ("size", "pss", "rss")), "hugetlb_kb")
    return _kind_of_growth(*(pair.growths(name)[change] for name in names))


def _grown(pair: Pair, names: Iterable[str]) -> set[int]:
    """Return the changes in which one of these amounts is known to differ."""
    found: set[int] = set()
    for growths in map(pair.growths, names):
        if any(growths):
            found.update(i for i, growth in enumerate(growths) if growth)
    return found


def _is_sharing(pair: Pair, change: int) -> bool:
    """Tell whether only the sharing with others changed.

    The RSS must be known and equal, and so must all amounts that others cannot
    change.  What is no longer private must be shared, and the other way round.
    """
    if pair.growths("rss_kb")[change] != 0:
        return False
    held = {*HELD, *pair.names} - BY_OTHERS
    if any(pair.growths(name)[change] for name in held):
        return False
    return not any(
        sum(pair.growths(f"{who}_{how}_kb")[change] or 0 for who in WHO)
        for how in ("clean", "dirty")
    )


def _layouts(*targets: Target | None) -> list[list[Layout]]:
    """Return start and end of each region, and its LAYOUT that both tables have."""
    if any(target is not None and target.is_sum for target in targets):
        return [[(0, 0, ())] for _ in targets]
    tables = [None if target is None else target.table for target in targets]
    there = [table for table in tables if table is not None]
    names = [name for name in LAYOUT if all(name in table.columns for table in there)]
    return [
        []
        if table is None
        else list(
            zip(
                table.columns["start"].values,
                table.columns["end"].values,
                zip(*map(table.columns.__getitem__, names), strict=True),
                strict=True,
            )
        )
        for table in tables
    ]


def _is_moved(old: Layout, new: Layout) -> bool:
    is_apart = max(old[0], new[0]) >= min(old[1], new[1])
    return is_apart or new[0] - old[0] == new[1] - old[1] != 0


def _kind_of_counts(before: int, after: int) -> str:
    """Return the kind that the numbers of regions show, "" if they are equal."""
    if not before:
        return "appeared"
    if not after:
        return "gone"
    return "split" if after > before else "merged" if after < before else ""


def _kind_of_growth(
    size_kb: int | None,
    pss_kb: int | None,
    rss_kb: int | None,
    hugetlb_kb: int | None,
) -> str:
    resident_kb = (rss_kb if pss_kb is None else pss_kb) or 0
    grown = size_kb or resident_kb + (hugetlb_kb or 0)
    return "grew" if grown > 0 else "shrank" if grown < 0 else "changed"
