"""Huge pages of which a part was unmapped: the kernel keeps them whole for a time."""

from __future__ import annotations

import os

from memc.proc.meminfo import read_kb

__all__ = ["holes_kb"]

FOLDER = "/sys/kernel/mm/transparent_hugepage"


def holes_kb() -> tuple[int, int]:
    """Return the size of all partly unmapped huge pages, and MemTotal, in kB.

    Both are 0 if the kernel does not tell (before Linux 6.13).
    """
    holes = 0
    try:
        names = os.listdir(FOLDER)
    except OSError:
        return 0, 0
    for name in names:
        size = name.removeprefix("hugepages-").removesuffix("kB")
        if size.isdigit():
            path = f"{FOLDER}/{name}/stats/nr_anon_partially_mapped"
            holes += int(size) * _number(path)
    return holes, (read_kb("MemTotal") or 0) if holes else 0


def _number(path: str) -> int:
    try:
        with open(path, "rb") as file:
            return int(file.read())
    except (OSError, ValueError):
        return 0
