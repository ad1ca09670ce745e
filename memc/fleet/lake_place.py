"""Where the tables of a lake stand: folders that engines can read, and no links."""

from __future__ import annotations

import os
import re
from stat import S_ISDIR, S_ISLNK

from memc.errors import MemcError
from memc.proc.rights import words_of

__all__ = ["LOG", "check_folder", "check_name", "folder_of"]

LOG = "_delta_log"
# deltalake takes "%20" for a blank and "\\" for "/", and no control character.
NO_PATH = re.compile(r"%[0-9a-fA-F]{2}|[\\\x00-\x1f\x7f]")


def folder_of(lake: str, table: str) -> str:
    """Return the folder of a table, which may not exist.

    Raises MemcError if the lake is no folder, or if something else is in the place of
    the table: a symbolic link may lead anywhere.
    """
    try:
        if not S_ISDIR(os.stat(lake).st_mode):
            raise MemcError(f"{lake}: no lake: not a folder")
    except (OSError, ValueError) as error:
        words = words_of(error) if isinstance(error, OSError) else str(error)
        raise MemcError(f"{lake}: no lake: {words}") from None
    check_name(lake)
    path = os.path.join(os.path.abspath(lake), table)
    for name in (path, os.path.join(path, LOG)):
        check_folder(name)
    return path


def check_name(lake: str) -> None:
    """Raise MemcError if no lake can have this path."""
    if not _is_utf8(lake) or NO_PATH.search(os.path.abspath(lake)):
        words = "that is not UTF-8, or has a % and digits, a \\ or a control character"
        raise MemcError(f"{lake}: no lake: engines read no path {words}")


def _is_utf8(path: str) -> bool:
    try:
        return bool(os.path.abspath(path).encode())
    except UnicodeEncodeError:
        return False


def check_folder(path: str) -> None:
    """Raise MemcError if there is something at a path that is no folder."""
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return
    except OSError as error:
        raise MemcError(f"{path}: {words_of(error)}") from None
    if not S_ISDIR(mode):
        kind = "a symbolic link" if S_ISLNK(mode) else "no folder"
        raise MemcError(f"{path}: expected the folder of a table, not {kind}")
