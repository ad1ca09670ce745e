"""Put a torn list of regions in order.

The places of all rows are known before the first is kept: the order of their starts.
A Fenwick tree counts the kept rows by place, so that the neighbours of a new row are
found in a few steps, however many rows there are and in whatever order they come.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.pure.grammar import Row


class Kept:
    """The places that hold a kept row, from 1 to `size`."""

    __slots__ = ("_counts", "_top", "size")

    def __init__(self, size: int) -> None:
        self.size = size
        self._counts = [0] * (
            size + 1
        )  # item i counts the places i - (i & -i) + 1 to i
        self._top = 1 << size.bit_length() - 1

    def change(self, place: int, by: int) -> None:
        """Add a row at this place (`by` is 1), or remove it (-1)."""
        while place <= self.size:
            self._counts[place] += by
            place += place & -place

    def count_before(self, place: int) -> int:
        """Return how many rows are at lower places."""
        place -= 1
        count = 0
        while place:
            count += self._counts[place]
            place &= place - 1
        return count

    def find(self, number: int) -> int:
        """Return the place of row `number`, from 1; `size` + 1 if there is none."""
        place = 0
        step = self._top
        while step:
            if place + step <= self.size and self._counts[place + step] < number:
                place += step
                number -= self._counts[place]
            step >>= 1
        return place + 1


def repair(rows: list[Row]) -> tuple[list[Row], int]:
    """Put torn rows in order; return the rows, and how many were torn.

    A later line is newer than the regions that it overlaps.  Older regions that start
    in the new one are dropped.  An older region that reaches into it is cut to end
    where it starts.  A row that overlaps none but is out of order is torn, too.
    """
    if _in_order(rows):
        return rows, 0
    # Of rows with one start, the later comes first: the earlier are not before it.
    order = sorted(range(len(rows)), key=lambda i: (rows[i].start, -i))
    places = [0] * len(rows)
    for place, i in enumerate(order, 1):
        places[i] = place
    kept = Kept(len(rows))
    torn = 0
    for row, place in zip(rows, places, strict=True):
        torn += _insert(kept, row, place, rows=rows, order=order)
    count = kept.count_before(kept.size + 1)
    return [rows[order[kept.find(i) - 1]] for i in range(1, count + 1)], torn


def _in_order(rows: list[Row]) -> bool:
    before = iter(rows)
    next(before, None)
    return all(a.end <= b.start > a.start for a, b in zip(rows, before, strict=False))


def _insert(
    kept: Kept, row: Row, place: int, *, rows: list[Row], order: list[int]
) -> int:
    """Insert a row; return how many older rows it dropped, cut or came after."""
    before = kept.count_before(place)
    touched = 0
    after = kept.find(before + 1)
    while after <= kept.size and rows[order[after - 1]].start < row.end:
        kept.change(after, -1)
        touched += 1
        after = kept.find(before + 1)
    if before:
        older = rows[order[kept.find(before) - 1]]
        if older.end > row.start:
            older.end = row.start
            touched += 1
    kept.change(place, 1)
    # A row that touches none may still be out of order.
    return touched or int(after <= kept.size)
