"""The shared memory of a group: what ends with it, and what stays."""

from __future__ import annotations

from memc.freeing.fate import Sizes, fate_of
from memc.freeing.holders import Holders, search
from memc.proc.sysv import read_segments

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from memc.freeing.fate import Fate
    from memc.freeing.members import Member
    from memc.freeing.result import Stays
    from memc.freeing.shared import Shared
    from memc.proc.inode import Key
    from memc.proc.root import Opened
    from memc.proc.sysv import Segment

__all__ = ["Ends", "Machine", "ends_of", "may_end", "merged"]


class Machine:
    """What the machine tells of shared memory: sizes, and segments of System V."""

    __slots__ = ("_segments", "is_live", "sizes")

    def __init__(self, *, is_live: bool) -> None:
        self.is_live = is_live
        self.sizes = Sizes(is_live=is_live)
        self._segments: dict[int, Segment] | None = None

    @property
    def segments(self) -> dict[int, Segment] | None:
        """The segments by inode; None if they cannot be read."""
        if self._segments is None and self.is_live:
            self._segments = read_segments()
        return self._segments


class Ends:
    """What becomes of the shared memory of members, in kB.

    - `least`, `most`: the bounds of the memory that ends with them;
    - `kernel`: the kernel's bookkeeping for it at least, and what there may be more;
    - `swap`, `hugetlb`: swap space, and huge pages of a pool;
    - `stays`: what stays, the largest first;
    - `doubtful`: what may end with them, if nobody else has it;
    - `holders`: who has what, None if nobody was looked for.
    """

    __slots__ = (
        "doubtful",
        "holders",
        "hugetlb",
        "kernel",
        "least",
        "most",
        "stays",
        "swap",
    )

    def __init__(
        self,
        files: Iterable[Shared],
        machine: Machine,
        holders: Holders | None,
        *,
        without: Container[int],
    ) -> None:
        self.least = self.most = self.swap = self.hugetlb = 0
        self.kernel = (0.0, 0.0)
        self.stays: list[Stays] = []
        self.doubtful: list[Shared] = []
        self.holders = holders
        for one in files:
            fate = fate_of(
                one,
                holders or Holders(),
                machine.sizes,
                without=without,
                segments=machine.segments if one.is_segment else None,
            )
            self._add(one, fate)
        self.stays.sort(key=lambda stays: (-(stays.kb or 0), stays.name))

    @property
    def known_kb(self) -> int | None:
        """The memory that ends for certain; None if none does and some may."""
        return None if not self.least and self.most else self.least

    def _add(self, one: Shared, fate: Fate) -> None:
        self.least += fate.least
        self.most += fate.most
        least, more = self.kernel
        low, high = fate.kernel
        self.kernel = least + low, more + high - low
        self.swap += fate.swap
        self.hugetlb += fate.hugetlb
        if fate.stays is not None and fate.stays.kb != 0:
            self.stays.append(fate.stays)
        if fate.is_doubtful:
            self.doubtful.append(one)


def ends_of(root: Opened, members: Iterable[Member], *, is_live: bool) -> Ends:
    """Find what ends with members; search other processes if something may end."""
    members = list(members)
    files = merged(one for member in members for one in member.use.files)
    pids = {member.pid for member in members}
    machine = Machine(is_live=is_live)
    holders = None
    if any(may_end(one, machine) for one in files):
        keys = {key for one in files for key in one.keys}
        holders = search(root, keys, without=pids, is_live=is_live)
    return Ends(files, machine, holders, without=pids)


def merged(files: Iterable[Shared]) -> list[Shared]:
    """Return each file once, with what several processes tell of it."""
    found: dict[Key, Shared] = {}
    for one in files:
        known = next((found[key] for key in one.keys if key in found), None)
        if known is None:
            known = one
        else:
            known.add(one)
        found |= dict.fromkeys(known.keys, known)
    return [*dict.fromkeys(found.values())]


def may_end(one: Shared, machine: Machine) -> bool:
    """Tell whether a file may end with its last user: it has no name that keeps it."""
    if one.is_segment and one.ours and machine.segments is not None:
        return any(
            segment is not None and segment.is_marked
            for segment in (machine.segments.get(inode) for _, _, inode in one.keys)
        )
    return one.is_segment or one.is_deleted is not False
