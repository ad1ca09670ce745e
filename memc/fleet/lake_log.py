"""The log of a table in a lake: which files hold its rows, by Delta Lake.

A commit is one file of the log, which is there as a whole or not at all.  Two commits
that name the same transaction cannot both be made on top of the same version: so no
sample of a host is added twice, and no file is replaced by two others.
"""

from __future__ import annotations

import json
import os
import time
from datetime import date

from memc.errors import MemcError
from memc.fleet.lake_place import LOG, folder_of
from memc.fleet.lake_schema import SCHEMA
from memc.fleet.schema import FORMAT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    import pyarrow as pa

__all__ = [
    "KEEPER",
    "File",
    "Log",
    "RacedError",
    "open_log",
    "or_new",
]

KEY = "memc.format"  # in the configuration of a table
KEEPER = "memc keeper"  # the transaction of what replaces or removes files
CHECKPOINT = "100"  # commits, after which one file says what all of them said


class RacedError(Exception):
    """Another commit came first; what was read of the log is old."""


class File:
    """A Parquet file of a table.  `path` is relative to the folder of the table."""

    __slots__ = ("day", "hosts", "path", "rows", "size", "times_ms")

    def __init__(
        self,
        path: str,
        day: date,
        counts: tuple[int, int],
        hosts: tuple[str | None, str | None],
        times_ms: tuple[int | None, int | None],
    ) -> None:
        self.path = path
        self.day = day
        self.size, self.rows = counts
        self.hosts = hosts
        self.times_ms = times_ms

    def may_have(self, host: str) -> bool:
        """Tell whether rows of a host may be in it."""
        first, last = self.hosts
        return (first is None or first <= host) and (last is None or host <= last)


class Log:
    """The state of the log of a table, as it was when it was opened.

    Raises MemcError if the table is not memc's, if a newer memc made it, or if it
    cannot be read.
    """

    def __init__(self, path: str, table: str) -> None:
        from deltalake import DeltaTable

        self.path = path
        self.table = table
        try:
            self.delta: Any = DeltaTable(path)
            told = self.delta.metadata().configuration.get(KEY)
            self.kinds = {f.name: f.type for f in self.delta.schema().fields}
            days = self.delta.metadata().partition_columns
        except Exception as error:  # noqa: BLE001 - of several kinds, from Rust
            raise MemcError(f"{path}: its log cannot be read: {error}") from None
        if told is not None and told != str(FORMAT):
            words = f"its format is {told}, and this memc knows {FORMAT}"
            raise MemcError(f"{path}: {words}: a newer memc made it")
        if not {"host", "ts", "date"} <= self.kinds.keys() or days != ["date"]:
            raise MemcError(f"{path}: a table of Delta Lake, but not one of memc")

    @property
    def version(self) -> int:
        return int(self.delta.version())

    def files(self) -> list[str]:
        """Return the paths of the files."""
        return [os.path.join(self.path, file.path) for file in self.listed()]

    def listed(self) -> list[File]:
        """Return the files, and what the log tells of them."""
        import pyarrow as pa

        found = pa.table(self.delta.get_add_actions(flatten=True))
        rows = found.to_pylist()
        return [
            File(
                row["path"],
                _day(row["partition.date"]),
                (row["size_bytes"], row["num_records"] or 0),
                (row.get("min.host"), row.get("max.host")),
                (_ms(row.get("min.ts")), _ms(row.get("max.ts"))),
            )
            for row in rows
        ]

    def widen(self, schema: pa.Schema) -> None:
        """Let the table have the columns of a schema.

        Raises MemcError if it has one of them as another kind, and RacedError.
        """
        from deltalake import Schema

        asked = {f.name: f for f in Schema.from_arrow(_plain(schema)).fields}
        for name, field in asked.items():
            had = self.kinds.get(name)
            if had is not None and had != field.type:
                words = f"the column {name} is {had} in the lake, and {field.type} here"
                raise MemcError(words)
        new = [field for name, field in asked.items() if name not in self.kinds]
        if new:
            self._do(lambda: self.delta.alter.add_columns(new))
            self.kinds |= {field.name: field.type for field in new}

    def commit(
        self,
        added: Iterable[File],
        removed: Iterable[File] = (),
        names: Iterable[str] = (),
        *,
        is_change: bool = True,
    ) -> None:
        """Add and remove files in one commit, which names these transactions.

        Raises RacedError if somebody else named one of them since the log was opened.
        """
        from deltalake import CommitProperties, Transaction
        from deltalake.transaction import AddAction, RemoveAction

        now_ms = time.time_ns() // 1_000_000
        actions: list[Any] = []
        for file in added:
            if not os.path.exists(os.path.join(self.path, file.path)):
                raise MemcError(f"{self.path}/{file.path}: somebody removed it")
            day = {"date": file.day.isoformat()}
            actions.append(
                AddAction(file.path, file.size, day, now_ms, is_change, _stats(file))
            )
        for file in removed:
            of: dict[str, str | None] = {"date": file.day.isoformat()}
            actions.append(RemoveAction(file.path, is_change, now_ms, file.size, of))
        told = [Transaction(name, now_ms) for name in names]
        how = CommitProperties(app_transactions=told)
        schema = self.delta.schema()
        self._do(
            lambda: self.delta.create_write_transaction(
                actions, "append", schema, ["date"], commit_properties=how
            )
        )

    def _do(self, act: Any) -> None:  # noqa: ANN401 - it is called, no more
        from deltalake.exceptions import CommitFailedError

        try:
            act()
        except CommitFailedError as error:
            raise RacedError(str(error)) from None
        except Exception as error:  # noqa: BLE001 - of several kinds, from Rust
            raise MemcError(f"cannot write to {self.path}: {error}") from None


def _plain(schema: pa.Schema) -> pa.Schema:
    return schema.remove_metadata()


def _day(told: object) -> date:
    return told if isinstance(told, date) else date.fromisoformat(str(told))


def _ms(told: Any) -> int | None:  # noqa: ANN401 - a datetime, or a text
    if told is None or isinstance(told, str):
        return None
    return int(told.timestamp() * 1000)


def _stats(file: File) -> str:
    first, last = file.hosts
    times = [_iso(ms) for ms in file.times_ms]
    told = {
        "numRecords": file.rows,
        "minValues": {"host": first, "ts": times[0]},
        "maxValues": {"host": last, "ts": times[1]},
        "nullCount": {"host": 0, "ts": 0},
    }
    return json.dumps(told)


def _iso(ms: int | None) -> str | None:
    if ms is None:
        return None
    seconds, rest = divmod(ms, 1000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{rest:03}Z"


def open_log(lake: str, table: str) -> Log | None:
    """Return the log of a table; None if nothing was added to it.

    Raises MemcError as Log does, and if there is no such lake.
    """
    path = folder_of(lake, table)
    return Log(path, table) if os.path.isdir(os.path.join(path, LOG)) else None


def or_new(lake: str, table: str) -> Log:
    """Return the log of a table, which is made if there is none."""
    log = open_log(lake, table)
    if log is not None:
        return log
    from deltalake import DeltaTable

    path = folder_of(lake, table)
    try:
        os.makedirs(path, exist_ok=True)
        if os.listdir(path):
            _refuse_other(path)
        DeltaTable.create(
            path,
            _plain(SCHEMA[table]),
            mode="ignore",
            partition_by=["date"],
            name=f"memc {table}",
            configuration={KEY: str(FORMAT), "delta.checkpointInterval": CHECKPOINT},
            raise_if_key_not_exists=False,
        )
    except MemcError:
        raise
    except Exception as error:  # noqa: BLE001 - of several kinds, from Rust
        if not os.path.isdir(os.path.join(path, LOG)):  # else another one made it
            raise MemcError(f"cannot write to {path}: {error}") from None
    return Log(path, table)


def _refuse_other(path: str) -> None:
    """Raise MemcError if a folder without a log has files that are no part of one."""
    others = [n for n in os.listdir(path) if not n.startswith(("date=", LOG))]
    if others:
        raise MemcError(f"{path}: no table of a lake: {others[0]!r} is in it")
