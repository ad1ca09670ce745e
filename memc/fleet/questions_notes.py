"""What an answer does not have: hosts without amounts, names without rows."""

from __future__ import annotations

from memc.fleet.questions_parts import amount_of, take

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import ibis.expr.types as ir

    Run = Callable[[ir.Table], Sequence[Mapping[str, object]]]

__all__ = ["amount_notes", "missing_notes", "name_notes"]


def amount_notes(rows: ir.Table, run: Run, of: str, *, whole: bool) -> list[str]:
    """Return notes about hosts that do not know an amount at all, or at two times.

    With `whole`, tell which hosts have samples of some of their processes only;
    otherwise, which have one time only, and so no growth.
    """
    name = amount_of(of)
    rows = take(rows, "groups", "host", "ts", "part", name)
    host = rows.group_by("host").aggregate(
        rows=rows.count(),
        known=rows[name].count(),
        parts=rows.part.count(),
        first=rows.ts.min(where=rows[name].notnull()),
        last=rows.ts.max(where=rows[name].notnull()),
    )
    found = host.aggregate(
        hosts=host.count(),
        none=(host.known == 0).sum(),
        some=((host.known > 0) & (host.known < host.rows)).sum(),
        single=(host.first == host.last).sum(),
        parts=(host.parts == host.rows).sum(),
    )
    (row,) = run(found)
    told = [
        (row["none"], f"{name} is not known: they have no row"),
        (row["some"], f"{name} is not known of some processes or times"),
        (0 if whole else row["single"], f"{name} is known at one time: no growth"),
        (row["parts"] if whole else 0, "only some processes are known: left out"),
    ]
    all_hosts = _hosts(row["hosts"])
    return [f"{n} of {all_hosts}: {words}" for n, words in told if n]


def missing_notes(rows: ir.Table, missing: ir.Table, run: Run) -> list[str]:
    """Return a note about hosts of which there is nothing but why they are missing."""
    gone = missing.anti_join(rows, "host").host.nunique().name("gone")
    (row,) = run(gone.as_table())
    words = "could never be asked: memc lake ask LAKE hosts tells why"
    return [f"{_hosts(row['gone'], 'more ')} {words}"] if row["gone"] else []


def _hosts(count: object, more: str = "") -> str:
    return f"{count} {more}host{'' if count == 1 else 's'}"


def name_notes(
    rows: ir.Table, run: Run, hosts: Iterable[str], groups: Iterable[str]
) -> list[str]:
    """Return a note for each name of a host or group that no row has."""
    notes = []
    for column, words in (("host", hosts), ("group", groups)):
        exact = sorted({word for word in words if "*" not in word})
        if exact:
            there = rows.filter(rows[column].isin(exact)).select(column).distinct()
            known = {row[column] for row in run(there)}
            notes += [f"no rows of {column} {w}" for w in exact if w not in known]
    return notes
