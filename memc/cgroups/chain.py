"""The memory control group of a process and all groups above it."""

from __future__ import annotations

from memc.cgroups.files import NO_LIMIT, HiddenMountError, open_groups
from memc.cgroups.group import Group, read_group
from memc.cgroups.lines import memory_line
from memc.cgroups.mounts import COPY, read_mounts
from memc.errors import MemcError
from memc.proc.rights import words_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.cgroups.files import GroupFiles
    from memc.cgroups.mounts import Mount
    from memc.proc.files import ProcessFiles

__all__ = ["Chain", "Chains", "read_chain"]

NO_LINE = "no memory controller: its cgroup file names none"
NO_MOUNT = "the control groups of version {} are not mounted here"
OUTSIDE = "control group {} is outside of what is mounted here"
NOT_COUNTED = "control group {}: no memory is counted here"
HIERARCHY = "hierarchical_memory_limit"


class Chain:
    """Control groups from that of a process, `groups[0]`, to the uppermost one seen.

    `sees_all` tells whether the uppermost is the root of the machine: above another
    one there may be limits that are not seen.  `above_kb` is the smallest limit of all
    groups, where the kernel tells it (version 1), also of those not seen.
    """

    __slots__ = ("above_kb", "groups", "path", "sees_all", "version")

    def __init__(self, version: int, path: str, groups: list[Group]) -> None:
        self.version = version
        self.path = path
        self.groups = groups
        self.sees_all = False
        self.above_kb: int | None = None

    @property
    def limit_kb(self) -> int | None:
        """The smallest hard limit of all groups; None if there is none."""
        limits = [group.limit_kb for group in self.groups]
        known = [limit for limit in (*limits, self.above_kb) if limit is not None]
        return min(known, default=None)

    @property
    def unseen_limit_kb(self) -> int | None:
        """The limit of a group above those seen, if it is smaller than theirs."""
        limits = [group.limit_kb for group in self.groups]
        if self.above_kb in limits or self.above_kb is None:
            return None
        return self.above_kb

    def nearest(self) -> Group | None:
        """Return the group whose working set is the largest part of its hard limit.

        Where the working set is not known, the usage counts.
        """
        limited = [
            (used / limit if limit else 1.0, group)
            for group in self.groups
            if (limit := group.limit_kb) is not None
            and (used := group.used_kb) is not None
        ]
        return max(limited, key=lambda pair: pair[0])[1] if limited else None

    def rooms(self) -> list[tuple[int, str]]:
        """Return what each group has between its limit and its working set, in kB.

        Groups without a limit are left out.  Raises MemcError with the reason if that
        is not known of a group.
        """
        if self.unseen_limit_kb is not None:
            raise MemcError(f"a group above {self.path} has a limit, and is not seen")
        rooms = []
        for group in self.groups:
            limit, used = group.limits.get("max"), group.working_set_kb
            if limit is None:
                raise MemcError(f"the limit of {group.path} cannot be read")
            if isinstance(limit, int):
                if used is None:
                    raise MemcError(f"the working set of {group.path} cannot be read")
                rooms.append((max(0, limit - used), group.path))
        return rooms


class Chains:
    """The chains of many processes; each group is read once, as `read_group` does."""

    __slots__ = ("_full", "_mounts", "_proc", "_read")

    def __init__(self, proc: str = "/proc", *, full: bool = False) -> None:
        self._proc = proc
        self._full = full
        self._mounts: list[Mount] | None = None
        self._read: dict[tuple[int, str], Chain | MemcError] = {}

    def mounts(self) -> list[Mount]:
        """Return where control groups are mounted.  Raises MemcError if not known."""
        if self._mounts is None:
            self._mounts = read_mounts(self._proc)
        return self._mounts

    def of(self, files: ProcessFiles) -> Chain:
        """Return the chain of a process.  Raises MemcError if it is not known."""
        try:
            text = files.read_record("cgroup")
        except OSError as error:
            raise MemcError(f"cgroup: {words_of(error)}") from None
        line = memory_line(text)
        if line is None:
            raise MemcError(NO_LINE)
        if is_other(files):
            raise MemcError(COPY)
        found = self._read.get(line)
        if found is None:
            try:
                found = read_chain(self.mounts(), *line, full=self._full)
            except MemcError as error:
                found = error
            self._read[line] = found
        if isinstance(found, MemcError):
            raise found
        return found


def is_other(files: ProcessFiles) -> bool:
    """Tell whether a process is of a copy of /proc, and so maybe of another machine."""
    return files.is_copy


def read_chain(
    mounts: list[Mount], version: int, path: str, *, full: bool = False
) -> Chain:
    """Read the group `path` and those above it.

    `full` is that of `read_group`.  Raises MemcError with the reason if the group
    cannot be read.
    """
    fitting = [mount for mount in mounts if mount.version == version]
    if not fitting:
        raise MemcError(NO_MOUNT.format(version))
    wrong: MemcError | None = None
    for mount in fitting:
        names = mount.below(path)
        if names is None:
            continue
        try:
            return _read(mount, names, Chain(version, path, []), full=full)
        except HiddenMountError as error:
            wrong = error
    raise wrong or MemcError(OUTSIDE.format(path))


def _read(mount: Mount, names: list[bytes], chain: Chain, *, full: bool) -> Chain:
    groups, last = chain.groups, len(names)
    for depth, files in enumerate(open_groups(mount, names)):
        if not depth:
            chain.sees_all = _is_root(files, mount.version)
            if chain.sees_all and last and not full:
                continue  # it can have no limit
        group = read_group(files, mount.version, full=full, events=depth == last)
        if group is None:
            continue
        group.is_root = not depth and chain.sees_all
        groups.insert(0, group)
        if depth == last and not chain.sees_all and mount.version == 1:
            _see_above(files, chain)
        elif depth < last and group.limit_kb is not None and _is_apart(files):
            groups.clear()
    if not groups and not chain.sees_all:
        raise MemcError(NOT_COUNTED.format(chain.path))
    return chain


def _is_root(files: GroupFiles, version: int) -> bool:
    """Tell whether a group is the root of the machine.

    release_agent is only in the root of version 1; cgroup.type is in every group of
    version 2 but the root.
    """
    return files.has("release_agent") if version == 1 else not files.has("cgroup.type")


def _is_apart(files: GroupFiles) -> bool:
    """Tell whether a group does not count the memory of its children.

    Version 1 before Linux 5.11 let a group be so.
    """
    return files.count("memory.use_hierarchy") == 0


def _see_above(files: GroupFiles, chain: Chain) -> None:
    """Ask for the smallest limit of all groups, also of those that are not seen."""
    limit = (files.pairs("memory.stat") or {}).get(HIERARCHY)
    if limit is not None and limit < NO_LIMIT:
        chain.above_kb = limit >> 10
