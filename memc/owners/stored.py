"""The owners that a table brings along, as regions from a bundle do.

They were found where the process lived, with the stack pointers of its threads and the
mounts of its files.  Nobody can ask for these later.
"""

from __future__ import annotations

from memc.owners.owner import Owner

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from memc.table.columns import Value
    from memc.table.region import Table

__all__ = ["KEYS", "stored", "told_twice"]

KEYS = ("owner", "why", "label", "guess")


def stored(table: Table) -> tuple[Owner, ...] | None:
    """Return the owner of each region; None if the table does not tell all of them.

    Equal owners are one object.
    """
    columns = [table.columns.get(name) for name in KEYS]
    known = [column for column in columns if column is not None]
    if len(known) < len(KEYS):
        return None
    made: dict[tuple[Value, ...], Owner] = {}
    found = []
    for key in zip(*known, strict=True):
        owner = made.get(key)
        if owner is None:
            name, why, label, guess = key
            if not (
                isinstance(name, str)
                and isinstance(why, str)
                and isinstance(label, str)
                and isinstance(guess, bool)
            ):
                return None
            owner = made[key] = Owner(name, why, label, guess=guess)
        found.append(owner)
    return tuple(found)


def told_twice(tables: Iterable[Table]) -> tuple[str, ...]:
    """Return the columns that tell the same as the owners of their tables; or none."""
    some = [t.columns for t in tables if not {*t.columns}.isdisjoint(KEYS)]
    return KEYS if all({*KEYS} <= {*columns} for columns in some) else ()
