"""Parse maps and smaps with the C core, about as fast as the kernel prints them.

Every function returns a Table: the regions, sorted by address, as columns and as a
sequence of Region.  ``memc.fallback`` has the same four functions in pure Python.
"""

from __future__ import annotations

from memc.read.native import parse_text, read_table
from memc.read.options import check_pid
from memc.table.region import Table  # noqa: TC001 - for type hints

__all__ = ["parse_maps", "parse_maps_text", "parse_smaps", "parse_smaps_text"]


def parse_maps(pid: int, *, proc: str = "/proc") -> Table:
    """Read and parse maps of a process: addresses, permissions, files, types.

    `proc` is another root than /proc.  Raises ProcessGone, AccessDenied or another
    ProcessError, and MemcError if `proc` cannot be opened.
    """
    check_pid(pid)
    return read_table(pid, "maps", proc)


def parse_smaps(pid: int, *, proc: str = "/proc") -> Table:
    """Read and parse smaps of a process: the columns of maps, and every counter.

    Raises the errors of `parse_maps`.
    """
    check_pid(pid)
    return read_table(pid, "smaps", proc)


def parse_maps_text(
    data: bytes | bytearray | memoryview, *, strict: bool = True
) -> Table:
    """Parse the text of a maps file.

    With `strict`, the first bad line raises FormatError.  Otherwise bad lines are
    passed over, and a note of the table counts them.
    """
    return parse_text(data, "maps", strict=strict)


def parse_smaps_text(
    data: bytes | bytearray | memoryview, *, strict: bool = True
) -> Table:
    """Parse the text of a smaps file; `strict` as in `parse_maps_text`."""
    return parse_text(data, "smaps", strict=strict)
