"""What a process tells whose first thread has ended: a living thread tells it."""

from __future__ import annotations

from memc.errors import ProcessError
from memc.proc import stat
from memc.proc.files import ProcessFiles
from memc.proc.living import Living, look, use_living_thread
from memc.record.followed import RSS, START_CODE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.proc.root import Opened

__all__ = ["cmdline", "fields_of_living", "has_lost_first", "status_of_living"]

# The fields of stat that tell nothing once the first thread has ended.
OF_MEMORY = (stat.STATE, stat.VSIZE, RSS, *range(START_CODE, stat.STACK + 1))
ENDED = (b"Z", b"X")


def has_lost_first(fields: list[bytes]) -> bool:
    """Tell whether the first thread has ended while others live."""
    return fields[stat.STATE] in ENDED and stat.number(fields, stat.THREADS) > 1


def fields_of_living(root: Opened, pid: int, fields: list[bytes]) -> list[bytes]:
    """Return the fields of stat, with those of its memory from a living thread."""
    text = _read(root, pid, "stat")
    found = stat.split(text)[1]
    if len(found) < len(fields):
        return fields
    merged = [*fields]
    for index in OF_MEMORY:
        merged[index] = found[index]
    return merged


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
