"""What a lake answered, as a table for people.  Times are of UTC."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from memc.cli.common.look import in_table
from memc.cli.output import STDOUT
from memc.cli.query.table import change_of, lines_of
from memc.human.lengths import length
from memc.human.sheet import Head
from memc.human.units import MISSING, safe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from memc.fleet.asking import Answer

__all__ = ["text"]

# The columns of each question, in their order; JSON and CSV have more.
SHOWN = {
    "growth": "growth_kb kb_per_hour last_kb host part group owner",
    "leaks": "growing hosts percent growth_kb kb_per_hour group owner",
    "budget": "mean_kb percent memory_percent most_kb hosts unknown owner group",
    "holders": "hosts processes mapped_kb rss_kb deleted group name path",
    "deleted": "processes pid files rss_kb host group name file",
    "limits": "most_mappings mappings percent host group pid name",
    "hosts": "host last_ms behind_s times unknown clock_s missing reason",
}
TITLES = {
    "kb_per_hour": "PER HOUR",
    "percent": "SHARE",
    "memory_percent": "OF MEMORY",
    "most_mappings": "MOST",
    "growth_kb": "GROWTH",
}
CHANGES = ("growth_kb", "kb_per_hour")
TEXTS = ("host", "part", "group", "owner", "name", "path", "file", "reason")
OPTIONAL = ("part", "memory_percent", "unknown", "clock_s", "missing", "reason")
MS = 1000


def text(question: str, answer: Answer, color: str) -> str:
    """Return a line for each row; columns with nothing in them are left out."""
    names = [name for name in SHOWN[question].split() if name in answer.columns]
    columns = {name: [row[name] for row in answer.rows] for name in names}
    columns = {
        name: column
        for name, column in columns.items()
        if name not in OPTIONAL or any(column)
    }
    heads = [_head(name) for name in columns]
    cells = [[_cell(name, one) for one in column] for name, column in columns.items()]
    return lines_of(heads, cells, color=color)


def _head(name: str) -> Head:
    is_text = name in TEXTS
    title = name.rpartition("_")[0] if name.endswith(("_kb", "_ms", "_s")) else name
    words = TITLES.get(name) or title.replace("_", " ").upper()
    return Head(words, right=not is_text, shrinks=is_text)


def _cell(name: str, value: object) -> str:
    if value is None:
        return MISSING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, int):
        return safe(str(value))
    return _form(name)(value)


def _form(name: str) -> Callable[[int], str]:
    """Return how the numbers of a column are written."""
    if name in CHANGES:
        return change_of
    last = name.rpartition("_")[2]
    forms = {"kb": in_table, "ms": _time, "s": _length, "percent": "{} %".format}
    return forms.get(last, str)


def _time(ms: int) -> str:
    try:
        return f"{datetime.fromtimestamp(ms // MS, UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (ValueError, OverflowError, OSError):
        return f"{ms} ms"


def _length(seconds: int) -> str:
    if not os.isatty(STDOUT):
        return f"{seconds}s"
    return f"{'-' if seconds < 0 else ''}{length(abs(seconds) * MS)}"
