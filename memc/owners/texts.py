"""What tables with the same texts have in common, found once for all of them.

Many processes run the same program, and differ in addresses and amounts alone.  All
that follows from names, permissions, VmFlags and offsets, from which regions touch each
other, and from what lies far above the program, is kept here, with no more.
"""

from __future__ import annotations

from itertools import islice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from memc.owners.layout import Layout
    from memc.table.columns import Column

    T = TypeVar("T")

__all__ = ["Texts", "recall_texts"]

ROWS_MAX, COUNT_MAX = 512, 64  # what is kept takes some 3 MiB at most
# The attributes of a layout that follow from its texts.
SHARED = (
    *("bare", "code", "flags", "has_library", "has_noreserve", "has_stack_guards"),
    *("kind", "known_flags", "looks", "name", "perm"),
)
_known: dict[object, Texts] = {}


class Texts:
    """The texts of tables, and what was found out about them alone."""

    __slots__ = ("attributes", "far", "found")

    def __init__(self) -> None:
        self.attributes: tuple[object, ...] = ()
        self.far: dict[tuple[int, int], bool] = {}  # code and program, by their rows
        self.found: dict[object, object] = {}

    def keep(self, layout: Layout) -> None:
        """Keep what the first layout with these texts found."""
        self.attributes = tuple(getattr(layout, name) for name in SHARED)

    def give(self, layout: Layout) -> bool:
        """Give it to another layout; tell whether there was anything to give."""
        for name, value in zip(SHARED, self.attributes, strict=False):
            setattr(layout, name, value)
        return bool(self.attributes)

    def is_as_far(self, layout: Layout) -> bool:
        """Tell whether the same code is far above the program as it was at first."""
        return all(
            layout.is_far(row, program) == is_far
            for (row, program), is_far in self.far.copy().items()
        )

    def recall(self, key: object, find: Callable[[], T]) -> T:
        """Return what `find` returned the first time it was called for `key`."""
        if key not in self.found:
            self.found[key] = find()
        return self.found[key]  # type: ignore[return-value]  # found for the same key


def recall_texts(layout: Layout, *columns: Column) -> Texts:
    """Return the texts of a layout: those of an earlier one if nothing differs.

    `columns` are those of the names and flags of its table.
    """
    if len(layout.perm) > ROWS_MAX:  # such a table has no equal
        return Texts()
    key = (
        layout.is_32,
        bytes(layout.perm),
        None if layout.offset is None else layout.offset.tobytes(),
        bytes(map(int.__eq__, layout.end, islice(layout.start, 1, None))),
        *(column.values.tobytes() for column in columns),
        *map(_meaning, columns),
    )
    found = _known.get(key)
    if found is None or not found.is_as_far(layout):
        if len(_known) >= COUNT_MAX:
            _known.clear()
        found = _known[key] = Texts()
    return found


def _meaning(column: Column) -> object:
    """Return what is equal if equal numbers in two columns mean the same."""
    strings = getattr(column.decode, "__self__", None)
    pool: object = getattr(strings, "pool", None)
    return pool or tuple(map(column.decode or str, sorted(set(column.values))))
