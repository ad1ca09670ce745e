"""Who else maps a file or has it open.

The files of all other processes are searched once, and only where a file was found that
may end.
"""

from __future__ import annotations

import os
import re

from memc.errors import ProcessError, ProcessGone
from memc.freeing.shared import is_candidate
from memc.proc import stat
from memc.proc.entry import READ_SIZE
from memc.proc.fds import read_links
from memc.proc.files import ProcessFiles
from memc.proc.hidepid import unlists_others
from memc.proc.living import use_living_thread
from memc.proc.rights import field
from memc.proc.root import list_pids

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable

    from memc.proc.inode import Key
    from memc.proc.root import Opened

__all__ = ["Holders", "search"]

# 7f00-7f20 rw-s 00001000 00:01 2056   /memfd:x (deleted): the device and the inode
PLACE = re.compile(
    rb"^\S+ \S+ \S+ ([0-9a-f]+):([0-9a-f]+) ([1-9][0-9]*)\b", re.MULTILINE
)
SYS_PTRACE = 1 << 19
ROOT = SYS_PTRACE | 1 << 1  # with CAP_DAC_OVERRIDE


class Holders:
    """Who has which file: `pids` by the key of the file.

    `unread` are the processes that could not be looked into; `is_hidden` tells whether
    there may be others, which hidepid hides.  `sealed` are processes that even root may
    not look into, such as the init of a sandbox: they are taken to have none of it.
    """

    __slots__ = ("is_hidden", "pids", "sealed", "unread")

    def __init__(self) -> None:
        self.pids: dict[Key, set[int]] = {}
        self.unread: set[int] = set()
        self.sealed: set[int] = set()
        self.is_hidden = False

    @property
    def is_whole(self) -> bool:
        """Tell whether everybody was looked into."""
        return not self.unread and not self.is_hidden

    def add(self, pid: int, keys: Iterable[Key], *, is_read: bool) -> None:
        """Add what a process has; `is_read` tells whether that is all."""
        for key in keys:
            self.pids.setdefault(key, set()).add(pid)
        if not is_read:
            self.unread.add(pid)

    def settle(self, *, is_live: bool) -> None:
        """Call processes sealed if it is no lack of rights that they are unread."""
        if self.unread and is_live and _is_root():
            self.sealed |= self.unread
            self.unread = set()

    def of(self, keys: Iterable[Key], without: Container[int] = ()) -> list[int]:
        """Return who has the file with these keys, in the order of the pids."""
        found = set().union(*(self.pids.get(key, ()) for key in keys))
        return sorted(pid for pid in found if pid not in without)


def search(
    root: Opened, keys: Iterable[Key], *, without: Container[int], is_live: bool
) -> Holders:
    """Search all processes but some for these files."""
    made = Holders()
    wanted = dict.fromkeys(keys)
    made.is_hidden = is_live and unlists_others("/proc")
    for pid in list_pids(root):
        if pid in without:
            continue
        try:
            with ProcessFiles(root, pid) as files:
                made.add(pid, _search(files, wanted, is_live=is_live), is_read=True)
        except ProcessLookupError:
            continue
        except (OSError, ProcessError):
            if not _is_harmless(root, pid):
                made.unread.add(pid)
    made.settle(is_live=is_live)
    return made


def _search(files: ProcessFiles, wanted: Collection[Key], *, is_live: bool) -> set[Key]:
    """Return which of these files a process maps or has open.  Raises OSError."""
    text = _read_maps(files)
    if not text:
        if _has_no_files(files):
            return set()
        use_living_thread(files)
        text = _read_maps(files)
    found = _search_open(files, wanted, is_live=is_live)
    return found | _search_maps(text, wanted)


def _search_maps(text: bytes, wanted: Collection[Key]) -> set[Key]:
    if not any(b" %d " % inode in text for _, _, inode in wanted):
        return set()
    found = ((int(a, 16), int(b, 16), int(i)) for a, b, i in PLACE.findall(text))
    return {key for key in found if key in wanted}


def _search_open(
    files: ProcessFiles, wanted: Container[Key], *, is_live: bool
) -> set[Key]:
    """Return which files are open.  Links of a copy cannot be followed: none."""
    found = set()
    with read_links(files) as links:
        for number, target in links:
            if not is_candidate(target):
                continue
            if not is_live:
                raise PermissionError
            try:
                seen = os.stat(number, dir_fd=links.fd)
            except OSError:
                continue
            device = seen.st_dev
            key = os.major(device), os.minor(device), seen.st_ino
            if key in wanted:
                found.add(key)
    return found


def _read_maps(files: ProcessFiles) -> bytes:
    """Read all of maps, which may be larger than other small files."""
    fd = files.open("maps")
    try:
        parts = []
        while part := os.read(fd, READ_SIZE):
            parts.append(part)
    finally:
        os.close(fd)
    return b"".join(parts)


def _is_harmless(root: Opened, pid: int) -> bool:
    """Tell whether an unread process has no files: it ended or is a kernel thread."""
    try:
        with ProcessFiles(root, pid) as files:
            return _has_no_files(files)
    except ProcessGone:
        return True
    except ProcessError:
        return False


def _has_no_files(files: ProcessFiles) -> bool:
    """Tell whether a process has ended or is a kernel thread; False if not known."""
    try:
        fields = files.stat()[1]
    except ProcessLookupError:
        return True
    except OSError:
        return False
    is_over = stat.number(fields, stat.THREADS, 2) == 1 and fields[stat.STATE] == b"Z"
    return is_over or bool(stat.number(fields, stat.FLAGS) & stat.PF_KTHREAD)


def _is_root() -> bool:
    """Tell whether this process has the rights of root, and in no user namespace."""
    try:
        with open("/proc/self/uid_map", "rb") as file:
            is_whole = file.read().split() == [b"0", b"0", b"4294967295"]
        return is_whole and _capabilities() & ROOT == ROOT
    except (OSError, ValueError):
        return False


def _capabilities() -> int:
    """Return the effective capabilities.  Raises OSError or ValueError."""
    with open("/proc/self/status", "rb") as file:
        return int(field(file.read(), b"CapEff:"), 16)
