"""The types of the file systems that a process sees."""

from __future__ import annotations

import re

from memc.errors import MemcError
from memc.proc.files import ProcessFiles
from memc.proc.living import use_living_thread
from memc.proc.root import open_root

__all__ = ["read_mounts"]

DEVICE = re.compile(rb"([0-9]{1,10}):([0-9]{1,10})")


def read_mounts(pid: int, *, proc: str = "/proc") -> dict[tuple[int, int], str]:
    """Return the type of the file system by its device number, empty if unreadable.

    A line of mountinfo is "36 35 98:0 /root /point options - type source options"
    (show_mountinfo() in fs/proc_namespace.c).
    """
    try:
        with open_root(proc) as root, ProcessFiles(root, pid) as files:
            use_living_thread(files)
            text = files.read("mountinfo")
    except (MemcError, OSError):
        return {}
    found: dict[tuple[int, int], str] = {}
    for line in text.splitlines():
        words, _, rest = line.partition(b" - ")
        device = words.split(b" ", 3)[2:3]
        numbers = DEVICE.fullmatch(device[0]) if device else None
        if numbers and rest:
            kind = rest.split(b" ", 1)[0].decode("ascii", "replace")
            found[int(numbers[1]), int(numbers[2])] = kind
    return found
