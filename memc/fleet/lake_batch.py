"""Add samples to a lake: rows are gathered, sorted, written, and committed together.

Files of one table in a batch, none of which anybody reads before the commit::

    samples of files   [ ready: of whole files ][ open: of the file that is read ]
    more than ROWS     commit what is ready; write what is open, and commit at its end
"""

from __future__ import annotations

import os
import random
import time

import pyarrow as pa
import pyarrow.parquet as pq

from memc.errors import MemcError
from memc.fleet.lake_bounds import check_numbers
from memc.fleet.lake_log import RacedError, or_new
from memc.fleet.lake_parts import read_parts, remove_parts, write_parts
from memc.fleet.lake_place import check_name, folder_of
from memc.fleet.lake_rows import tables_of
from memc.fleet.lake_schema import SCHEMA
from memc.fleet.lake_there import There
from memc.fleet.schema import MISSING, TABLES
from memc.proc.rights import words_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from memc.fleet.lake_log import File
    from memc.fleet.lake_there import Name
    from memc.fleet.sample import Key, Sample

__all__ = ["Added", "Batch", "Rows"]

ROWS = 250_000  # of a table, in memory
TRIES = 50
NS_PER_MS = 1_000_000
FAR_MS = 5 * 60_000


class Added:
    """What was added to a lake.

    `samples` were added and `skipped` were there before; `rows` are those of each
    table.  `apart_ms` has for each host the time of adding less that of its newest
    sample, if they are more than five minutes apart.
    """

    __slots__ = ("apart_ms", "rows", "samples", "skipped")

    def __init__(self) -> None:
        self.samples = 0
        self.skipped = 0
        self.rows: dict[str, int] = {}
        self.apart_ms: dict[str, int] = {}

    def __repr__(self) -> str:
        """Show the numbers."""
        return f"<Added {self.samples} samples, {self.skipped} skipped: {self.rows}>"


class Rows:
    """Rows of one table: `tables` in memory, `files` written, and whose they are."""

    __slots__ = ("files", "names", "tables")

    def __init__(self) -> None:
        self.tables: list[pa.Table] = []
        self.files: list[File] = []
        self.names: set[Name] = set()

    def count(self) -> int:
        return sum(table.num_rows for table in self.tables)

    def take(self, other: Rows) -> None:
        self.tables += other.tables
        self.files += other.files
        self.names |= other.names


class Batch:
    """Rows on their way into a lake, which is made if it does not exist.

    Raises MemcError if that is no folder, or cannot be made.
    """

    def __init__(self, lake: str, tables: Iterable[str] = TABLES) -> None:
        self.lake = lake
        self.added = Added()
        self._tables = tuple(tables)
        self._now_ms = time.time_ns() // NS_PER_MS
        _make(lake)
        for table in self._tables:
            folder_of(lake, table)
        self._there = {table: There(lake, table) for table in self._tables}
        self._ready = {table: Rows() for table in self._tables}
        self._open = {table: Rows() for table in self._tables}
        self._counts = [0, 0]  # samples and skipped of the open file
        self._newest: dict[str, int] = {}  # time of each host
        self._newest_open: dict[str, int] = {}

    # ---- The samples of a file -------------------------------------------------------

    def wants(self, key: Key, has_regions: bool) -> bool:  # noqa: FBT001
        """Tell whether a table lacks a sample; count the sample if none does."""
        newest = self._newest_open.get(key.host, key.ts_ms)
        self._newest_open[key.host] = max(newest, key.ts_ms)
        if [t for t in self._lacking(key) if has_regions or t != "regions"]:
            return True
        self._counts[1] += 1
        return False

    def _lacking(self, key: Key) -> list[str]:
        name = key.names()
        return [
            table
            for table in self._tables
            if name not in self._open[table].names
            and name not in self._ready[table].names
            and not self._is_there(table, name)
        ]

    def _is_there(self, table: str, name: Name) -> bool:
        return self._there[table].has(name)

    def add(self, sample: Sample) -> None:
        """Add the rows of a sample to the tables that lack it.

        Raises MemcError if it cannot be.
        """
        lacking = self._lacking(sample.key)
        made = tables_of(sample, self._now_ms, lacking)
        some = {table for table in made if made[table].num_rows}
        for table in lacking:
            self._open[table].names.add(sample.key.names())
            if table in some:
                self._put(table, made[table])
        is_old = not some and len(lacking) < len(self._tables)
        self._counts[is_old] += 1

    def put(self, table: str, made: pa.Table) -> None:
        """Add rows that were made elsewhere, but those that the lake has.

        Raises MemcError if they are no such rows.
        """
        from memc.fleet.lake_there import checked, names_in, without

        made = checked(made, table)
        if table == MISSING:
            self._put(table, made)
            return
        found = names_in(made)
        old = {
            name
            for name in found
            if name in self._ready[table].names or self._is_there(table, name)
        }
        self._open[table].names |= found - old
        if table == self._tables[0]:
            self._counts[0] += len(found - old)
            self._counts[1] += len(old)
        self._put(table, without(made, old))

    def _put(self, table: str, made: pa.Table) -> None:
        check_numbers(made)
        rows = self._open[table]
        rows.tables.append(made)
        if rows.count() >= ROWS:
            self._spill(table)

    def _spill(self, table: str) -> None:
        """Write what is in memory; nobody reads it before it is committed."""
        rows = self._open[table]
        rows.files += write_parts(self.lake, table, rows.tables)
        rows.tables = []

    def end(self) -> None:
        """End a file: all of it may be committed."""
        is_large = any(rows.files for rows in self._open.values())
        for table, rows in self._open.items():
            self._ready[table].take(rows)
            self._open[table] = Rows()
        self.added.samples += self._counts[0]
        self.added.skipped += self._counts[1]
        self._counts = [0, 0]
        for host, ts_ms in self._newest_open.items():
            self._newest[host] = max(self._newest.get(host, 0), ts_ms)
        self._newest_open = {}
        if is_large or any(rows.count() >= ROWS for rows in self._ready.values()):
            self.commit()

    def undo(self) -> None:
        """Forget what was added of the file that is open."""
        self._counts = [0, 0]
        self._newest_open = {}
        for table, rows in self._open.items():
            remove_parts(self.lake, table, rows.files)
            self._open[table] = Rows()

    # ---- The lake --------------------------------------------------------------------

    def commit(self) -> None:
        """Commit what ended.  Raises MemcError if the lake cannot be written to."""
        for table in self._tables:
            rows = self._ready[table]
            self._ready[table] = Rows()
            if rows.tables or rows.files:
                count = self._commit(table, rows)
                self.added.rows[table] = self.added.rows.get(table, 0) + count
            self._there[table].add(rows.names)
        for host, ts_ms in self._newest.items():
            apart_ms = self._now_ms - ts_ms
            if abs(apart_ms) > FAR_MS:
                self.added.apart_ms[host] = apart_ms

    def _commit(self, table: str, rows: Rows) -> int:
        """Commit rows of a table, and return how many."""
        from memc.fleet.lake_there import without

        there = self._there[table]
        for tried in range(TRIES):
            log = or_new(self.lake, table)
            old = there.look(log, rows.names)
            if old:  # somebody else added the same samples meanwhile
                tables = [*rows.tables, *read_parts(self.lake, table, rows.files)]
                remove_parts(self.lake, table, rows.files)
                rows.files = []
                rows.tables = [without(one, old) for one in tables]
                rows.names -= old
            try:
                log.widen(_schema_of(self.lake, table, rows))
                rows.files += write_parts(self.lake, table, rows.tables)
                rows.tables = []
                if not rows.files:
                    return 0
                log.commit(rows.files, names=_transactions(rows.names))
            except RacedError:
                time.sleep(random.uniform(0, 0.05 * min(tried + 1, 10)))  # noqa: S311
                continue
            except BaseException:
                remove_parts(self.lake, table, rows.files)
                raise
            return sum(file.rows for file in rows.files)
        raise MemcError(f"cannot write to {self.lake}: too many others write to it")


def _transactions(names: Iterable[Name]) -> list[str]:
    return sorted({f"{host}/{boot or ''}" for host, boot, _, _ in names})


def _schema_of(lake: str, table: str, rows: Rows) -> pa.Schema:
    found = [one.schema for one in rows.tables]
    path = folder_of(lake, table)
    found += [pq.read_schema(os.path.join(path, file.path)) for file in rows.files]
    try:
        return pa.unify_schemas([SCHEMA[table], *found])
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise MemcError(f"columns differ in their kinds: {error}") from None


def _make(lake: str) -> None:
    check_name(lake)
    try:
        os.mkdir(lake, 0o700)  # layouts of memory are secrets
    except FileExistsError:
        pass
    except (OSError, ValueError) as error:
        words = words_of(error) if isinstance(error, OSError) else str(error)
        raise MemcError(f"{lake}: no lake can be made there: {words}") from None
