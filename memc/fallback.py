"""maps and smaps in pure Python: the same as ``memc.fast``, with no compiler."""

from __future__ import annotations

from memc.pure import collect as _pure
from memc.read.options import check_pid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.table.region import Table

__all__ = ["parse_maps", "parse_maps_text", "parse_smaps", "parse_smaps_text"]


def parse_maps(pid: int, *, proc: str = "/proc") -> Table:
    """Read the layout of a live process; ProcessGone, AccessDenied, ProcessError."""
    check_pid(pid)
    return _pure.read_table(pid, "maps", proc)


def parse_smaps(pid: int, *, proc: str = "/proc") -> Table:
    """Read every field of a live process; ProcessGone, AccessDenied, ProcessError."""
    check_pid(pid)
    return _pure.read_table(pid, "smaps", proc)


def parse_maps_text(
    data: bytes | bytearray | memoryview, *, strict: bool = True
) -> Table:
    r"""Parse the text of maps.

    Strict, the first bad line raises FormatError; otherwise bad lines are passed over
    and a note counts them.

    >>> table = parse_maps_text(b"1000-3000 rw-p 00000000 00:00 0 [heap]\n")
    >>> table[0]
    <Region 1000-3000 rw-p heap [heap]>
    >>> table[0].size_kb
    8
    """
    return _pure.parse_text(data, "maps", strict=strict)


def parse_smaps_text(
    data: bytes | bytearray | memoryview, *, strict: bool = True
) -> Table:
    r"""Parse the text of smaps, as `parse_maps_text` does maps.

    >>> text = b"1000-3000 rw-p 00000000 00:00 0 [heap]\nRss:  4 kB\n"
    >>> parse_smaps_text(text)[0].rss_kb
    4
    """
    return _pure.parse_text(data, "smaps", strict=strict)
