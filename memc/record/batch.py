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
# What is kept of a batch that has no room: who was there, and what happened.
KEPT = ("_segment", "_process", "_owner", "_event")
EVENTS_MAX = 5000  # that are kept while there is no room
PROCESS_OF_EVENT = 2
# Rows of numbers, of which the size is known without a look at each value.
NUMBERS = ("_usage", "_held", "_tick", "_machine", "_beside")
APPENDED = ("_tick", "_machine", "_event")  # to the last page of the table


class Batch:
    """The rows of each table, and about how many bytes they will take.

    `takes_all` is False while there is no room: then only what happens is taken.
    """

    __slots__ = ("rows", "size", "takes_all")

    def __init__(self) -> None:
        self.rows: dict[str, list[Row]] = {}
        self.size = 0
        self.takes_all = True

    def add(self, table: str, row: Row) -> None:
        """Add a row to a table; its values are in the order of the table's columns."""
        if not self.takes_all and table not in KEPT:
            return
        self.rows.setdefault(table, []).append(row)
        self.size += ROW_SIZE
        if table not in NUMBERS:
            blobs = sum([len(v) for v in row if isinstance(v, (bytes, str))])
            self.size += blobs + (PAGE if blobs > LARGE else 0)

    def add_numbers(self, table: str, rows: list[Row]) -> None:
        """Add rows to one of `NUMBERS`."""
        if rows and self.takes_all:
            self.rows.setdefault(table, []).extend(rows)
            self.size += ROW_SIZE * len(rows)

    def clear(self) -> None:
        """Drop all rows, and take those of all tables again."""
        self.rows.clear()
        self.size = 0
        self.takes_all = True

    def clear_but_events(self, most: int) -> int:
        """Drop all rows but those that say what happened, and to whom.

        Until the next `clear` no others are taken.  Of very many events the newest are
        kept, in about `most` bytes: returns how many are lost.
        """
        count = len(self.rows.get("_event", ()))
        kept = min(count, EVENTS_MAX)
        self._keep(kept)
        while self.size > most and kept:
            kept //= 2
            self._keep(kept)
        self.takes_all = False
        return count - kept

    def _keep(self, count: int) -> None:
        """Keep the newest events, and whom they name: the next segment names all."""
        rows = {table: self.rows.get(table, []) for table in KEPT}
        self.clear()
        events = rows["_event"][len(rows["_event"]) - count :]
        named = {event[PROCESS_OF_EVENT] for event in events}
        newest = {row[0]: row for row in rows["_process"]}  # of each process
        rows["_process"] = [row for number, row in newest.items() if number in named]
        # The first of them ends the one that was written last.
        segments = [*{row[0]: row for row in rows["_segment"]}.values()]
        eventful = {event[0] for event in events}
        rows["_segment"] = [
            row
            for row in segments
            if row[0] in eventful or row in (segments[0], segments[-1])
        ]
        rows["_event"] = events
        for table, some in rows.items():
            for row in some:
                self.add(table, row)

    def pages(self) -> int:
        """Return on how many pages the rows will be written, at most, but new ones."""
        places = 2 * len(self.rows)
        for table, rows in self.rows.items():
            if table not in APPENDED:
                places += len({row[1] for row in rows})  # the process, in most tables
        return places
