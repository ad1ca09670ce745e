"""What a process may have: limits of its control groups, memory of the machine."""

from __future__ import annotations

from memc.cgroups.chain import Chains
from memc.errors import MemcError
from memc.limits.limits import HeadroomLimit, Limit
from memc.proc.files import ProcessFiles
from memc.proc.root import open_root
from memc.risks.whole import available_kb

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from memc.cgroups.chain import Chain
    from memc.limits.limits import ShareLimit
    from memc.targets.target import Target

__all__ = ["Bounds"]

DIFFERENT = "a sum over processes with limits of different control groups has no limit"
NO_MACHINE = "the machine does not tell what is available (meminfo)"


class Bounds:
    """Reads control groups and the machine, each once.

    What is not known raises MemcError with the reason.
    """

    __slots__ = ("_available_kb", "_chains", "_proc")

    def __init__(self, proc: str) -> None:
        self._proc = proc
        self._chains = Chains(proc)
        with open_root(proc) as root:
            self._available_kb = available_kb(root)

    def share(self, limit: ShareLimit, target: Target) -> Limit:
        """Return a share of the smallest limit of the control groups of a process."""
        return self._share(limit, self._chain(target))

    def share_of(self, limit: ShareLimit, pid: int) -> Limit:
        """Return the same for a live process."""
        return self._share(limit, self._chain_of(pid))

    def _share(self, limit: ShareLimit, chain: Chain) -> Limit:
        for group in chain.groups:
            if "max" not in group.limits:
                raise MemcError(f"the limit of {group.path} cannot be read")
        if chain.limit_kb is None:
            raise MemcError(f"control group {chain.path} and those above have no limit")
        path = next((g.path for g in chain.groups if g.limit_kb == chain.limit_kb), "")
        return limit.of(chain.limit_kb, path or "a group that is not seen")

    def common(self, limit: ShareLimit, targets: list[Target]) -> Limit:
        """Return a share of the limit that all these processes have in common."""
        found = [self.share(limit, target) for target in targets]
        if len({(each.cgroup, each.most) for each in found}) != 1:
            raise MemcError(DIFFERENT)
        return found[0]

    def headroom(
        self, limit: HeadroomLimit, target: Target
    ) -> tuple[HeadroomLimit, int]:
        """Return what a process may still get, and the limit with the group of it.

        It is the smallest of what each control group has between its limit and its
        working set, and of what the machine has available.  If one is not known, a
        smaller one that breaks the limit counts.
        """
        return self._headroom(limit, lambda: self._chain(target))

    def headroom_of(self, limit: HeadroomLimit, pid: int) -> tuple[HeadroomLimit, int]:
        """Return the same for a live process."""
        return self._headroom(limit, lambda: self._chain_of(pid))

    def _headroom(
        self, limit: HeadroomLimit, find_chain: Callable[[], Chain]
    ) -> tuple[HeadroomLimit, int]:
        rooms: list[tuple[int, str | None]] = []
        unknown = None if self._available_kb is not None else MemcError(NO_MACHINE)
        if self._available_kb is not None:
            rooms.append((self._available_kb, None))
        try:
            rooms += find_chain().rooms()
        except MemcError as error:
            unknown = error
        kb, path = min(rooms, default=(0, None), key=lambda room: room[0])
        if unknown is not None and (not rooms or kb >= limit.least):
            raise unknown
        return HeadroomLimit(limit.least, path), kb

    def _chain(self, target: Target) -> Chain:
        if target.file is not None or target.pid is None:
            raise MemcError("a file tells no limits")
        return self._chain_of(target.pid)

    def _chain_of(self, pid: int) -> Chain:
        with open_root(self._proc) as root, ProcessFiles(root, pid) as files:
            return self._chains.of(files)
