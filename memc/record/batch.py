"""The rows of some ticks, until they are written together."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    Row: TypeAlias = tuple[int | str | bytes | None, ...]

__all__ = ["Batch"]

ROW_SIZE = 128  # what a row takes at most, in pages that are half full
LARGE = 900  # more bytes than this go to pages of their own
PAGE = 4096


class Batch:
    """The rows of each table, and about how many bytes they will take."""

    __slots__ = ("_places", "rows", "size")

    def __init__(self) -> None:
        self.rows: dict[str, list[Row]] = {}
        self.size = 0
        self._places: set[tuple[str, object]] = set()

    def add(self, table: str, row: Row) -> None:
        """Add a row to a table; its values are in the order of the table's columns."""
        self.rows.setdefault(table, []).append(row)
        self._places.add((table, row[1]))  # the process, in most tables
        blobs = sum(len(v) for v in row if isinstance(v, (bytes, str)))
        self.size += ROW_SIZE + blobs + (PAGE if blobs > LARGE else 0)

    def clear(self, *, keep: tuple[str, ...] = ()) -> None:
        """Drop all rows but those of some tables."""
        kept = {table: self.rows[table] for table in keep if table in self.rows}
        self.rows.clear()
        self.size = 0
        self._places.clear()
        for table, rows in kept.items():
            for row in rows:
                self.add(table, row)

    def pages(self) -> int:
        """Return on how many pages the rows will be written, at most, but new ones."""
        return len(self._places) + 2 * len(self.rows)
