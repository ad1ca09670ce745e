"""Parse maps and smaps through the C core, at about the kernel's own speed.

Every function returns a Table: the packed regions, sorted by address, as columns and as
a sequence of Region.  ``memc.fallback`` has the same four in pure Python.
"""

from __future__ import annotations

from memc.read.native import parse_text, read_table
from memc.read.options import check_pid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.table.region import Table

__all__ = ["parse_maps", "parse_maps_text", "parse_smaps", "parse_smaps_text"]


def parse_maps(pid: int, *, proc: str = "/proc") -> Table:
    """Read and parse maps of process `pid`: addresses, permissions, files, types.

    `proc` is another root than /proc.  Raises ProcessGone, AccessDenied or another
    ProcessError, and MemcError when `proc` cannot be opened.
    """
    check_pid(pid)
    return read_table(pid, "maps", proc)


def parse_smaps(pid: int, *, proc: str = "/proc") -> Table:
    """Read and parse smaps of process `pid`: what maps gives, and every counter.

    Errors are those of `parse_maps`.
    """
    check_pid(pid)
    return read_table(pid, "smaps", proc)


def parse_maps_text(
    data: bytes | bytearray | memoryview, *, strict: bool = True
) -> Table:
    """Parse the text of a maps file.

    Strict raises FormatError at the first line that is none; otherwise every region
    that can be is kept, and the notes of the table count the lines passed over.
    """
    return parse_text(data, "maps", strict=strict)


def parse_smaps_text(
    data: bytes | bytearray | memoryview, *, strict: bool = True
) -> Table:
    """Parse the text of a smaps file; `strict` as in `parse_maps_text`."""
    return parse_text(data, "smaps", strict=strict)
