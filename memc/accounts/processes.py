"""What processes hold of the memory of a machine or a group, each page once.

smaps_rollup divides a page among the processes that map it, so sums of PSS count
nothing twice::

    Pss:                1204 kB
    Pss_Anon:            640 kB
    Pss_File:            564 kB
    Pss_Shmem:             0 kB
"""

from __future__ import annotations

import os
import re
from itertools import pairwise

from memc.errors import ProcessError, ProcessGone
from memc.human.counts import counted_processes
from memc.proc.files import ProcessFiles
from memc.proc.living import Living, look
from memc.proc.rights import denied as refused
from memc.proc.root import is_copy
from memc.table.region import Note

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from memc.proc.root import Opened

__all__ = ["Held", "notes_of", "read_held"]

ROLLUP = "smaps_rollup"
READ_SIZE = 8192  # a rollup has about 900 bytes
PSS = re.compile(
    rb"^Pss_(Anon|File|Shmem):[ \t]+([0-9]{1,15}) kB[ \t\r]*$", re.MULTILINE
)
# The same as the kernel writes it, which is found in a tenth of the time.
IN_ORDER = re.compile(
    rb"\nPss_Anon: +([0-9]{1,15}) kB"
    rb"\nPss_File: +([0-9]{1,15}) kB"
    rb"\nPss_Shmem: +([0-9]{1,15}) kB\n"
)
STATM = re.compile(rb"([0-9]{1,15}) ([0-9]{1,15}) ")
ONE_THREAD = 3  # links of the folder task: ".", its name, and the thread
APART = 64  # pages: statm of one memory, read twice at once, differs by less


class Held:
    """Sums over processes, in kB.

    - `anon_kb`, `file_kb`, `shmem_kb`: the sums of Pss_Anon, Pss_File and Pss_Shmem;
    - `read`, `unread`: how many processes were read, and how many have memory that may
      not be read;
    - `untold`: how many have no smaps_rollup, or one without these lines (before
      Linux 5.3): they count as unread, too.

    Processes with one memory were all read, and their memory is counted once.
    """

    __slots__ = ("anon_kb", "file_kb", "read", "shmem_kb", "unread", "untold")

    def __init__(self) -> None:
        self.anon_kb = self.file_kb = self.shmem_kb = 0
        self.read = self.unread = self.untold = 0


def read_held(root: Opened, pids: Iterable[int]) -> Held:
    """Read these processes.  One that has ended, or has no memory, is passed over."""
    held = Held()
    texts: dict[int, bytes] = {}
    amounts: dict[int, tuple[int, int, int]] = {}
    copied = is_copy(root)
    for pid in pids:
        text = _text(root, pid, held, copied=copied)
        if not text:
            continue
        told = _pss(text)
        if told is not None:
            held.read += 1
            texts[pid], amounts[pid] = text, told
        else:
            held.untold += 1
            held.unread += 1
    for pid in _others(root, texts, copied=copied):
        del amounts[pid]
    for anon_kb, file_kb, shmem_kb in amounts.values():
        held.anon_kb += anon_kb
        held.file_kb += file_kb
        held.shmem_kb += shmem_kb
    return held


def _pss(text: bytes) -> tuple[int, int, int] | None:
    """Return Pss_Anon, Pss_File and Pss_Shmem, None if there is none of them."""
    match = IN_ORDER.search(text)
    if match is not None:
        return int(match[1]), int(match[2]), int(match[3])
    told = dict(PSS.findall(text))
    anon, files, shmem = (int(told.get(key, 0)) for key in (b"Anon", b"File", b"Shmem"))
    return (anon, files, shmem) if told else None


def _text(root: Opened, pid: int, held: Held, *, copied: bool) -> bytes:
    """Return the rollup of a process, b"" if there is none; count what is unread."""
    if not copied:
        try:
            return _read(root, pid, ROLLUP)
        except ProcessLookupError:
            if not _has_threads(root, pid):
                return b""
        except OSError:
            pass
    return _read_with_care(root, pid, held)


def _read(root: Opened, pid: int, name: str) -> bytes:
    """Read a small file of a live process by its path.  Raises OSError."""
    fd = os.open(f"{pid}/{name}", os.O_RDONLY | os.O_CLOEXEC, dir_fd=root.fd)
    try:
        return os.read(fd, READ_SIZE)
    finally:
        os.close(fd)


def _has_threads(root: Opened, pid: int) -> bool:
    """Tell whether a process has several threads: they count as links of this folder.

    Without, what has no memory is a kernel thread or has ended (proc_task_getattr() in
    fs/proc/base.c).
    """
    try:
        return os.stat(f"{pid}/task", dir_fd=root.fd).st_nlink > ONE_THREAD
    except OSError:
        return False


def _read_with_care(root: Opened, pid: int, held: Held) -> bytes:
    """Read a rollup where that failed, or in a copy; count the process if it fails."""
    try:
        with ProcessFiles(root, pid) as files:
            return _read_living(files, held)
    except (ProcessGone, ProcessLookupError):
        pass
    except (ProcessError, OSError):
        held.unread += 1
    return b""


def _read_living(files: ProcessFiles, held: Held) -> bytes:
    try:
        return files.read(ROLLUP)
    except ProcessLookupError:  # no memory, or that of another thread
        if look(files) is Living.THREAD:
            return files.read(ROLLUP)
    except OSError as error:
        if not _has_memory(files):
            return b""
        held.unread += 1
        held.untold += not isinstance(error, PermissionError)
    return b""


def _has_memory(files: ProcessFiles) -> bool:
    """Tell whether a process has memory.  Everybody may read statm, but not hidepid."""
    match = STATM.match(files.statm())
    if match is None:
        return not _is_gone(files)
    return int(match[1]) > 0 or look(files) is Living.THREAD


def _is_gone(files: ProcessFiles) -> bool:
    try:
        os.stat(".", dir_fd=files.fd)
    except ProcessLookupError:
        return True
    except OSError:  # hidepid refuses, so the process is there
        return False
    return False


def _others(root: Opened, texts: dict[int, bytes], *, copied: bool) -> Iterable[int]:
    """Return the processes whose memory another one has and counts.

    One memory starts at one address, which the first line tells; a forked process has
    it, too, and is told apart by its size, or by the kernel.
    """
    by_place: dict[bytes, list[int]] = {}
    for pid, text in texts.items():
        by_place.setdefault(text.partition(b"\n")[0], []).append(pid)
    alike = [
        pid
        for pids in by_place.values()
        if len(pids) > 1
        for pid in (pids if copied else _of_one_size(root, pids))
    ]
    if not alike:
        return ()
    from memc.proc.same import find_same_texts

    return find_same_texts(root, {pid: texts[pid] for pid in alike})


def _of_one_size(root: Opened, pids: list[int]) -> list[int]:
    """Return those of which another one has about as much memory, right now."""
    sizes: list[tuple[int, int, int]] = []
    for pid in pids:
        try:
            match = STATM.match(_read(root, pid, "statm"))
        except OSError:
            continue
        if match is not None:
            sizes.append((int(match[2]), int(match[1]), pid))
    sizes.sort()
    found: set[int] = set()
    for (rss, size, pid), (more, other, next_pid) in pairwise(sizes):
        room = APART + more // 50
        if more - rss <= room and abs(other - size) <= room + size // 50:
            found |= {pid, next_pid}
    return sorted(found)


def notes_of(held: Held, *, hidden: bool = False) -> list[Note]:
    """Return notes on processes that were not read."""
    notes = []
    if hidden:
        words = "/proc is mounted with hidepid: only processes of this user are seen"
        notes.append(Note("hidden", 1, words))
    denied = held.unread - held.untold
    if denied:
        words = f"{counted_processes(denied)} not read: {refused(same_user=False)}"
        notes.append(Note("denied", denied, words))
    if held.untold:
        what = "no smaps_rollup with Pss_Anon (Linux 5.3)"
        words = f"{counted_processes(held.untold)} not read: there is {what}"
        notes.append(Note("degraded", held.untold, words))
    if not held.read:
        words = (
            "no process was read: what they map is in the lines for what nobody maps"
        )
        notes.append(Note("unknown", 1, words))
    return notes
