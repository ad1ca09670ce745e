"""Processes outside of a group that have its memory, or a part of it, too.

Only processes that fork() made of one another, without exec, have anonymous memory in
common.  They have the places of code and stack in common too, which exec chooses.
"""

from __future__ import annotations

import os
import re

from memc.errors import ProcessError, ProcessGone
from memc.proc import stat
from memc.proc.entry import open_entry
from memc.proc.files import ProcessFiles
from memc.proc.living import use_living_thread
from memc.proc.rights import field
from memc.proc.root import list_pids
from memc.proc.same import are_same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable
    from typing import TypeAlias

    from memc.proc.root import Opened

    # The places of code and stack, and the size of the code; None if it is not told.
    Program: TypeAlias = tuple[tuple[bytes, ...] | None, bytes | None]

__all__ = ["has_relatives", "sharer_of"]

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
MOST_THREADS = 64  # of which the children are looked for
ANONYMOUS = re.compile(rb"^Anonymous:[ \t]*([0-9]{1,20})", re.MULTILINE)
PSS_ANON = re.compile(rb"^Pss_Anon:[ \t]*([0-9]{1,20})", re.MULTILINE)


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
        folder = os.open("task", FOLDER, dir_fd=files.fd)
    except OSError:
        return []
    found: list[int] = []
    try:
        for name in os.listdir(folder)[:MOST_THREADS]:
            found += map(int, _read_children(folder, name, is_copy=files.is_copy))
    except (OSError, ValueError):
        pass
    finally:
        os.close(folder)
    return found


def _read_children(folder: int, name: str, *, is_copy: bool) -> list[bytes]:
    """Read the children of a thread.  Raises OSError."""
    thread = os.open(name, FOLDER | os.O_PATH, dir_fd=folder)
    try:
        fd = open_entry(thread, "children", is_copy=is_copy)
    finally:
        os.close(thread)
    try:
        return os.read(fd, 1 << 16).split()
    finally:
        os.close(fd)


def has_relatives(root: Opened, pids: Container[int], members: Iterable[int]) -> bool:
    """Tell whether a process outside of `pids` may have anonymous memory of `members`.

    One that can be read and shares nothing with anybody has none.  Of one that hides
    where its code is, the size of its program decides.
    """
    programs = [_program(root, pid) for pid in members]
    places = {one[0] for one in programs if one}
    sizes = {one[1] for one in programs if one}
    for pid in list_pids(root):
        program = None if pid in pids else _program(root, pid)
        if program is None:
            continue
        place, size = program
        if place is None or None in places:
            if size is None or size in sizes or None in sizes:
                return True
        elif place in places and not _is_clear(root, pid):
            return True
    return False


def _program(root: Opened, pid: int) -> Program | None:
    """Return where exec put code and stack, None if hidden, and the size of the code.

    None if the process has no memory.
    """
    try:
        with ProcessFiles(root, pid) as files:
            size = field(files.read("status"), b"VmExe:")
            if not size:  # the first thread has ended, or all of the process
                use_living_thread(files)
                size = field(files.read("status"), b"VmExe:")
            fields = stat.split(files.read("stat"))[1]
    except (ProcessGone, ProcessLookupError):
        return None
    except (OSError, ProcessError):
        return None, None
    if not size:
        return None
    place = None if stat.hides_places(fields) else tuple(fields[stat.CODE])
    return place, size


def _is_clear(root: Opened, pid: int) -> bool:
    """Tell whether a process has no anonymous page that another one has too."""
    try:
        with ProcessFiles(root, pid) as files:
            text = files.read("smaps_rollup")
    except (OSError, ProcessError):
        return False
    anonymous, pss = ANONYMOUS.search(text), PSS_ANON.search(text)
    return anonymous is not None and pss is not None and anonymous[1] == pss[1]
