"""What comes back when several processes end together: the sum of its parts."""

from __future__ import annotations

from memc.freeing.anonymous import bounds
from memc.freeing.ends import ends_of
from memc.freeing.notes import notes_on
from memc.freeing.own import cache_kb
from memc.freeing.relatives import sharer_of
from memc.freeing.result import Freed
from memc.freeing.status import CHANNEL_KB
from memc.proc.inode import shared_device
from memc.proc.mounts import read_mounts
from memc.proc.root import is_procfs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from memc.freeing.ends import Ends
    from memc.freeing.members import Member
    from memc.proc.root import Opened

__all__ = ["together"]

IN_MEMORY = ("tmpfs", "ramfs", "hugetlbfs")


def together(
    root: Opened, members: Sequence[Member], *, notes: Iterable[str] = ()
) -> Freed:
    """Tell what comes back when these members end; `notes` come before others."""
    is_live = is_procfs(root)
    device = shared_device() if is_live else None
    for member in members:
        devices = _devices(root, member) | ({device} if device else set())
        member.look(root, is_live=is_live, devices=devices)
    pids = {member.pid for member in members}
    if is_live:
        _find_keepers(root, members, pids)
    read = [m for m in members if m.own is not None and m.kept_by is None]
    least, most = bounds(root, read, pids=pids, is_live=is_live)
    parts = _Parts(members, ends_of(root, members, is_live=is_live))
    bound = parts.bounds(least, most)
    words = notes_on(
        root,
        members,
        parts.ends,
        anonymous=(least, most),
        least=bound[0] or 0,
        is_live=is_live,
    )
    return Freed(
        pids=tuple(sorted(pids)),
        rss_kb=_sum(m.rss_kb for m in members),
        private_kb=_sum(m.private_kb for m in members),
        at_least_kb=bound[0],
        at_most_kb=bound[1],
        anonymous_kb=parts.known(least),
        page_tables_kb=parts.page_tables,
        kernel_kb=parts.kernel,
        shared_kb=parts.known(parts.ends.known_kb),
        swap_kb=parts.known(sum(m.own.swap for m in read if m.own) + parts.ends.swap),
        hugetlb_kb=parts.known(
            sum(m.own.hugetlb for m in read if m.own) + parts.ends.hugetlb
        ),
        cache_kb=parts.known(
            sum(cache_kb(m.table, m.use.rows) for m in read if m.table is not None)
        ),
        stays=tuple(parts.ends.stays),
        notes=(*notes, *words),
    )


class _Parts:
    """What status and shared memory add to the anonymous memory of members."""

    def __init__(self, members: Sequence[Member], ends: Ends) -> None:
        self.ends = ends
        self.page_tables = _sum(m.page_tables_kb for m in members)
        self.kernel = _kernel_kb(members, ends)
        self._is_read = any(not m.is_unread for m in members)
        self._unread = [m.most_kb for m in members if m.is_unread]

    def known(self, kb: int | None) -> int | None:
        """Return an amount that regions tell; None if no member could be read."""
        return kb if self._is_read else None

    def bounds(self, least: int, most: int) -> tuple[int | None, int | None]:
        """Return the bounds of the whole; None where nothing is known."""
        if not self._is_read and self.page_tables is None and self.kernel is None:
            return None, None
        fixed = (self.page_tables or 0) + (self.kernel or 0)
        more = [kb for kb in self._unread if kb is not None]
        whole = most + fixed + self.ends.most + round(self.ends.kernel[1]) + sum(more)
        is_bound = len(more) == len(self._unread)
        return least + fixed + self.ends.least, whole if is_bound else None


def _kernel_kb(members: Sequence[Member], ends: Ends) -> int | None:
    """Estimate the kernel's bookkeeping; pipes that several have count once."""
    known = [kb for m in members if (kb := m.kernel_kb) is not None]
    channels: set[str] = set().union(*(m.use.channels for m in members))
    more = ends.kernel[0] + len(channels) * CHANNEL_KB
    return round(sum(known) + more) if known else None


def _devices(root: Opened, member: Member) -> set[tuple[int, int]]:
    """Return the devices of file systems in memory that a member sees."""
    if member.table is None:
        return set()
    mounts = read_mounts(member.pid, proc=root.path)
    return {device for device, kind in mounts.items() if kind in IN_MEMORY}


def _find_keepers(root: Opened, members: Iterable[Member], pids: set[int]) -> None:
    """Find members whose memory a process has that is not to end."""
    by_pid = {member.pid: member for member in members}
    for member in by_pid.values():
        if member.own is None and member.same_as is None:
            continue
        keeper = sharer_of(root, member.pid, pids)
        if keeper is not None:
            by_pid.get(member.same_as or member.pid, member).kept_by = keeper


def _sum(amounts: Iterable[int | None]) -> int | None:
    """Return the sum of what is known; None if nothing is."""
    known = [kb for kb in amounts if kb is not None]
    return sum(known) if known else None
