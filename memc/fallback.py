"""Parse maps and smaps in pure Python: the functions of ``memc.fast``, without C."""

from __future__ import annotations

from memc.pure import collect as _pure
from memc.read.options import check_pid
from memc.table.region import Table  # noqa: TC001 - for type hints

__all__ = ["parse_maps", "parse_maps_text", "parse_smaps", "parse_smaps_text"]


def parse_maps(pid: int, *, proc: str = "/proc") -> Table:
    """Read and parse maps of a process: addresses, permissions, files, types.

    `proc` is another root than /proc.  Raises ProcessGone, AccessDenied or another
    ProcessError, and MemcError if `proc` cannot be opened.
    """
    check_pid(pid)
    return _pure.read_table(pid, "maps", proc)


def parse_smaps(pid: int, *, proc: str = "/proc") -> Table:
    """Read and parse smaps of a process: the columns of maps, and every counter.

    Raises the errors of `parse_maps`.
    """
    check_pid(pid)
    return _pure.read_table(pid, "smaps", proc)


def parse_maps_text(
    data: bytes | bytearray | memoryview, *, strict: bool = True
) -> Table:
    r"""Parse the text of a maps file.

    With `strict`, the first bad line raises FormatError.  Otherwise bad lines are
    passed over, and a note of the table counts them.

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
    r"""Parse the text of a smaps file; `strict` as in `parse_maps_text`.

    >>> text = b"1000-3000 rw-p 00000000 00:00 0 [heap]\nRss:  4 kB\n"
    >>> parse_smaps_text(text)[0].rss_kb
    4
    """
    return _pure.parse_text(data, "smaps", strict=strict)
