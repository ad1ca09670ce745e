"""What a process tells whose first thread has ended: a living thread tells it."""

from __future__ import annotations

from memc.errors import ProcessError
from memc.proc import stat
from memc.proc.files import ProcessFiles
from memc.proc.living import Living, look, use_living_thread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.proc.root import Opened
    from memc.proc.stat import Told

__all__ = ["cmdline", "status_of_living", "told_by_living"]


def told_by_living(root: Opened, pid: int, told: Told) -> Told:
    """Return what stat tells, with what it tells of memory from a living thread."""
    found = stat.told(_read(root, pid, "stat"))
    if found is None:
        return told
    name, (_, parent, threads, started, _, _, minflt, majflt, _, _) = told
    state, _, _, _, vsize, rss, _, _, code, stack = found[1]
    faults = minflt, majflt
    return name, (state, parent, threads, started, vsize, rss, *faults, code, stack)


def status_of_living(root: Opened, pid: int) -> bytes | None:
    """Return the text of status of a living thread; None if the process ended."""
    return _read(root, pid, "status") or None


def _read(root: Opened, pid: int, name: str) -> bytes:
    try:
        with ProcessFiles(root, pid) as files:
            return files.read(name) if look(files) == Living.THREAD else b""
    except (OSError, ProcessError):
        return b""


def cmdline(root: Opened, pid: int) -> bytes:
    """Return the command line, which everybody may read; b"" if it ended."""
    try:
        with ProcessFiles(root, pid) as files:
            use_living_thread(files)
            return files.read("cmdline")
    except (OSError, ProcessError):
        return b""
