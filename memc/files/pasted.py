"""Guess what a text was before people pasted or packed it.

::

    > $ cat /proc/1/smaps                                a quote, and a prompt
    > ```                                                a fence of Markdown
    >     55d0c8a00000-55d0c8a02000 r--p 00001000 ...    an indent, and CR LF

A text that is right as it is must not come here: a name may end in CR or in a blank.
"""

from __future__ import annotations

import re

from memc.errors import FormatError, MemcError
from memc.files.given import MAX_SIZE

__all__ = ["Pasted", "has_odd_returns", "mend_ends", "refuse_other", "unpack"]

GZIP = b"\x1f\x8b\x08"
PIECE = 1 << 20
MOST_LAYERS = 4  # there is data that gzip unpacks to itself
MARK = b"\xef\xbb\xbf"  # the byte order mark of UTF-8
# How data begins that memc does not read.
OTHERS = (
    (re.compile(rb"\xff\xfe\0\0|\0\0\xfe\xff|[^\0]\0\0\0|\0\0\0[^\0]"), "UTF-32"),
    (re.compile(rb"\xff\xfe|\xfe\xff|[^\0]\0[^\0]\0|\0[^\0]\0[^\0]"), "UTF-16"),
    (re.compile(rb"\xfd7zXZ\0"), "data of xz"),
    (re.compile(rb"\x28\xb5\x2f\xfd"), "data of zstd"),
    (re.compile(rb"BZh[1-9]"), "data of bzip2"),
)
CR_ENDS = re.compile(rb"\r[ \t]*(?:[0-9a-f]+-[0-9a-f]+ [rwxsSp-]{4} |[A-Z][A-Za-z_]*:)")
MARGIN = re.compile(rb"[ \t]*(?:>[ \t]*)*")
FENCE = re.compile(rb"(?:```+[^`]*|~~~+.*)\Z")
# "$ cat ...", "root@host:~# cat ...", "[ann@host ~]$", "PS C:\> type ...".
PROMPT = re.compile(
    rb"(?:|.*[^ 0-9])[$#%>](?: .*)?\Z|(?:|.* )(?:\xe2\x9d\xaf|\xe2\x9e\x9c)"
)
# The start of a line of maps, smaps or pmap, which is no prompt, whatever its name is.
DATA = re.compile(rb"[0-9a-f]+-[0-9a-f]+ |[A-Z][A-Za-z0-9_]*:|[0-9a-f]{8,16}\s|[0-9]+:")
# Names that the kernel never prints: it prints these without CR.
ODD_RETURN = re.compile(
    rb"^[0-9a-f]+-[0-9a-f]+ [rwxsSp-]{4} [0-9a-f]+ 0+:0+ 0"
    rb" *(?:\[(?:heap|stack|vdso|vvar|vvar_vclock|vsyscall)\])?\r$",
    re.MULTILINE,
)


def unpack(data: bytes, path: str) -> bytes:
    """Return data, unpacked if it is that of gzip, also if it was packed again.

    Raises MemcError if the packed data is damaged or becomes too large.
    """
    for _ in range(MOST_LAYERS):
        if not data.startswith(GZIP):
            return data
        data = _unpack(data, path)
    if data.startswith(GZIP):
        raise MemcError(f"{path}: packed more than {MOST_LAYERS} times")
    return data


def _unpack(data: bytes, path: str) -> bytes:
    import zlib

    made = bytearray()
    left = data
    try:
        while left.rstrip(b"\0"):
            member = zlib.decompressobj(31)
            while not member.eof:
                piece = member.decompress(left, PIECE)
                left = member.unconsumed_tail
                made += piece
                if len(made) > MAX_SIZE:
                    size = f"{MAX_SIZE >> 30} GiB"
                    raise MemcError(f"{path}: more than {size} when unpacked")
                if not piece and not left and not member.eof:
                    raise MemcError(f"{path}: gzip data that is cut short")
            left = member.unused_data
    except zlib.error as error:
        raise MemcError(f"{path}: damaged gzip data ({error})") from None
    return bytes(made)


def refuse_other(data: bytes) -> None:
    """Raise FormatError for data that cannot be text of the kernel, and say what it is.

    A file of NUL bytes is none of these.
    """
    for begins, name in OTHERS:
        if begins.match(data):
            raise FormatError(f"text of UTF-8, not {name},", 1, 1)


def mend_ends(data: bytes) -> bytes:
    """Return a text with LF at the end of lines, if it has CR alone there.

    A name may have CR in it, so nothing changes where a line ends with LF.
    """
    if b"\n" in data.strip() or not CR_ENDS.search(data):
        return data
    return data.replace(b"\r", b"\n")


def has_odd_returns(data: bytes) -> bool:
    """Tell whether a CR is where the kernel never prints one."""
    return b"\r" in data and ODD_RETURN.search(data) is not None


class Pasted:
    """The lines of a pasted text, without what was added around them.

    `text` has these lines.  `places` tells for each line its number in the pasted text,
    and how many bytes before it were left out.
    """

    def __init__(self, data: bytes = b"") -> None:
        self.places: list[tuple[int, int]] = []
        lines: list[bytes] = []
        pasted = data.removeprefix(MARK).split(b"\n")
        for number, raw in enumerate(pasted, 1):
            line = raw.rstrip(b"\r")
            margin = MARGIN.match(line)
            at = margin.end() if margin else 0
            line = line[at:]
            if line.strip() and not _is_added(line):
                lines.append(line)
                self.places.append((number, at))
        self.text = b"\n".join(lines)
        if lines and self.places[-1][0] < len(pasted):
            self.text += b"\n"

    def keep(self, numbers: list[int]) -> None:
        """Keep the lines of `text` with these numbers, which count from 1."""
        lines = self.text.split(b"\n")
        self.text = b"\n".join(lines[number - 1] for number in numbers)
        last = len(self.places)
        self.places = [self.places[n - 1] for n in numbers if n <= last]

    def part(self, numbers: list[int]) -> Pasted:
        """Return the lines of `text` with these numbers, as a text of its own."""
        part = Pasted()
        lines = self.text.split(b"\n")
        part.text = b"".join(lines[number - 1] + b"\n" for number in numbers)
        if numbers[-1] == len(lines):  # which does not end with LF
            part.text = part.text[:-1]
        part.places = [self.places[number - 1] for number in numbers]
        return part

    def place(self, line: int, column: int) -> tuple[int, int]:
        """Return where a place in `text` is in the pasted text."""
        if not 0 < line <= len(self.places):
            return line, column
        number, at = self.places[line - 1]
        return number, at + column


def _is_added(line: bytes) -> bool:
    """Tell whether a line is a fence or a prompt."""
    if DATA.match(line):
        return False
    return FENCE.match(line) is not None or PROMPT.match(line) is not None
