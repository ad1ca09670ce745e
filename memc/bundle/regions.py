"""The regions of a bundle: which columns they keep, and what becomes of the values."""

from __future__ import annotations

import re
from operator import itemgetter

from memc.bundle.vocabulary import COLUMN_WORDS
from memc.owners.rules import RULES
from memc.table.fields import COUNTERS, PAGES, PERMS, PLACE, SMAPS, TYPES, U64_MAX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, TypeAlias

    Row: TypeAlias = dict[str, Any]

__all__ = ["OWNERS", "WHYS", "Columns", "is_column", "is_flag"]

NUMBERS = frozenset((*SMAPS, *PAGES, *COUNTERS, *PLACE, "size_kb")) - {"vm_flags"}
TEXTS = frozenset(("start", "end", "type", "perm", "pathname", "vm_flags"))
OWNED = frozenset(("owner", "why", "label", "guess"))
KNOWN = NUMBERS | TEXTS | OWNED
OWNERS = frozenset(rule.owner for rule in RULES)
WHYS = frozenset(rule.why for rule in RULES)
TYPES_KNOWN, PERMS_KNOWN = frozenset(TYPES), frozenset(PERMS)
NUMBER_TYPES = {int, type(None)}
LARGEST_KB = 1 << 46  # more than any memory: an amount of a column that is not known
FLAG = re.compile(r"[a-z]{2}|\?\?")
COLUMN = re.compile(r"[a-z]+(_[a-z]+){0,4}")
FLAGS_MAX = 64


def is_column(name: str) -> bool:
    """Tell whether a column that is not known is named as the kernel names its own.

    It is made of words that the kernel uses for memory; no other word tells a stranger
    nothing.
    """
    return COLUMN.fullmatch(name) is not None and COLUMN_WORDS.issuperset(
        name.split("_")
    )


def is_flag(flag: object) -> bool:
    """Tell whether this is one of VmFlags: two letters, or those of a bit unknown."""
    return isinstance(flag, str) and FLAG.fullmatch(flag) is not None


class Columns:
    """Keeps the columns that may stay; `left_out` counts the others by their kind."""

    __slots__ = ("_flags", "_plans", "left_out")

    def __init__(self) -> None:
        self._plans: dict[tuple[str, ...], tuple[Callable[[Row], Any], ...]] = {}
        self._flags: dict[tuple[object, ...], list[str]] = {}
        self.left_out: dict[str, int] = {}

    def kept(self, row: Row, secret: Callable[[int], bool]) -> Row:
        """Return a region with the columns that may stay, and values of their form.

        `secret` tells whether a number is an address.
        """
        plan = self._plans.get(tuple(row)) or self._make(row)
        new: Row = plan[0](row)
        values = plan[1](new)
        if not NUMBER_TYPES.issuperset(map(type, values)):
            self._mend(new, NUMBERS, U64_MAX)
        if plan[2](new):
            self._mend(new, new.keys() - KNOWN, LARGEST_KB, secret)
        if new.get("type") not in TYPES_KNOWN:
            new["type"] = "unknown"
        if new.get("perm") not in PERMS_KNOWN:
            new["perm"] = "---p"
        flags = new.get("vm_flags")
        if flags is not None:
            new["vm_flags"] = self.flags(flags)
        if "owner" in new:
            self._own(new)
        return new

    def _make(self, row: Row) -> tuple[Callable[[Row], Any], ...]:
        kept = tuple(key for key in row if key in KNOWN or is_column(key))
        self.count("columns", len(row) - len(kept) - ("pathname_hex" in row))
        numbers = [key for key in kept if key in NUMBERS]
        others = [key for key in kept if key not in KNOWN]
        same = len(kept) == len(row)
        plan = (
            dict if same else lambda row: {key: row[key] for key in kept},
            _getter(numbers),
            (lambda _: True) if others else (lambda _: False),
        )
        self._plans[tuple(row)] = plan
        return plan

    def _mend(
        self,
        row: Row,
        names: Iterable[str],
        most: int,
        secret: Callable[[int], bool] = lambda _: False,
    ) -> None:
        for name in names:
            value = row.get(name)
            if value is None:
                continue
            if type(value) is not int or not 0 <= value <= most or secret(value):
                row[name] = None
                self.count("values")

    def flags(self, flags: object) -> list[str] | None:
        """Return the flags that have the kernel's form."""
        if not isinstance(flags, list):
            self.count("values")
            return None
        try:
            known = self._flags.get(tuple(flags))
        except TypeError:  # something in it is no text
            known = None
        if known is None:
            known = [flag for flag in flags if is_flag(flag)][:FLAGS_MAX]
            self.count("flags", len(flags) - len(known))
            self._flags[(*known,)] = known
        return known

    def _own(self, row: Row) -> None:
        if row["owner"] not in OWNERS or row.get("why") not in WHYS:
            row["owner"], row["why"] = "unknown", "no rule knows it"
            self.count("values")
        row["guess"] = row.get("guess") is True

    def count(self, kind: str, number: int = 1) -> None:
        """Count what was left out."""
        if number > 0:
            self.left_out[kind] = self.left_out.get(kind, 0) + number


def _getter(names: list[str]) -> Callable[[Row], Any]:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda row: [row[name] for name in names]
