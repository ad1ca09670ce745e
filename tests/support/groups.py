"""Control groups made of plain files, and a real one of this machine."""

import contextlib
import os
from pathlib import Path

from memc.cgroups.mounts import Mount

NO_LIMIT = b"9223372036854771712\n"  # how version 1 prints that there is none


PREFIXES = ("memory_swap_", "memory_memsw_", "memory_kmem_", "memory_", "cgroup_")


def _file(name):
    """Return "memory.swap.max" for memory_swap_max, as keywords have no dot."""
    prefix = next(prefix for prefix in PREFIXES if name.startswith(prefix))
    return prefix.replace("_", ".") + name.removeprefix(prefix)


class Made:
    """A mount of made-up control groups of a version."""

    def __init__(self, folder, version, root="/"):
        self.folder = folder
        self.version = version
        self.mount = Mount(version, root.encode(), os.fsencode(folder))
        folder.mkdir()

    def add(self, path, **values):
        """Make the group `path` with files: `memory_max=b"max"` is memory.max."""
        folder = self.folder / path.strip("/")
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in values.items():
            file = _file(name)
            if data is not None:
                (folder / file).write_bytes(data)
        return folder

    def group(self, path, limit=None, usage=1 << 20, **values):
        """Make a group with a limit (None: no limit), usage and statistics in bytes."""
        if self.version == 1:
            most = NO_LIMIT if limit is None else b"%d\n" % limit
            files = {
                "memory_limit_in_bytes": most,
                "memory_usage_in_bytes": b"%d\n" % usage,
                "memory_stat": b"inactive_file 0\ntotal_inactive_file 0\n",
                "memory_use_hierarchy": b"1\n",
            }
        else:
            files = {
                "memory_max": b"max\n" if limit is None else b"%d\n" % limit,
                "memory_current": b"%d\n" % usage,
                "memory_stat": b"anon 4096\ninactive_file 0\n",
                "cgroup_type": b"domain\n",
            }
        return self.add(path, **{**files, **values})

    def root(self):
        """Let "/" look like the root of the machine."""
        if self.version == 1:
            self.group("/")
            (self.folder / "release_agent").write_bytes(b"")
        # Version 2 has no cgroup.type and no limits there: nothing to add.


def own_memory_folder():
    """Return the folder of this process's memory group of version 1, or None."""
    lines = Path("/proc/self/cgroup").read_text().splitlines()
    paths = [
        x.split(":", 2)[2] for x in lines if "memory" in x.split(":")[1].split(",")
    ]
    folder = Path("/sys/fs/cgroup/memory") / paths[0].strip("/") if paths else None
    return folder if folder and (folder / "memory.usage_in_bytes").exists() else None


@contextlib.contextmanager
def live_group(limit=None, name="memc-test"):
    """Make a memory group of version 1, then remove it; None if not allowed."""
    above = own_memory_folder()
    folder = above and above / f"{name}-{os.getpid()}"
    try:
        folder and folder.mkdir()
    except OSError:
        folder = None
    if folder is None:
        yield None
        return
    try:
        if limit is not None:
            (folder / "memory.limit_in_bytes").write_text(str(limit))
        yield folder
    finally:
        (folder / "memory.force_empty").write_text("0")
        folder.rmdir()


def enter(folder):
    """Return a function that puts the calling process into a group (preexec_fn)."""
    return lambda: (folder / "cgroup.procs").write_text(str(os.getpid()))
