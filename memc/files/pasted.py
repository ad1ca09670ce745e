"""Guess what a text was before people pasted it.

::

    > $ cat /proc/1/smaps                                a quote, and a prompt
    > ```                                                a fence of Markdown
    >     55d0c8a00000-55d0c8a02000 r--p 00001000 ...    an indent, and CR LF

A text that is right as it is must not come here: a name may end in CR or in a blank.

Counters that cannot be those of the region above them are left out: those behind a
prompt, those of another file such as status, those of a record that is told twice, or
whose size is not the one of its region.  Lines are missing there.
"""

from __future__ import annotations

import re
from itertools import pairwise

from memc.errors import FormatError
from memc.files.dress import Dress, bare_text, has_colour, without_colour
from memc.files.lines import (
    BREAK,
    HEAD,
    Records,
    is_added,
    joins,
    source_of,
)

__all__ = ["Pasted", "has_odd_ends", "is_whole", "mend_ends"]

MARK = b"\xef\xbb\xbf"  # the byte order mark of UTF-8
CR_ENDS = re.compile(rb"\r[ \t]*(?:[0-9a-f]+-[0-9a-f]+ [rwxsSp-]{4} |[A-Z][A-Za-z_]*:)")
ESCAPED = re.compile(
    rb"\\n[ \t]*(?:[0-9a-f]{4,16}-[0-9a-f]{4,16} [rwxsSp-]{4} |Size:[ \t]+[0-9]+ kB)"
)
MARGIN = re.compile(rb"[ \t]*(?:>[ \t]*)*")
# Names that the kernel never prints: it prints these without CR and blanks.
FIELDS = rb"^[0-9a-f]+-[0-9a-f]+ [rwxsSp-]{4} [0-9a-f]+ 0+:0+ 0"
OWN = rb"\[(?:heap|stack|vdso|vvar|vvar_vclock|vsyscall)\]"
ODD_RETURN = re.compile(FIELDS + rb" *(?:" + OWN + rb")?\r$", re.MULTILINE)
ODD_BREAK = re.compile(FIELDS + rb" *(?:" + OWN + rb")?<br *", re.MULTILINE)
ODD_SPACE = re.compile(
    rb"^[0-9a-f-]+ [rwxsSp-]{4} [0-9a-f]+ [0-9a-f]+:[0-9a-f]+ [0-9]+ *\xc2\xa0",
    re.MULTILINE,
)
BREAKS = re.compile(rb"<br */?>")
ODD_BLANK = re.compile(FIELDS + rb" *" + OWN + rb"[ \t]+$", re.MULTILINE)
ODD = (b"\r", ODD_RETURN), (b"] ", ODD_BLANK), (b"<br", ODD_BREAK), (b"\xa0", ODD_SPACE)


def mend_ends(data: bytes) -> bytes:
    r"""Return a text with LF at the end of lines, if it has CR alone or "\n" there.

    A name may have CR in it, so nothing changes where a line ends with LF.
    """
    if b"\n" in data.strip():
        return data
    if ESCAPED.search(data):
        data = data.replace(rb"\r\n", rb"\n").replace(rb"\n", b"\n")
        return data.replace(rb"\t", b"\t").strip(b"\"' \n") + b"\n"
    if BREAKS.search(data):
        return BREAKS.sub(b"\n", data)
    return data.replace(b"\r", b"\n") if CR_ENDS.search(data) else data


def has_odd_ends(data: bytes) -> bool:
    """Tell whether names have an end or a colour that the kernel never prints."""
    return has_colour(data) or any(
        mark in data and odd.search(data) for mark, odd in ODD
    )


def is_whole(data: bytes, sizes: list[int]) -> bool:
    """Tell whether a text that can be read is of regions alone, of these sizes.

    If a part is missing, a record has the counters of another one, and its Size.
    """
    if any(key in data for key in (b"\nMemTotal:", b"\nVmRSS:", b"\nTgid:")):
        return False
    told = data.split(b"\nSize:")[1:]
    try:
        return not told or [int(text[:26].partition(b"k")[0]) for text in told] == sizes
    except ValueError:
        return False


class Pasted:
    """The lines of a pasted text, without what was added around them.

    `text` has these lines.  `places` tells for each line its number in the pasted text,
    and how many bytes before it were left out.  `errors` has an error for each run of
    counters that were left out, and `starts` the lines at which a text of another
    process begins, because a prompt or a heading says so.
    """

    def __init__(self, data: bytes = b"") -> None:
        self.places: list[tuple[int, int]] = []
        self.errors: list[FormatError] = []
        self.starts: list[int] = []
        self._lines: list[bytes] = []
        self._records = Records()
        self._source: bytes | None = None
        self._is_after_break = False
        self._fences = 0
        pasted = bare_text(data.removeprefix(MARK)).split(b"\n")
        is_padded = ODD_BLANK.search(data.replace(b"\r", b"")) is not None
        cut = [_cut(line, is_padded=is_padded) for line in pasted]
        self._dress = Dress([line for _, line in cut])
        for number, (at, line) in enumerate(cut, 1):
            self._take(number, at, line)
        if self._fences % 2 and self._lines[-1:]:  # the last fence stands behind a line
            self._lines[-1] = re.sub(rb"[ \t]*```+\Z", b"", self._lines[-1])
        self.text = b"\n".join(self._lines)
        if self._lines and self.places[-1][0] < len(pasted):
            self.text += b"\n"

    def _take(self, number: int, at: int, line: bytes) -> None:
        """Keep a line, or see what was added to the text."""
        before, line = self._dress.undress(line)
        self._fences += before.startswith(b"```")
        self._begin(source_of(before))
        if not line.strip():
            return
        if is_added(line):
            self._fences += line.startswith(b"```")
            self._is_after_break = BREAK.match(line) is not None
            self._begin(source_of(line))
        elif self._lines and joins(self._lines[-1], line):
            self._lines[-1] += b" " + line
        else:
            self._keep_line(number, at + len(before), line)

    def _keep_line(self, number: int, at: int, line: bytes) -> None:
        if HEAD.match(line):
            self._is_after_break = False
        wrong = self._records.wrong(line, is_after_break=self._is_after_break)
        if wrong is None:
            self._lines.append(line)
            self.places.append((number, at))
        elif wrong:
            self.errors.append(FormatError(wrong, number, at + 1))

    def _begin(self, source: bytes | None) -> None:
        """See that a prompt, a heading or a prefix names a process."""
        if source in (None, self._source):
            return
        if self._source is not None and self._lines:
            self.starts.append(len(self._lines) + 1)
        self._source = source

    def keep(self, numbers: list[int]) -> None:
        """Keep the lines of `text` with these numbers, which count from 1."""
        lines = self.text.split(b"\n")
        self.text = b"\n".join(lines[number - 1] for number in numbers)
        last = len(self.places)
        self.places = [self.places[n - 1] for n in numbers if n <= last]
        self.starts = [sum(n < start for n in numbers) + 1 for start in self.starts]

    def part(self, numbers: list[int]) -> Pasted:
        """Return the lines of `text` with these numbers, as a text of its own."""
        part = Pasted()
        lines = self.text.split(b"\n")
        part.text = b"".join(lines[number - 1] + b"\n" for number in numbers)
        if numbers[-1] == len(lines):  # which does not end with LF
            part.text = part.text[:-1]
        part.places = [self.places[number - 1] for number in numbers]
        return part

    def of_sources(self) -> list[Pasted]:
        """Return a text for each process that prompts or headings name."""
        if not self.starts:
            return [self]
        ends = [1, *self.starts, len(self.places) + 1]
        numbers = [list(range(a, b)) for a, b in pairwise(ends)]
        return [self.part(some) for some in numbers if some]

    def place(self, line: int, column: int) -> tuple[int, int]:
        """Return where a place in `text` is in the pasted text."""
        if not 0 < line <= len(self.places):
            return line, column
        number, at = self.places[line - 1]
        return number, at + column


def _cut(raw: bytes, *, is_padded: bool) -> tuple[int, bytes]:
    """Return a line without its margin and its end, and the length of the margin."""
    line = without_colour(raw.rstrip(b"\r"))
    if is_padded:
        line = line.rstrip(b" \t")
    margin = MARGIN.match(line)
    at = margin.end() if margin else 0
    return at, line[at:]
