"""What sysfs tells of memory: zram, hugetlb, and huge pages with holes."""

from __future__ import annotations

import os
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Sysfs"]

BLOCK = "block"
HUGETLB = "kernel/mm/hugepages"
THP = "kernel/mm/transparent_hugepage"
SIZE = re.compile(r"hugepages-([0-9]{1,12})kB")
NUMBER = re.compile(rb"[0-9]{1,18}")


class Sysfs:
    """Amounts in kB; None where sysfs does not tell them, such as in a copy of /proc.

    - `zram_kb`: memory that holds what was written to zram, compressed;
    - `hugetlb_free_kb`: pages of hugetlb of all sizes that nobody uses;
    - `holed_kb`: the size of huge pages of which a part was unmapped (Linux 6.13).  The
      kernel frees such a part only when it splits the page.
    """

    __slots__ = ("holed_kb", "hugetlb_free_kb", "zram_kb")

    def __init__(self, path: str | None = "/sys") -> None:
        self.zram_kb: int | None = None
        self.hugetlb_free_kb: int | None = None
        self.holed_kb: int | None = None
        if path is not None:
            self.zram_kb = _zram(os.path.join(path, BLOCK))
            self.hugetlb_free_kb = _pages(os.path.join(path, HUGETLB), "free_hugepages")
            self.holed_kb = _pages(
                os.path.join(path, THP), "stats/nr_anon_partially_mapped"
            )


def _zram(folder: str) -> int | None:
    """Sum the third number of each mm_stat, mem_used_total, which is in bytes."""
    names = _names(folder)
    if names is None:
        return None
    total = 0
    for name in names:
        if name.startswith("zram"):
            numbers = NUMBER.findall(_read(os.path.join(folder, name, "mm_stat")))
            total += int(numbers[2]) if len(numbers) > 2 else 0
    return total // 1024


def _pages(folder: str, file: str) -> int | None:
    """Sum a number of pages over the folders of all sizes."""
    total = None
    for name in _names(folder) or ():
        match = SIZE.fullmatch(name)
        number = match and NUMBER.match(_read(os.path.join(folder, name, file)))
        if match and number:
            total = (total or 0) + int(number[0]) * int(match[1])
    return total


def _names(folder: str) -> Iterable[str] | None:
    try:
        return os.listdir(folder)
    except OSError:
        return None


def _read(path: str) -> bytes:
    """Read a file of sysfs, which is a page at most; b"" if it cannot be read."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError:
        return b""
    try:
        return os.read(fd, 4096)
    except OSError:
        return b""
    finally:
        os.close(fd)
