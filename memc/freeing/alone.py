"""What comes back of each of many processes, if that one alone ends."""

from __future__ import annotations

from memc.freeing.ends import Ends, Machine, may_end, merged
from memc.freeing.holders import Holders, search
from memc.freeing.relatives import sharer_of
from memc.freeing.status import CHANNEL_KB
from memc.proc.root import is_procfs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from memc.freeing.members import Member
    from memc.proc.root import Opened

    # The least and the most that comes back in kB; None if it is not known.
    Bounds: TypeAlias = tuple[int, int] | None

__all__ = ["each_alone"]


def each_alone(
    root: Opened, members: Sequence[Member], *, are_all: bool
) -> list[Bounds]:
    """Return what comes back of each member alone.

    Who else has their shared memory is found once for all of them.  `are_all` tells
    that no other process but these may have the memory of one.
    """
    is_live = is_procfs(root)
    for member in members:
        member.look(root, is_live=is_live)
    _find_keepers(root, members, is_live=is_live and not are_all)
    machine = Machine(is_live=is_live)
    holders = _holders(root, members, machine)
    return [_bounds(member, machine, holders) for member in members]


def _find_keepers(root: Opened, members: Sequence[Member], *, is_live: bool) -> None:
    by_pid = {member.pid: member for member in members}
    for member in members:
        first = by_pid.get(member.same_as or 0)
        if first is not None:  # each of the two keeps the memory of the other
            first.kept_by, member.kept_by = member.pid, first.pid
        elif is_live and member.own is not None and member.kept_by is None:
            member.kept_by = sharer_of(root, member.pid, ())


def _holders(
    root: Opened, members: Sequence[Member], machine: Machine
) -> Holders | None:
    """Find who has which shared memory; None if there is none that may end."""
    files = [one for member in members for one in member.use.files]
    if not any(may_end(one, machine) for one in files):
        return None
    keys = {key for one in files for key in one.keys}
    pids = {member.pid for member in members}
    made = search(root, keys, without=pids, is_live=machine.is_live)
    for member in members:
        made.add(
            member.pid,
            (key for one in member.use.files for key in one.keys),
            is_read=bool(member.over) or member.are_files_known,
        )
    made.settle(is_live=machine.is_live)
    return made


def _bounds(member: Member, machine: Machine, holders: Holders | None) -> Bounds:
    own, kernel = member.own, member.kernel_kb
    if member.over:
        return 0, 0
    if kernel is None or (own is None and member.kept_by is None):
        return None
    ends = Ends(merged(member.use.files), machine, holders, without={member.pid})
    least, more = ends.kernel
    kernel += least + len(member.use.channels) * CHANNEL_KB
    fixed = round(kernel) + (member.page_tables_kb or 0)
    if own is None or member.kept_by is not None:
        return fixed, fixed
    most = own.most + fixed + ends.most + round(more)
    return own.least + fixed + ends.least, most
