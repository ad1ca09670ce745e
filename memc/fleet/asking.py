"""Ask a lake a question: which table it is asked of, which rows, and what is answered.

The answer depends on the lake alone: "since" counts from its newest row, and not from
the time of asking.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import ibis

from memc.errors import MemcError
from memc.fleet.engines import engine as open_engine
from memc.fleet.given import MOST
from memc.fleet.question import QUESTIONS, Question
from memc.fleet.questions import DEFAULT_LIMIT
from memc.fleet.questions_notes import amount_notes, missing_notes, name_notes
from memc.fleet.questions_parts import TIME, take
from memc.fleet.tables import bound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    import ibis.expr.types as ir

    from memc.fleet.engines import Engine
    from memc.table.document import Json

__all__ = ["QUESTIONS", "Answer", "Question", "ask", "question_of", "sql"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MS = timedelta(milliseconds=1)
KB = 1 << 53  # all addresses of 64 bits are fewer


class Answer:
    """What a lake answered.

    `rows` are dictionaries, in the order of the answer; amounts are whole numbers, and
    times are Unix times in ms, with names that end in "_ms".  `is_cut` tells whether
    there are more than `top`.  `notes` are for people: what the rows do not have.
    """

    __slots__ = ("columns", "is_cut", "notes", "rows")

    def __init__(
        self,
        columns: list[str],
        rows: list[dict[str, Json]],
        *,
        is_cut: bool,
        notes: list[str],
    ) -> None:
        self.columns = columns
        self.rows = rows
        self.is_cut = is_cut
        self.notes = notes


def ask(
    lake: str,
    question: str,
    *,
    engine: str = "duckdb",
    since_s: float | None = None,
    hosts: Iterable[str] = (),
    groups: Iterable[str] = (),
    top: int | None = None,
    **choices: object,
) -> Answer:
    """Ask a lake a question, by its name in `QUESTIONS`.

    `since_s` are the last seconds of the lake; without it all rows are asked.  `hosts`
    and `groups` are names, or patterns with "*".  `top` is how many rows there may be;
    each question has a default.  `choices` are the arguments of its function.  Raises
    MemcError if the lake, the engine or a choice is not there.
    """
    asked = question_of(question, choices)
    _check_numbers(since_s, choices | {"top": top})
    hosts, groups = [*hosts], [*groups]
    with open_engine(engine) as made, bound(lake, asked.table, made) as tables:
        since = _since(made, tables.rows, since_s)
        chosen, missing = tables.narrowed(since, hosts, groups)
        found = _expression(asked, chosen, missing, top, choices)
        top = asked.top if top is None else top
        rows = made.rows(found if top is None else found.limit(top + 1))
        notes = _notes(asked, made, chosen, missing, choices)
        notes += name_notes(tables.rows, made.rows, hosts, groups)
    is_cut = top is not None and "top" not in asked.takes and len(rows) > top
    shown = rows[:top] if is_cut else rows
    columns = [*map(_name, found.columns)]
    return Answer(columns, [*map(_plain, shown)], is_cut=is_cut, notes=notes)


def sql(
    lake: str,
    question: str,
    *,
    dialect: str = "duckdb",
    since_s: float | None = None,
    hosts: Iterable[str] = (),
    groups: Iterable[str] = (),
    top: int | None = None,
    **choices: object,
) -> str:
    """Return a question as SQL of a dialect, about a table with the name of the lake's.

    That of DuckDB begins with a view of the files, so that it runs as it is.  Raises
    MemcError as `ask` does, and if the dialect is not known or cannot say it.
    """
    asked = question_of(question, choices)
    _check_numbers(since_s, choices | {"top": top})
    with open_engine() as made, bound(lake, asked.table, made) as tables:
        since = _since(made, tables.rows, since_s)
        tables.unbind()
    chosen, missing = tables.narrowed(since, [*hosts], [*groups])
    found = _expression(asked, chosen, missing, top, choices)
    top = asked.top if top is None else top
    found = found if top is None or "top" in asked.takes else found.limit(top)
    text = _compiled(found, DIALECTS.get(dialect, dialect))
    if dialect != "duckdb":
        return text
    views = tables.views((asked.table, *asked.takes))
    return f"{views}SET TimeZone = 'UTC';\n\n{text}"


DIALECTS = {"spark": "pyspark", "sparksql": "pyspark"}


def _compiled(found: ir.Table, dialect: str) -> str:
    known = {entry.name for entry in ibis.util.backend_entry_points()}
    if dialect not in known:
        words = ", ".join(sorted({"spark", *known} - {"pyspark"}))
        raise MemcError(f"no dialect {dialect!r}: {words}")
    try:
        return f"{ibis.to_sql(found, dialect=dialect, pretty=True)};\n"
    except Exception as error:  # noqa: BLE001 - each dialect has its own
        what = type(error).__name__
        raise MemcError(f"{dialect} has no words for this: {what}: {error}") from None


def question_of(name: str, choices: Iterable[str] = ()) -> Question:
    """Return a question.  Raises MemcError if there is none, or no such choice."""
    if name not in QUESTIONS:
        raise MemcError(f"no question {name!r}: {', '.join(QUESTIONS)}")
    asked = QUESTIONS[name]
    for choice in choices:
        if choice not in asked.takes or choice in ("top", "missing"):
            raise MemcError(f"the question {name} takes no {choice!r}")
    if "path" in asked.takes and "path" not in choices:
        raise MemcError(f"{name} of what? give a path, or the name of a file")
    return asked


def _check_numbers(since_s: float | None, told: dict[str, object]) -> None:
    """Raise MemcError for numbers that engines cannot count with."""
    if since_s is not None and not 0 < since_s <= MOST:
        raise MemcError(f"since {since_s} s: expected a time above 0, {MOST} s at most")
    for name, least in (
        ("top", 1),
        ("least_hosts", 1),
        ("limit", 1),
        ("least_kb", -KB),
    ):
        number = told.get(name)
        most = KB if name == "least_kb" else MOST
        if number is None:
            continue
        if not isinstance(number, int) or not least <= number <= most:
            words = f"expected a whole number from {least:,} to {most:,}"
            raise MemcError(f"{name}: {words}, not {number!r}")


def _since(made: Engine, source: ir.Table, since_s: float | None) -> datetime | None:
    """Return the time that is so long before the newest row.

    A host whose clock is ahead does not move it: no row is newer than it was received.
    """
    if since_s is None:
        return None
    rows = take(source, "groups", "ts", "received")
    ends = rows.aggregate(ts=rows.ts.max(), received=rows.received.max())
    ((newest, received),) = (row.values() for row in made.rows(ends))
    if newest and received and newest > received:
        rows = rows.filter(rows.ts <= ibis.literal(received, TIME))
        ((newest,),) = (
            row.values() for row in made.rows(rows.aggregate(rows.ts.max()))
        )
    return newest - timedelta(seconds=since_s) if newest else None


def _expression(
    asked: Question,
    chosen: ir.Table,
    missing: ir.Table | None,
    top: int | None,
    choices: dict[str, object],
) -> ir.Table:
    own = {"top": top, "missing": missing}
    more = {k: v for k, v in own.items() if k in asked.takes and v is not None}
    return asked.expression()(chosen, **choices, **more)


def _notes(
    asked: Question,
    made: Engine,
    chosen: ir.Table,
    missing: ir.Table | None,
    choices: dict[str, object],
) -> list[str]:
    notes = []
    if "limit" in asked.takes and "limit" not in choices:
        words = f"{DEFAULT_LIMIT:,} is taken for it, which is the default of Linux"
        notes = [f"the lake does not tell vm.max_map_count: {words}"]
    if "of" in asked.takes:
        whole = asked.name == "budget"
        of = str(choices.get("of", "rss" if whole else "uss"))
        notes = amount_notes(chosen, made.rows, of, whole=whole)
    if missing is not None and "missing" not in asked.takes:
        notes += missing_notes(chosen, missing, made.rows)
    return notes


def _name(column: str) -> str:
    return f"{column.removesuffix('_ts')}_ms" if column.endswith("_ts") else column


def _plain(row: dict[str, Any]) -> dict[str, Json]:
    """Return a row with Unix times in ms."""
    return {
        _name(name): (value - EPOCH) // MS if isinstance(value, datetime) else value
        for name, value in row.items()
    }
