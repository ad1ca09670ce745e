"""The log of a table in a lake: which files hold its rows, by Delta Lake or without."""

from __future__ import annotations

import os
from stat import S_ISDIR, S_ISLNK

from memc.errors import MemcError
from memc.fleet.schema import COLUMNS, FORMAT
from memc.proc.rights import words_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Log", "open_log"]

LOG = "_delta_log"
KEY = "memc.format"  # in the configuration of a table


class Log:
    """The newest state of the log of a table.

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
            names = {field.name for field in self.delta.schema().fields}
        except Exception as error:  # noqa: BLE001 - of several packages in Rust
            raise MemcError(f"{path}: its log cannot be read: {error}") from None
        if told is not None and told != str(FORMAT):
            words = f"its format is {told}, and this memc knows {FORMAT}"
            raise MemcError(f"{path}: {words}: a newer memc made it")
        lacks = [name for name in COLUMNS[table] if name not in names]
        if "host" in lacks or "ts" in lacks:
            raise MemcError(f"{path}: a table of Delta Lake, but not one of memc")

    def files(self) -> list[str]:
        """Return the paths of the files."""
        return [str(uri) for uri in self.delta.file_uris()]


def open_log(lake: str, table: str) -> Log | None:
    """Return the log of a table; None if nothing was added to it.

    Raises MemcError as Log does, and if there is no such lake.
    """
    path = folder_of(lake, table)
    return Log(path, table) if os.path.isdir(os.path.join(path, LOG)) else None


def folder_of(lake: str, table: str) -> str:
    """Return the folder of a table, which may not exist.

    Raises MemcError if the lake is no folder, or if something else is in the place of
    the table: a symbolic link may lead anywhere.
    """
    try:
        if not S_ISDIR(os.stat(lake).st_mode):
            raise MemcError(f"{lake}: no lake: not a folder")
    except OSError as error:
        raise MemcError(f"{lake}: no lake: {words_of(error)}") from None
    path = os.path.join(os.path.abspath(lake), table)
    for name in (path, os.path.join(path, LOG)):
        try:
            mode = os.lstat(name).st_mode
        except FileNotFoundError:
            break
        except OSError as error:
            raise MemcError(f"{name}: {words_of(error)}") from None
        if not S_ISDIR(mode):
            kind = "a symbolic link" if S_ISLNK(mode) else "no folder"
            raise MemcError(f"{name}: expected the folder of a table, not {kind}")
    return path
