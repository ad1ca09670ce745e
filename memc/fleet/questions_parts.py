"""Steps that the questions share: which columns there are, and which rows are asked.

All amounts are whole numbers and all sums are of whole numbers, so that engines cannot
differ: with fractions the order of a sum would tell.
"""

from __future__ import annotations

import ibis

from memc.errors import MemcError
from memc.fleet.schema import AMOUNTS, COLUMNS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    import ibis.expr.types as ir

__all__ = [
    "TIME",
    "amount_of",
    "narrow",
    "per_hour",
    "quotient",
    "seconds",
    "sorted_by",
    "take",
    "total",
]

TIME = "timestamp('UTC')"
KINDS = {"text": "string", "number": "int64", "small": "int64", "flag": "boolean"}
HOUR_S = 3600


def take(rows: ir.Table, table: str, *names: str) -> ir.Table:
    """Return these columns of a table of a lake; one that is not there is null.

    Files of an older memc lack columns, and other engines have other kinds of numbers.
    """
    made = {}
    for name in names:
        kind = KINDS.get(COLUMNS[table][name], TIME)
        there = rows[name] if name in rows.columns else ibis.null()
        made[name] = there.cast(kind)
    return rows.select(**made)


def narrow(
    rows: ir.Table,
    *,
    since: datetime | None = None,
    hosts: Iterable[str] = (),
    groups: Iterable[str] = (),
) -> ir.Table:
    """Return the rows from `since` on, of these hosts and groups.

    A host or a group is a name, or a pattern with "*" for any text.  None are all.
    """
    if since is not None:
        rows = rows.filter(rows.ts >= ibis.literal(since, TIME))
    for column, words in (("host", hosts), ("group", groups)):
        tests = [_is_like(rows[column], word) for word in words]
        if tests:
            rows = rows.filter(ibis.or_(*tests))
    return rows


def _is_like(column: ir.StringColumn, word: str) -> ir.BooleanValue:
    """Tell whether a name is this word, in which only "*" means more."""
    if "*" not in word:
        return column == word
    import re

    parts = ".*".join(map(re.escape, word.split("*")))
    return column.re_search(f"^{parts}$")


def amount_of(word: str) -> str:
    """Return the column of an amount: "uss" or "uss_kb".  Raises MemcError."""
    name = word if word.endswith("_kb") else f"{word}_kb"
    if name not in AMOUNTS:
        known = ", ".join(one.removesuffix("_kb") for one in AMOUNTS)
        raise MemcError(f"no amount {word!r}: {known}")
    return name


def total(column: ir.IntegerColumn) -> ir.IntegerScalar:
    """Return a sum, as a whole number of 64 bits in every engine."""
    return column.sum().cast("int64")


def quotient(number: ir.IntegerValue, by: ir.IntegerValue) -> ir.IntegerValue:
    """Divide and drop the fraction, toward 0; null if `by` is not above 0.

    Engines round a negative quotient to different sides, so none is made.
    """
    by = (by > 0).ifelse(by, ibis.null("int64"))
    up = (number.abs() // by).cast("int64")
    return (number < 0).ifelse(-up, up)


def seconds(ts: ir.TimestampValue) -> ir.IntegerValue:
    """Return a time as Unix seconds."""
    return ts.epoch_seconds().cast("int64")


def per_hour(
    growth_kb: ir.IntegerValue, first: ir.TimestampValue, last: ir.TimestampValue
) -> ir.IntegerValue:
    """Return the growth in an hour; null if the two times are the same."""
    return quotient(growth_kb * HOUR_S, seconds(last) - seconds(first))


def sorted_by(rows: ir.Table, down: Sequence[str], up: Sequence[str]) -> ir.Table:
    """Sort by amounts, the largest first, and then by names; null is last.

    The names tell every row apart, so that the order is the same on every engine.
    """
    return rows.order_by(
        *(ibis.desc(name, nulls_first=False) for name in down),
        *(ibis.asc(name, nulls_first=False) for name in up),
    )
