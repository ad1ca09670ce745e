"""What page tables cannot tell of swapped memory."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.proc.files import ProcessFiles

__all__ = ["Mounts", "is_used", "read_vm_swap"]

# struct sysinfo: the uptime, three loads, and six amounts of memory.
SYSINFO, SIZE = "@l9L", 128
# A line of mountinfo: "36 35 0:32 /root /point options - type source options".
MOUNT = rb"[^ \n]* [^ \n]* 0:([0-9]+) (?:[^\n]*? )?- ([^ \n]+)"
MOST = 16384  # the C core reads so much of mountinfo
KINDS = (b"tmpfs", b"devtmpfs")
VM_SWAP = rb"(?m:^VmSwap:[ \t]*([0-9]{1,20})[^0-9])"


def is_used(*, is_copy: bool) -> bool:
    """Tell whether memory may be swapped out.

    If nothing of the machine is, all swap is 0, that of shared memory too.  Of a copy
    nobody knows.  sysinfo() tells of the machine, also in a container that has a
    meminfo of its own.
    """
    import ctypes
    import struct

    answer = ctypes.create_string_buffer(SIZE)
    if is_copy or ctypes.CDLL(None).sysinfo(answer) != 0:
        return True
    *_, total, free = struct.unpack_from(SYSINFO, answer)
    return bool(total != free)


def read_vm_swap(files: ProcessFiles) -> int | None:
    """Return VmSwap: what is swapped out, without shared memory."""
    import re

    try:
        found = re.search(VM_SWAP, files.read("status"))
    except OSError:
        return None
    return int(found[1]) if found else None


class Mounts:
    """The mounts that a process sees, read when they are first needed."""

    __slots__ = ("_files", "_is_whole", "_kinds")

    def __init__(self, files: ProcessFiles) -> None:
        self._files = files
        self._kinds: dict[int, bytes] | None = None
        self._is_whole = False

    def may_be_tmpfs(self, minor: int) -> bool:
        """Tell whether a device without a number of its own may be a tmpfs."""
        if self._kinds is None:
            self._kinds = self._read()
        kind = self._kinds.get(minor)
        return kind in KINDS if kind is not None else not self._is_whole

    def _read(self) -> dict[int, bytes]:
        try:
            text = self._files.read("mountinfo")[:MOST]
        except OSError:
            return {}
        self._is_whole = len(text) < MOST
        import re

        found: dict[int, bytes] = {}
        for line in text.split(b"\n"):
            match = re.match(MOUNT, line)
            if match is not None:
                found.setdefault(int(match[1]), match[2])
        return found
