"""CSV that neither a terminal nor a spreadsheet acts on."""

from __future__ import annotations

from memc.human.units import safe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from memc.table.document import Json

__all__ = ["csv_of"]

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_of(columns: Mapping[str, Sequence[Json]], *, titles: bool = True) -> str:
    """Return columns as CSV: a line of titles, and a line for each row.

    Without `titles` there are only rows.
    """
    import csv
    import io

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    if titles:
        writer.writerow(map(_harmless, columns))
    cells = ([_cell(name, value) for value in c] for name, c in columns.items())
    writer.writerows(zip(*cells, strict=True))
    return out.getvalue()


def _cell(name: str, value: Json) -> Json:
    if isinstance(value, list):
        value = "; ".join(map(str, value))
    if isinstance(value, str) and name != "perm":  # "---p" is no formula of anybody's
        return _harmless(value)
    return int(value) if isinstance(value, bool) else value


def _harmless(text: str) -> str:
    """Return text that neither a terminal nor a spreadsheet acts on.

    A spreadsheet takes a cell for a formula that starts with one of these characters: a
    quotation mark before it makes it text.
    """
    return f"'{safe(text)}" if text.startswith(FORMULA) else safe(text)
