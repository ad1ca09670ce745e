"""The types of the file systems that a process sees."""

from __future__ import annotations

from memc.errors import MemcError
from memc.proc.files import ProcessFiles
from memc.proc.living import use_living_thread
from memc.proc.root import open_root

__all__ = ["read_mounts"]

DIGITS_MAX = 10  # of each number of a device
_parsed: dict[bytes, dict[tuple[int, int], str]] = {}  # the last text that was read


def read_mounts(pid: int, *, proc: str = "/proc") -> dict[tuple[int, int], str]:
    """Return the type of the file system by its device number, empty if unreadable.

    A line of mountinfo is "36 35 98:0 /root /point options - type source options"
    (show_mountinfo() in fs/proc_namespace.c).
    """
    try:
        with open_root(proc) as root, ProcessFiles(root, pid) as files:
            try:
                text = files.read("mountinfo")
            except OSError:  # the first thread has ended
                use_living_thread(files)
                text = files.read("mountinfo")
    except (MemcError, OSError):
        return {}
    found = _parsed.get(text)
    if found is None:
        found = _parse(text)
        _parsed.clear()  # nearly all processes of a machine have the same mounts
        _parsed[text] = found
    return found


def _parse(text: bytes) -> dict[tuple[int, int], str]:
    found: dict[tuple[int, int], str] = {}
    for line in text.splitlines():
        words, _, rest = line.partition(b" - ")
        device = words.split(b" ", 3)[2:3]
        major, _, minor = device[0].partition(b":") if device else (b"", b"", b"")
        if _is_number(major) and _is_number(minor) and rest:
            kind = rest.split(b" ", 1)[0].decode("ascii", "replace")
            found[int(major), int(minor)] = kind
    return found


def _is_number(digits: bytes) -> bool:
    return digits.isdigit() and len(digits) <= DIGITS_MAX
