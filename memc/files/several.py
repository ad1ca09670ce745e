"""Tell the processes in a text of maps or smaps apart.

The kernel prints the regions of a process from the lowest address to the highest, also
while they change.  If a line is wholly below the line before, another process begins
there, or the text was sorted::

    7ffd4ff00000-7ffd4ff21000 rw-p ... [stack]
    00400000-00452000 r-xp ... /bin/x                   the second process
"""

from __future__ import annotations

import re
from itertools import pairwise

__all__ = ["split_lines", "split_text"]

HEADER = re.compile(
    rb"([0-9a-f]{1,16})-([0-9a-f]{1,16}) [rwxsSp-]{4} .*?(\[[a-z]+\])?\Z"
)
MARKS = {b"[stack]", b"[heap]", b"[vdso]", b"[vvar]", b"[vsyscall]"}
# A text that was sorted by something else goes down again after a few lines.
LONG = 4


class _Part:
    """Lines whose regions are in order of address."""

    def __init__(self) -> None:
        self.lines: list[int] = []
        self.heads: list[bytes] = []
        self.marks: set[bytes] = set()


def split_lines(lines: list[bytes]) -> list[list[int]]:
    """Return the numbers of the lines of each process, which count from 1.

    The list is empty if there is one process, or if nobody can tell.
    """
    parts = _parts(lines)
    if len(parts) < 2:
        return []
    are_marked = all(a.marks & b.marks for a, b in pairwise(parts))
    if not are_marked and any(len(part.heads) < LONG for part in parts):
        return []
    kept = [part for i, part in enumerate(parts) if not _is_told_again(part, parts, i)]
    return [part.lines for part in kept]


def split_text(text: bytes) -> list[bytes]:
    """Return the text of each process; the list is empty as that of `split_lines`."""
    lines = text.split(b"\n")
    return [
        b"".join(lines[number - 1] + b"\n" for number in numbers)
        for numbers in split_lines(lines)
    ]


def _parts(lines: list[bytes]) -> list[_Part]:
    parts = [_Part()]
    last = 0
    for number, line in enumerate(lines, 1):
        match = HEADER.match(line)
        if match:
            start, end = int(match[1], 16), int(match[2], 16)
            if parts[-1].heads and start <= end <= last:
                parts.append(_Part())
            parts[-1].heads.append(line)
            if match[3] in MARKS:
                parts[-1].marks.add(match[3])
            last = start
        if line or number < len(lines):
            parts[-1].lines.append(number)
    return parts


def _is_told_again(part: _Part, parts: list[_Part], place: int) -> bool:
    """Tell whether a list of maps stands beside the smaps of the same process."""
    if len(part.lines) > len(part.heads):
        return False
    others = parts[max(place - 1, 0) : place] + parts[place + 1 : place + 2]
    return any(
        len(other.lines) > len(other.heads) and other.heads == part.heads
        for other in others
    )
