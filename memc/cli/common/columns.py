"""The names of columns on the command line: those of JSON, or the titles of a table."""

from __future__ import annotations

from memc.analysis.groups import FREED, GROWTH, MAIN
from memc.analysis.keys import BY, OF_PROCESSES
from memc.cli.usage import UsageError
from memc.table.amounts import THP
from memc.table.fields import PAGES, SMAPS, TOTALS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from memc.table.document import Json

__all__ = [
    "COUNTS",
    "SORTED",
    "asked_amounts",
    "chosen",
    "is_amount",
    "is_sum",
    "keys_of",
    "names",
    "no_column",
    "pick",
    "plain",
    "sort",
]

# Another name of a column, and the one that it goes by.
ALSO = {
    "uss": "private",
    "anonhugepages": "anon_huge_pages",
    "control_group": "cgroup",
}
# The keys of JSON for what one column of the table shows.
SHOWN_IN = {"address": ["start", "end"], "name": ["pathname"]}
LABELS = ("pid", "name", "command", "address", "start", "end", "perm", "pathname")
COUNTS = ("regions", "processes", "threads")
# Those that people ask for.
SORTED = (*MAIN, "freed", "growth", "thp", *COUNTS, *LABELS[:3])
OTHERS = (FREED, GROWTH)  # amounts that smaps does not tell
AMOUNTS = frozenset(
    name.removesuffix("_kb")
    for name in (*MAIN.values(), *SMAPS, *PAGES, *(n for n, _ in TOTALS), THP, *OTHERS)
)
# The options that make a column which is not there by itself.
LEADS = {
    "freed": "--sort freed adds it to memc show --by process; --freed tells all of it",
    "growth": "--sort growth --after TIME adds it to memc show",
}
SIDES = ("_before", "_after", "_growth")


def plain(word: str) -> str:
    """Return the name of a column without what is not told apart."""
    name = word.strip().lower().replace("-", "_").replace(" ", "_")
    name = name.removesuffix("_kb")
    return ALSO.get(name, name)


def names(text: str) -> list[str]:
    """Return the names in a list; raise ValueError if there are none."""
    found = [plain(word) for word in text.split(",")]
    if not all(found):
        raise ValueError("names of columns with commas between them, as in pss,rss,pid")
    return [*dict.fromkeys(found)]


def sort(text: str) -> str:
    """Return the name of a column to sort by; raise ValueError for another word."""
    name = plain(text)
    known = (*MAIN, *LABELS, *COUNTS, *BY, *OF_PROCESSES)
    if name in AMOUNTS or name in known or text.endswith("_kb"):
        return name
    raise ValueError(f"a column, such as {', '.join(SORTED)}")


def is_amount(name: str) -> bool:
    """Tell whether a column holds an amount that smaps or status tells."""
    known = {*LABELS, *COUNTS, *BY, *OF_PROCESSES, "freed", "growth"}
    return name in AMOUNTS and name not in known


def is_sum(name: str | None) -> bool:
    """Tell whether lines are sorted by an amount, also by one of OTHERS."""
    return name is None or is_amount(name) or f"{name}_kb" in OTHERS


def asked_amounts(found: Iterable[str]) -> list[str]:
    """Return the keys of the amounts among these columns."""
    return [
        MAIN.get(name, f"{name}_kb") for name in dict.fromkeys(found) if is_amount(name)
    ]


def keys_of(title: str) -> list[str]:
    """Return the names that a column with this title goes by."""
    found = [plain(word) for word in title.split(" / ")]
    return [*found, *(key for name in found for key in SHOWN_IN.get(name, ()))]


def pick(
    columns: Mapping[str, Sequence[Json]], wanted: Sequence[str]
) -> dict[str, Sequence[Json]] | None:
    """Return only the wanted columns of JSON or CSV; None if one is not there."""
    picked: dict[str, Sequence[Json]] = {}
    for name in wanted:
        found = {k: c for k, c in columns.items() if name in _names_of_key(k)}
        if not found:
            return None
        exact = {k: c for k, c in found.items() if _stem(k) == name}
        picked |= exact or found
    return picked


def chosen(
    columns: Mapping[str, Sequence[Json]], wanted: Sequence[str] | None
) -> Mapping[str, Sequence[Json]]:
    """Return the columns that --columns chose.  Raises UsageError if one is missing."""
    if wanted is None:
        return columns
    for name in wanted:
        if pick(columns, [name]) is None:
            raise UsageError(no_column(name, map(_stem, columns)))
    return pick(columns, wanted) or columns


def no_column(name: str, known: Iterable[str]) -> str:
    """Return the words for a column that is not there."""
    words = f"--columns: no column '{name}' here: {', '.join(dict.fromkeys(known))}"
    return words + (f" ({LEADS[name]})" if name in LEADS else "")


def _stem(key: str) -> str:
    return key.removesuffix("_kb")


def _names_of_key(key: str) -> set[str]:
    stem = _stem(key)
    found = {stem, plain(key)}
    if stem in SHOWN_IN["address"]:
        found.add("address")
    for side in SIDES:
        if stem.endswith(side):
            found.add(plain(stem.removesuffix(side)))
    return found
