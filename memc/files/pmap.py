"""Read what pmap prints: plain, with -x, -d, -X or -XX, also of busybox and toybox.

::

    11324:   ./gohold
    Address           Kbytes     RSS   Dirty Mode  Mapping
    0000000000400000     520     520       0 r-x-- gohold

pmap prints the last part of a path only, unless it is told -p.  What it does not print
is missing.
"""

from __future__ import annotations

import re

from memc.errors import FormatError
from memc.files.json_regions import table_of
from memc.files.json_values import NotOursError
from memc.pure.classify import classify
from memc.pure.grammar import KNOWN, text
from memc.table.fields import PID_MAX, TYPES
from memc.table.notes import bad_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, TypeAlias

    from memc.table.region import Note, Table

    Row: TypeAlias = dict[str, Any]

__all__ = ["Section", "is_pmap", "read_sections"]

HEAD = re.compile(rb"^Address[ \t]+(?:Kbytes|Perm)\b", re.MULTILINE)
FIRST = re.compile(rb"([0-9]+):(?: +(.*))?\Z")
MODE = rb"([r-][w-][x-][sp-][R-]?)"
ADDRESS = rb"([0-9a-f]{8,16}) +"
PLAIN = re.compile(ADDRESS + rb"([0-9]{1,16})K " + MODE + rb"(?: +(.*))?\Z")
# procps has two amounts behind the size; busybox, toybox and old procps have three.
WITH_X = re.compile(
    ADDRESS
    + rb"([0-9]{1,16})((?: +(?:[0-9]{1,16}|-)){2,3}) +"
    + MODE
    + rb"(?: +(.*))?\Z"
)
AMOUNTS = {"RSS": "rss_kb", "PSS": "pss_kb", "Dirty": "dirty_kb", "Swap": "swap_kb"}
WITH_D = re.compile(
    ADDRESS + rb"([0-9]{1,16}) +" + MODE + rb" +([0-9a-f]{1,16}) +"
    rb"([0-9a-f]{1,8}):([0-9a-f]{1,8})"
    rb"(?: +(.*))?\Z"
)
# With -X or -XX and -q: the head, which names the columns, is missing.
WITHOUT_HEAD = re.compile(
    rb" *[0-9a-f]{8,16} [r-][w-][x-][sSp-] +[0-9a-f]{8,16} +"
    rb"[0-9a-f]+:[0-9a-f]+ +[0-9]+ "
)
PERM = re.compile(rb"[r-][w-][x-][sSp-]\Z")
FLAG = re.compile(rb"([a-z0-9?]{2}) +")
FOOT = re.compile(rb" *total\b|mapped: |[-= ]+\Z|[0-9 ]+(?:KB *)?\Z", re.IGNORECASE)
U64 = 1 << 64
COUNTED = {"rss_kb", "pss_kb"}
DIGITS = 20


class Section:
    """What pmap prints of one process: the pid, its command and its regions."""

    def __init__(self, pid: int | None, command: str) -> None:
        self.pid = pid
        self.command = command
        self.head: list[str] = []
        self.rows: list[Row] = []
        self.bad: list[int] = []

    def table(self) -> Table:
        """Return the regions.  Raises FormatError if they are out of order."""
        notes: tuple[Note, ...] = ()
        if self.bad:
            first = FormatError("a line of pmap", self.bad[0], 1)
            notes = (bad_line(len(self.bad), first),)
        detail = "smaps" if any(COUNTED & row.keys() for row in self.rows) else "maps"
        try:
            return table_of(self.rows, detail, notes)
        except NotOursError as bad:
            raise FormatError(f"{bad.what} in the output of pmap", 1, 1) from None

    def take(self, line: bytes) -> bool:
        """Read a line; tell whether it is one of pmap's."""
        if HEAD.match(line):
            self.head = text(line).split()
            return True
        row = self._wide(line) if "Perm" in self.head else self._narrow(line)
        if row is not None:
            self.rows.append(row)
        return row is not None or FOOT.match(line) is not None

    def _narrow(self, line: bytes) -> Row | None:
        """Read a line of pmap without options, with -x, or with -d."""
        match = WITH_X.match(line)
        if match is None:
            return _narrow(line)
        start, size, amounts, mode, name = match.groups()
        told = amounts.split()
        # The head names the amounts; with -q there is none: two are those of procps.
        names = self.head[2:-2] or ["RSS", "Dirty"]
        row = _region(start, int(size), _perm(mode), name)
        if row is None or len(names) != len(told):
            return None
        for column, amount in zip(names, told, strict=True):
            if column in AMOUNTS:
                row[AMOUNTS[column]] = _amount(amount)
        return row

    def _wide(self, line: bytes) -> Row | None:
        """Read a line of -X or -XX: the columns that the head names."""
        rest = line
        told: dict[str, str] = {}
        flags: list[str] = []
        for name in self.head[:-1]:
            if name == "VmFlags":
                while flag := FLAG.match(rest + b" "):
                    flags.append(text(flag[1]))
                    rest = rest[flag.end() :]
                continue
            word, _, rest = rest.partition(b" ")
            rest = rest.lstrip(b" ")
            told[name] = text(word)
        try:
            return _row_of(told, flags if "VmFlags" in self.head else None, rest)
        except (KeyError, ValueError):
            return None


def is_pmap(data: bytes) -> bool:
    """Tell whether a text is what pmap prints.

    Raises FormatError if it is, but does not name its columns.
    """
    if HEAD.search(data):
        return True
    lines = data.split(b"\n", 3)[:3]
    if any(WITHOUT_HEAD.match(line) for line in lines):
        raise FormatError("the head of pmap, which -q leaves out,", 1, 1)
    kinds = PLAIN, WITH_X, WITH_D
    return any(kind.match(line) for line in lines for kind in kinds)


def read_sections(lines: list[bytes]) -> list[Section]:
    """Read the output of pmap; it may be of several processes."""
    sections: list[Section] = []
    for number, line in enumerate(lines, 1):
        first = FIRST.match(line)
        if first:
            pid = int(first[1][:20])
            words = text(first[2] or b"")
            sections.append(Section(pid if pid <= PID_MAX else None, words))
            continue
        if not sections:
            sections.append(Section(None, ""))
        if not sections[-1].take(line):
            sections[-1].bad.append(number)
    return [section for section in sections if section.rows or len(sections) == 1]


def _narrow(line: bytes) -> Row | None:
    """Read a line of pmap without options, or with -d."""
    if match := PLAIN.match(line):
        start, size, mode, name = match.groups()
        return _region(start, int(size), _perm(mode), name)
    if match := WITH_D.match(line):
        start, size, mode, offset, major, minor, name = match.groups()
        row = _region(start, int(size), _perm(mode), name)
        if row is not None:
            row |= {"offset": int(offset, 16)}
            row |= {"dev_major": int(major, 16), "dev_minor": int(minor, 16)}
        return row
    return None


def _row_of(told: dict[str, str], flags: list[str] | None, name: bytes) -> Row | None:
    """Return a region of the columns of -X.  Raises KeyError or ValueError."""
    perm = told["Perm"].encode()
    if PERM.match(perm) is None:
        return None
    size_kb = _number(told["Size"])
    row = _region(told["Address"].encode(), size_kb, text(perm.lower()), name)
    if row is None:
        return None
    major, minor = told["Device"].split(":")
    row |= {"offset": _number(told["Offset"], 16), "inode": _number(told["Inode"])}
    row |= {"dev_major": _number(major, 16), "dev_minor": _number(minor, 16)}
    for key, value in told.items():
        column, _, _ = KNOWN.get(key.encode(), ("", False, None))
        if column:
            row[column] = _number(value)
    if flags is not None:
        row["vm_flags"] = flags
    return row


def _region(start: bytes, size_kb: int, perm: str, name: bytes | None) -> Row | None:
    first = _number(start.decode("ascii", "replace"), 16)
    end = first + size_kb * 1024
    if end >= U64:
        return None
    path, is_file = _name(name or b"")
    kind = classify(b"/" + path if is_file else path, executable=perm[2] == "x")
    return {
        "start": hex(first),
        "end": hex(end),
        "type": TYPES[kind],
        "perm": perm,
        "size_kb": size_kb,
        "pathname": text(path),
    }


def _name(name: bytes) -> tuple[bytes, bool]:
    """Return a name as the kernel prints it, and whether it is the end of a path."""
    bare = name.strip(b" ")
    if bare in (b"[ anon ]", b"[anon]"):
        return b"", False
    if bare == b"[ stack ]":
        return b"[stack]", False
    return bare, bool(bare) and bare[:1] not in b"[/" and b":[" not in bare


def _perm(mode: bytes) -> str:
    return text(mode[:3]) + ("s" if mode[3:4] == b"s" else "p")


def _number(word: str, base: int = 10) -> int:
    """Return a number of 64 bits.  Raises ValueError.

    int() alone also takes signs, blanks and underscores.
    """
    if not (word.isascii() and word.isalnum() and len(word) <= DIGITS):
        raise ValueError
    number = int(word, base)
    if number >= U64:
        raise ValueError
    return number


def _amount(digits: bytes) -> int | None:
    return None if digits == b"-" else int(digits)


def commands(sections: list[Section]) -> Iterator[str]:
    """Yield the name of the program of each section."""
    for section in sections:
        yield section.command.partition(" ")[0].rpartition("/")[2]
