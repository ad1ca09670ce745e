"""What sysfs tells of memory: zram, hugetlb, and huge pages with holes."""

from __future__ import annotations

import os
import re

__all__ = ["Sysfs"]

BLOCK = "block"
HUGETLB = "kernel/mm/hugepages"
THP = "kernel/mm/transparent_hugepage"
SIZE = re.compile(r"hugepages-([0-9]{1,12})kB")
ZRAM = re.compile(r"(zram).*")
FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
NUMBER = re.compile(rb"[0-9]{1,18}")


class Sysfs:
    """Amounts in kB; None where sysfs does not tell them, such as in a copy of /proc.

    - `zram_kb`: memory that holds what was written to zram, compressed;
    - `hugetlb_free_kb`: pages of hugetlb of all sizes that nobody uses;
    - `holed_kb`: the size of huge pages of which a part was unmapped (Linux 6.13).  The
      kernel frees such a part only when it splits the page.
    """

    __slots__ = ("holed_kb", "hugetlb_free_kb", "zram_kb")

    def __init__(self, path: str | None = "/sys", *, hugetlb: bool = True) -> None:
        """Read them; without `hugetlb`, of which the machine may have none."""
        self.zram_kb: int | None = None
        self.hugetlb_free_kb: int | None = None
        self.holed_kb: int | None = None
        if path is not None:
            self.zram_kb = _zram(f"{path}/{BLOCK}")
            if hugetlb:
                self.hugetlb_free_kb = _pages(f"{path}/{HUGETLB}", "free_hugepages")
            self.holed_kb = _pages(f"{path}/{THP}", "stats/nr_anon_partially_mapped")


def _zram(folder: str) -> int | None:
    """Sum the third number of each mm_stat, mem_used_total, which is in bytes."""
    told = _read_all(folder, ZRAM, "mm_stat")
    if told is None:
        return None
    numbers = [NUMBER.findall(text) for _, text in told]
    return sum(int(found[2]) for found in numbers if len(found) > 2) // 1024


def _pages(folder: str, file: str) -> int | None:
    """Sum a number of pages over the folders of all sizes, in kB."""
    told = [
        (size, NUMBER.match(text)) for size, text in _read_all(folder, SIZE, file) or ()
    ]
    known = [int(number[0]) * int(size) for size, number in told if number]
    return sum(known) if known else None


def _read_all(
    folder: str, names: re.Pattern[str], file: str
) -> list[tuple[str, bytes]] | None:
    """Read a file of sysfs in all folders with such a name, with a part of the name.

    A file that cannot be read is b"", and a folder of all that cannot, None.
    """
    try:
        fd = os.open(folder, os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY)
    except OSError:
        return None
    try:
        matches = [match for name in os.listdir(fd) if (match := names.fullmatch(name))]
        return [(match[1], _read(f"{match[0]}/{file}", fd)) for match in matches]
    except OSError:
        return None
    finally:
        os.close(fd)


def _read(path: str, folder: int) -> bytes:
    """Read a file of sysfs, which is a page at most; b"" if it cannot be read."""
    try:
        fd = os.open(path, FLAGS, dir_fd=folder)
    except OSError:
        return b""
    try:
        return os.read(fd, 4096)
    except OSError:
        return b""
    finally:
        os.close(fd)
