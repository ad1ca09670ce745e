"""What page tables cannot tell of swapped memory."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.proc.files import ProcessFiles

__all__ = ["is_used", "read_vm_swap"]

# struct sysinfo: the uptime, three loads, and six amounts of memory.
SYSINFO, SIZE = "@l9L", 128
VM_SWAP = re.compile(rb"^VmSwap:[ \t]*([0-9]{1,20})[^0-9]", re.MULTILINE)


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
    try:
        found = VM_SWAP.search(files.read("status"))
    except OSError:
        return None
    return int(found[1]) if found else None
