"""An answer for other programs: exact values as JSON or CSV."""

from __future__ import annotations

from memc.human.csv_text import csv_of
from memc.table.document import dumps, shown_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.files.recording.sql import Answer, Cell
    from memc.table.document import Json

__all__ = ["csv_text", "json_text"]


def json_text(answer: Answer) -> str:
    """Return an array with an object for each row, and a newline."""
    names = [*map(shown_text, answer.columns)]
    rows: list[Json] = [
        dict(zip(names, map(_json, row), strict=True)) for row in answer.rows
    ]
    return dumps(rows, pretty=True).decode() + "\n"


def csv_text(answer: Answer) -> str:
    """Return CSV: a line of titles, and a line for each row; NULL is an empty cell."""
    if not answer.rows:
        return csv_of(dict.fromkeys(answer.columns, ()))
    columns = zip(*answer.rows, strict=True)
    return csv_of(
        {
            name: [*map(_json, column)]
            for name, column in zip(answer.columns, columns, strict=True)
        }
    )


def _json(value: Cell) -> Json:
    """Return a value as JSON can hold it: bytes as hexadecimal digits."""
    return value.hex() if isinstance(value, bytes) else value
