"""The shared memory and the deleted files that a process maps or has open.

Only a file that may end with its last user counts: one without a name, on any file
system, and one whose name is only in memory.  By their names in maps and fd/:

    /memfd:buffer (deleted)      memfd_create(2)
    /dev/zero (deleted)          MAP_SHARED | MAP_ANONYMOUS
    /SYSV00000000 (deleted)      shmget(2)
    /dev/shm/cache.dat           shm_open(3)
    /tmp/log (deleted)           a file that was removed
"""

from __future__ import annotations

from memc.proc.fds import read_links
from memc.proc.inode import PAGE_KB, look
from memc.proc.sysv import PREFIX, is_our_space
from memc.table.fields import DELETED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from typing import TypeAlias

    from memc.proc.files import ProcessFiles
    from memc.proc.inode import Key, Seen
    from memc.table.region import Table

    Device: TypeAlias = tuple[int, int]

__all__ = ["Shared", "Use", "find", "is_candidate"]

NAMELESS = ("/memfd:", "/dev/zero (deleted)", "[anon_shmem:")  # these never have a name
NAMES = (*NAMELESS, PREFIX, "/dev/shm/")  # noqa: S108 - found, not made
CHANNELS = ("pipe:", "socket:", "anon_inode:[io_uring]")


class Shared:
    """A file of shared memory, or a deleted file, and what is known of it.

    - `keys`: what identifies it; maps and stat() tell different devices on some file
      systems;
    - `name`: its name in maps or fd/;
    - `seen`: what the kernel tells of the file, None if it could not be looked at;
    - `spans`: the parts of it that are mapped: first byte, end, resident kB;
    - `maps`: how many regions map it;
    - `ours`: whether /proc/sysvipc tells of the segments in its IPC namespace;
    - `is_tmpfs`: whether it is on a device of tmpfs;
    - `places`: the addresses of the regions that map it.
    """

    __slots__ = (
        "_is_huge",
        "is_tmpfs",
        "keys",
        "maps",
        "name",
        "ours",
        "places",
        "seen",
        "spans",
    )

    def __init__(self, key: Key, name: str) -> None:
        self.keys = {key}
        self.name = name
        self.seen: Seen | None = None
        self.spans: list[tuple[int, int, int]] = []
        self.maps = 0
        self.ours = True
        self.places: list[tuple[int, int]] = []
        self.is_tmpfs = False
        self._is_huge = False

    @property
    def is_huge(self) -> bool:
        """Tell whether it has huge pages of a pool."""
        return self._is_huge or (self.seen is not None and self.seen.is_huge)

    @property
    def is_segment(self) -> bool:
        """Tell whether it is a segment of System V."""
        return self.name.startswith(PREFIX)

    @property
    def is_deleted(self) -> bool | None:
        """Tell whether it has no name any more; None if that is not known."""
        if self.seen is not None:
            return self.seen.is_deleted
        if self.name.startswith(NAMELESS):
            return True
        return None if self.name.endswith(DELETED) else False

    @property
    def mapped_kb(self) -> int:
        """The resident memory of it that is mapped; parts mapped twice count once."""
        total = end = most = 0
        for start, stop, rss in sorted(self.spans):
            if start >= end:
                total, most, end = total + most, rss, stop
            else:
                most, end = max(most, rss), max(end, stop)
        return total + most

    @property
    def reach_kb(self) -> int:
        """The largest amount of it that is mapped, resident or not."""
        return max((stop for _, stop, _ in self.spans), default=0) // 1024

    @property
    def label(self) -> str:
        """The name without what the kernel adds to it."""
        if self.is_segment:  # its inode is what ipcs and ipcrm call shmid
            return f"shared memory segment {min(self.keys)[2]}"
        return self.name.removesuffix(DELETED)

    def map(self, table: Table, row: int) -> None:
        """Add a region that maps it."""
        numbers = {
            name: table.columns[name].values[row] if name in table.columns else 0
            for name in ("start", "end", "offset", "rss_kb", "kernel_page_size_kb")
        }
        start, end, offset = numbers["start"], numbers["end"], numbers["offset"]
        self.maps += 1
        self.spans.append((offset, offset + end - start, numbers["rss_kb"]))
        self.places.append((start, end))
        self._is_huge = self._is_huge or numbers["kernel_page_size_kb"] > PAGE_KB

    def add(self, other: Shared) -> None:
        """Add what another process tells of the same file."""
        self.keys |= other.keys
        self.seen = self.seen or other.seen
        self.spans += other.spans
        self.places += other.places
        self.maps += other.maps
        self._is_huge = self._is_huge or other._is_huge
        self.ours = self.ours and other.ours


class Use:
    """What a process has of such files.

    - `files`: each of them once;
    - `rows`: the rows of its table that map them;
    - `open_files`: how many files it has open, None if fd/ may not be read;
    - `unseen`: the names of open files that could not be looked at;
    - `channels`: the pipes, sockets and rings that it has open, whose content no
      reader can see.
    """

    __slots__ = ("channels", "files", "open_files", "rows", "unseen")

    def __init__(self) -> None:
        self.files: list[Shared] = []
        self.rows: set[int] = set()
        self.open_files: int | None = None
        self.unseen: list[str] = []
        self.channels: set[str] = set()


def is_candidate(name: str) -> bool:
    """Tell whether a file with this name in maps or fd/ may end with its last user."""
    return name.startswith(NAMES) or name.endswith(DELETED)


def find(
    files: ProcessFiles,
    table: Table | None,
    *,
    is_live: bool,
    devices: Collection[Device] = (),
) -> Use:
    """Find what a process has of such files, and of those on these devices.

    The links of a copy of /proc are not followed.
    """
    use = Use()
    found: dict[Key, Shared] = {}
    if table is not None:
        for row, key, name in _rows(table, devices):
            use.rows.add(row)
            one = found.get(key) or found.setdefault(key, Shared(key, name))
            one.map(table, row)
            one.is_tmpfs = key[:2] in devices
    _look_at_open(files, use, found, is_live=is_live)
    if is_live:
        for one in [one for one in found.values() if one.seen is None]:
            _look_at_mapped(files, one, found)
    use.files = [*dict.fromkeys(found.values())]
    if any(one.is_segment for one in use.files):
        ours = is_live and is_our_space(files)
        for one in use.files:
            one.ours = ours
    return use


def _rows(table: Table, devices: Collection[Device]) -> Iterator[tuple[int, Key, str]]:
    """Yield the number, the file and the name of each region of such a file."""
    names = table.columns["pathname"]
    numbers, decode = names.values, names.decode
    called = {number: str(decode(number)) for number in set(numbers)} if decode else {}
    meant = {number for number, name in called.items() if is_candidate(name)}
    if not meant and not devices:
        return
    columns = [table.columns[n].values for n in ("dev_major", "dev_minor", "inode")]
    for row, (number, *key) in enumerate(zip(numbers, *columns, strict=True)):
        if key[2] and (number in meant or (key[0], key[1]) in devices):
            yield row, (key[0], key[1], key[2]), called[number]


def _look_at_open(
    files: ProcessFiles, use: Use, found: dict[Key, Shared], *, is_live: bool
) -> None:
    try:
        links = read_links(files)
    except OSError:
        return
    with links:
        use.open_files = len(links)
        for number, target in links:
            if target.startswith(CHANNELS):
                use.channels.add(target)
            if not is_candidate(target):
                continue
            try:
                seen = look(number, links.fd) if is_live else None
            except OSError:
                seen = None
            if seen is not None:
                found.setdefault(seen.key, Shared(seen.key, target)).seen = seen
            elif not is_live:
                use.unseen.append(target)


def _look_at_mapped(files: ProcessFiles, one: Shared, found: dict[Key, Shared]) -> None:
    """Look at a file through map_files/, which takes a right that few have."""
    try:
        start, end = one.places[-1]
        seen = look(f"map_files/{start:x}-{end:x}", files.where())
    except OSError:
        return
    if seen is None:
        return
    one.seen = seen
    other = found.get(seen.key)
    if other is not None and other is not one:
        one.add(other)
    one.keys.add(seen.key)
    found[seen.key] = one
