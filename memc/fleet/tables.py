"""The tables of a lake that a question is asked of, on an engine."""

from __future__ import annotations

from contextlib import contextmanager

import ibis

from memc.errors import MemcError
from memc.fleet.engines import view_of
from memc.fleet.questions_parts import narrow
from memc.fleet.schema import MISSING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    import ibis.expr.types as ir

    from memc.fleet.engines import Engine

__all__ = ["Tables", "bound"]


class Tables:
    """The table of a question, `rows`, and the table `missing` if the lake has one."""

    def __init__(self, lake: str, name: str, made: Engine) -> None:
        """Find the files.  Raises MemcError if nothing was added to the lake."""
        self.lake = lake
        self.name = name
        self.made = made
        self.files: dict[str, list[str]] = {}
        if not made.reads_files:
            return
        from memc.fleet.lake import files

        found = {table: sorted(files(lake, table)) for table in (name, MISSING)}
        self.files = {table: paths for table, paths in found.items() if paths}
        if not self.files or (name not in self.files and name != "groups"):
            words = f"no rows in its table {name}: memc lake add makes some"
            raise MemcError(f"{lake}: {words}")

    def bind(self) -> None:
        """Let the engine look at the tables.  Raises MemcError."""
        self.missing = self._table(MISSING) if self._has(MISSING) else None
        is_bare = self.name == "groups" and not self._has(self.name)
        if self.missing is not None and is_bare:  # no host could ever be asked
            self.rows = self.missing.limit(0)
        else:
            self.rows = self._table(self.name)

    def _has(self, name: str) -> bool:
        made = self.made
        return name in self.files if made.reads_files else made.has(name)

    def _table(self, name: str) -> ir.Table:
        return self.made.table(name, self.files.get(name, ()))

    def narrowed(
        self, since: datetime | None, hosts: Sequence[str], groups: Sequence[str]
    ) -> tuple[ir.Table, ir.Table | None]:
        """Return the rows that are asked, of both tables."""
        rows = narrow(self.rows, since=since, hosts=hosts, groups=groups)
        if self.missing is None:
            return rows, None
        return rows, narrow(self.missing, since=since, hosts=hosts)

    def unbind(self) -> None:
        """Let the tables be of no engine: of their names and columns alone."""
        self.rows = ibis.table(self.rows.schema(), name=self.name)
        if self.missing is not None:
            self.missing = ibis.table(self.missing.schema(), name=MISSING)

    def views(self, names: Sequence[str]) -> str:
        """Return the SQL of DuckDB that gives the files the names of these tables."""
        return "".join(
            view_of(name, paths) for name, paths in self.files.items() if name in names
        )


@contextmanager
def bound(lake: str, name: str, made: Engine) -> Iterator[Tables]:
    """Yield the tables.  If the engine fails because of a damaged file, name the file.

    Raises MemcError.
    """
    tables = Tables(lake, name, made)
    try:
        tables.bind()
        yield tables
    except MemcError:
        from memc.fleet.lake_damage import damaged

        why = damaged(path for paths in tables.files.values() for path in paths)
        if why:
            raise MemcError(why) from None
        raise
