"""The control groups that a pattern means, and the processes in them."""

from __future__ import annotations

import os

from memc.cgroups.lines import memory_line
from memc.cgroups.members import read_members
from memc.errors import MemcError, ProcessError
from memc.proc.files import ProcessFiles
from memc.proc.living import use_living_thread
from memc.proc.root import list_pids
from memc.targets.meant import pattern_of_group

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator, Sequence

    from memc.cgroups.mounts import Mount
    from memc.proc.root import Opened

__all__ = ["Chosen", "choose"]

MOST = 100_000  # folders that are looked into for a group without processes
DEEPEST = 40


class Chosen:
    """A control group: its `version`, its `path`, and the `pids` in it and below it."""

    __slots__ = ("path", "pids", "version")

    def __init__(self, version: int, path: str) -> None:
        self.version = version
        self.path = path
        self.pids: set[int] = set()


def choose(root: Opened, patterns: Sequence[str], mounts: list[Mount]) -> list[Chosen]:
    """Return the uppermost groups that match a pattern, in order of path.

    A pattern means what it means for processes: see `targets.meant`.  Groups without
    processes are looked for only if there are no others.  Raises MemcError if no group
    matches.
    """
    tests = [pattern_of_group(pattern) for pattern in patterns]
    found: dict[tuple[int, str], Chosen] = {}
    for pid, version, path in _processes(root):
        top = _top(path, tests)
        if top is not None:
            found.setdefault((version, top), Chosen(version, top)).pids.add(pid)
    if not found:
        for version, path in _paths(mounts):
            top = _top(path, tests)
            if top is not None:
                found.setdefault((version, top), Chosen(version, top))
    if not found:
        words = " or ".join(f"'{pattern}'" for pattern in patterns)
        raise MemcError(f"no control group {words}, with or without processes")
    for one in found.values():
        one.pids |= _members(mounts, one)
    return sorted(found.values(), key=lambda one: one.path)


def _processes(root: Opened) -> Iterator[tuple[int, int, str]]:
    """Yield each process, and the version and the path of its group."""
    for pid in list_pids(root):
        try:
            with ProcessFiles(root, pid) as files:
                line = memory_line(files.read("cgroup"))
                if line is not None and line[1].endswith(" (deleted)"):
                    use_living_thread(files)
                    line = memory_line(files.read("cgroup"))
        except (OSError, ProcessError):
            continue
        if line is not None:
            yield pid, *line


def _top(path: str, tests: Iterable[re.Pattern[str]]) -> str | None:
    """Return the uppermost group on a path that matches, None if none does."""
    names = [name for name in path.split("/") if name]
    paths = ["/" + "/".join(names[:depth]) for depth in range(len(names) + 1)]
    matching = (path for path in paths if any(test.match(path) for test in tests))
    return next(matching, None)


def _members(mounts: list[Mount], one: Chosen) -> set[int]:
    """Return the pids that the kernel lists, also those that hidepid hides."""
    try:
        return {*read_members(mounts, one.version, one.path)}
    except (MemcError, OSError):
        return set()


def _paths(mounts: Iterable[Mount]) -> Iterator[tuple[int, str]]:
    """Yield the version and the path of every group that is mounted."""
    left = MOST
    for mount in mounts:
        top = os.fsdecode(mount.root.rstrip(b"/"))
        folders = [(os.fsdecode(mount.point), top, 0)]
        while folders and left:
            folder, path, depth = folders.pop()
            left -= 1
            yield mount.version, path or "/"
            if depth < DEEPEST:
                names = _names(folder)
                folders += [(f"{folder}/{n}", f"{path}/{n}", depth + 1) for n in names]


def _names(folder: str) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [e.name for e in entries if e.is_dir(follow_symlinks=False)]
    except OSError:
        return []
