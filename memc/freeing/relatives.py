"""Processes outside of a group that have its memory, or a part of it, too.

Only processes that fork() made of one another, without exec, have anonymous memory in
common.  They have the places of code and stack in common too, which exec chooses.
"""

from __future__ import annotations

import os
import re

from memc.errors import ProcessError
from memc.proc import stat
from memc.proc.files import ProcessFiles
from memc.proc.root import list_pids
from memc.proc.same import are_same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from memc.proc.root import Opened

__all__ = ["has_relatives", "sharer_of"]

MOST_THREADS = 64  # of which the children are looked for
ANONYMOUS = re.compile(rb"^Anonymous:[ \t]*([0-9]+)", re.MULTILINE)
PSS_ANON = re.compile(rb"^Pss_Anon:[ \t]*([0-9]+)", re.MULTILINE)


def sharer_of(root: Opened, pid: int, without: Container[int]) -> int | None:
    """Return a parent or child outside of a group with the same memory, or None."""
    try:
        with ProcessFiles(root, pid) as files:
            relatives = [stat.number(files.stat()[1], stat.PARENT), *_children(files)]
    except (OSError, ProcessError):
        return None
    for other in relatives:
        if other and other not in without and are_same(root, pid, other):
            return other
    return None


def _children(files: ProcessFiles) -> Iterable[int]:
    """Return the children of a process, as far as the kernel lists them."""
    try:
        folder = os.open("task", os.O_RDONLY | os.O_DIRECTORY, dir_fd=files.fd)
    except OSError:
        return []
    found: list[int] = []
    try:
        for name in os.listdir(folder)[:MOST_THREADS]:
            fd = os.open(f"{name}/children", os.O_RDONLY, dir_fd=folder)
            try:
                found += map(int, os.read(fd, 1 << 16).split())
            finally:
                os.close(fd)
    except (OSError, ValueError):
        pass
    finally:
        os.close(folder)
    return found


def has_relatives(root: Opened, pids: Container[int], members: Iterable[int]) -> bool:
    """Tell whether a process outside of `pids` may have anonymous memory of `members`.

    One that can be read and shares nothing with anybody has none.
    """
    keys = {_key(root, pid) for pid in members}
    if None in keys:
        return True
    for pid in list_pids(root):
        if pid in pids:
            continue
        key = _key(root, pid)
        if key is None or (key in keys and not _is_clear(root, pid)):
            return True
    return False


def _key(root: Opened, pid: int) -> tuple[bytes, ...] | None:
    """Return the places that exec chose, () without memory, None if they are hidden."""
    try:
        with ProcessFiles(root, pid) as files:
            fields = files.stat()[1]
    except ProcessLookupError:
        return ()
    except (OSError, ProcessError):
        return None
    if stat.number(fields, stat.FLAGS) & stat.PF_KTHREAD or fields[:1] in (
        [b"Z"],
        [b"X"],
    ):
        return ()
    return None if stat.hides_places(fields) else tuple(fields[stat.CODE])


def _is_clear(root: Opened, pid: int) -> bool:
    """Tell whether a process has no anonymous page that another one has too."""
    try:
        with ProcessFiles(root, pid) as files:
            text = files.read("smaps_rollup")
    except (OSError, ProcessError):
        return False
    anonymous, pss = ANONYMOUS.search(text), PSS_ANON.search(text)
    return anonymous is not None and pss is not None and anonymous[1] == pss[1]
