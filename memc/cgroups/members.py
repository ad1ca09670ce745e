"""The processes of a control group and of all groups below it."""

from __future__ import annotations

import os

from memc.cgroups.files import GroupFiles, number, open_groups
from memc.errors import MemcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.cgroups.mounts import Mount

__all__ = ["read_members"]

MOST = 64 << 20  # bytes of cgroup.procs; 4 Mi pids of 8 bytes have 32 MiB
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def read_members(mounts: list[Mount], version: int, path: str) -> list[int]:
    """Return the pids of a group and of those below it, sorted.

    A process of another pid namespace has the number 0, which is left out.  Raises
    MemcError if the group cannot be read.
    """
    for mount in mounts:
        names = mount.below(path) if mount.version == version else None
        if names is None:
            continue
        for depth, files in enumerate(open_groups(mount, names)):
            if depth == len(names):
                return sorted(_below(os.open(".", FOLDER, dir_fd=files.fd)))
    raise MemcError(f"control group {path} is not mounted here")


def _below(top: int) -> set[int]:
    """Return the pids of the groups from an open directory on, which is closed."""
    found: set[int] = set()
    opened = [top]
    while opened:
        with GroupFiles(opened.pop(), "") as files:
            found.update(_pids(files))
            opened += _open_children(files.fd)
    return found


def _open_children(directory: int) -> list[int]:
    opened = []
    with os.scandir(directory) as entries:
        names = [e.name for e in entries if e.is_dir(follow_symlinks=False)]
    for name in names:
        try:
            opened.append(os.open(name, FOLDER, dir_fd=directory))
        except OSError:  # it was removed
            continue
    return opened


def _pids(files: GroupFiles) -> set[int]:
    text = files.text("cgroup.procs", most=MOST) or b""
    pids = {number(line) for line in text.split()}
    return {pid for pid in pids if pid}
