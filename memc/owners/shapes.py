"""Tests that go by permissions and content alone, for the rules of owners.

Each test returns the label of the owner, or None if the region does not match.
"""

from __future__ import annotations

from memc.owners.kinds import ACCESS, EXEC

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from memc.owners.layout import Layout


def anything(layout: Layout, i: int) -> str | None:
    """Match every region."""
    return layout.file(i)


def with_perm(bit: int) -> Callable[[Layout, int], str | None]:
    """Make a test for a permission."""

    def test(layout: Layout, i: int) -> str | None:
        if not layout.perm[i] & bit:
            return None
        return layout.name[i] and layout.file(i)

    return test


def loose_code(layout: Layout, i: int) -> str | None:
    """Match executable memory that belongs to no file."""
    return layout.name[i] if layout.perm[i] & EXEC else None


def closed(*, held: bool) -> Callable[[Layout, int], str | None]:
    """Make a test for memory without access, which holds pages or holds none."""

    def test(layout: Layout, i: int) -> str | None:
        if layout.perm[i] & ACCESS or layout.holds(i) != held:
            return None
        return layout.name[i] and layout.file(i)

    return test


closed_empty, closed_held = closed(held=False), closed(held=True)


def huge(layout: Layout, i: int) -> str | None:
    """Match pages of hugetlbfs by their size, or by the amounts that count them."""
    return layout.file(i) if i in layout.huge else None
