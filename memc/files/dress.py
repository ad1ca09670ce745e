"""Find a line of the kernel or of pmap inside what it was dressed in when pasted.

::

    Nov 28 03:47:01 vm sh[7]: 00400000-00452000 r-xp ...   a log: before each line
    /proc/7/maps:00400000-00452000 r-xp ...                grep -H
    12-Rss:                  16 kB                         grep -n, beside a match
    "00400000-00452000 r-xp ...",                          a list of strings

What stands before a line is taken from the lines of regions, which nothing else looks
like, and is then cut from the lines of counters, too.
"""

from __future__ import annotations

import re

__all__ = ["Dress", "bare_text", "has_colour", "is_region", "without_colour"]

FIELDS = rb" [r-][w-][x-][sSp-] [0-9a-f]{8,16} [0-9a-f]+:[0-9a-f]+ [0-9]+(?= |\Z)"
REGION = re.compile(rb"[0-9a-f]{1,16}-[0-9a-f]{1,16}" + FIELDS)
INSIDE = re.compile(
    rb"(?<![0-9a-zA-Z])[0-9a-f]{8,16}(?:-[0-9a-f]{8,16}"
    + FIELDS
    + rb"|\s+(?:[0-9]+K|[0-9]+(?:\s+(?:[0-9]+|-)){0,4})\s+[r-][w-][x-][sSp-][R-]?\s)"
)
# The fields with other blanks between them than the kernel prints.
LOOSE = re.compile(
    rb"([0-9a-f]+-[0-9a-f]+)\s+([r-][w-][x-][sSp-])\s+([0-9a-f]+)\s+"
    rb"([0-9a-f]+:[0-9a-f]+)\s+([0-9]+)(?:\s+(.*))?\Z"
)
COUNTER = re.compile(rb"[A-Z][A-Za-z0-9_]*:")
# What looks like a blank or a minus sign: programs that show text put it there.
LOOKS = (
    (" ", "\u00a0\u2000\u2002\u2003\u2007\u2009\u202f\u3000\t"),
    ("-", "\u2010\u2011\u2012\u2013\u2014\u2212"),
    ("", "\u00ad\u200b\u200c\u200d\u2060\ufeff"),
)
LIKE = {one.encode(): as_.encode() for as_, those in LOOKS for one in those}
LOOKALIKE = re.compile(b"|".join(map(re.escape, LIKE)))
SPACES = re.compile(rb"\A *(?:\xc2\xa0 *)+")
COLOUR = re.compile(rb"\x1b(?:\[[0-9;:?]*[A-Za-z]|\][^\x07\x1b]*(?:\x07|\x1b\\))")
# Names that the kernel prints without a colour.
COLOURED = re.compile(
    rb"\x1b\[[0-9;]*m(?:\x1b\[K)?\[?(?:heap|stack|vdso|vvar|vsyscall)"
)
HTML = re.compile(rb"&nbsp;|<(?:pre|code|br|div|span|samp)\b|^\s*&gt;", re.MULTILINE)
TAG = re.compile(rb"</?(?:pre|code|br|p|div|span|samp|tt|font|b|i|td|tr)\b[^<>]*>")
ENTITIES = {b"lt": b"<", b"gt": b">", b"amp": b"&", b"quot": b'"', b"#39": b"'"}
ENTITIES |= {b"nbsp": b" ", b"#160": b" ", b"#x27": b"'", b"#34": b'"'}
ENTITY = re.compile(rb"&(" + b"|".join(ENTITIES) + rb");")
PARTS = re.compile(rb"[0-9A-Za-z_]+|[ \t]+|.", re.DOTALL)
LONGEST = 200
MOST = 8
QUOTES = b"\"'`"


def bare_text(data: bytes) -> bytes:
    """Return a text without the marks of HTML, if it has some.

    Names may look like HTML, so nothing changes unless the text is shown as such.
    """
    if (b"<" not in data and b"&" not in data) or not HTML.search(data):
        return data
    data = re.sub(rb"<br\s*/?>(?!\r?\n|\Z)", b"\n", data)
    return ENTITY.sub(lambda found: ENTITIES[found[1]], TAG.sub(b"", data))


def is_region(line: bytes) -> bool:
    """Tell whether a line is one of maps."""
    return REGION.match(line) is not None


def has_colour(data: bytes) -> bool:
    """Tell whether names have a colour that the kernel never prints."""
    return b"\x1b" in data and COLOURED.search(data) is not None


class Dress:
    """What stands before and behind the lines of one text."""

    def __init__(self, lines: list[bytes]) -> None:
        found: dict[bytes, bytes] = {}
        bare = 0
        for line in lines:
            match = None if is_region(line) else INSIDE.search(line)
            if match is None or not 0 < match.start() < LONGEST:
                bare += match is not None or is_region(line)
                continue
            before = line[: match.start()]
            found.setdefault(_shape(before), before)
        if any(before.strip() in (b"+", b"-") for before in found.values()):
            # A difference of two texts: neither may be mixed with the other.
            found = found if len(found) == 1 and not bare else {}
        self.quote = any(before.rstrip()[-1:] in QUOTES for before in found.values())
        shapes = list(found)[:MOST]
        self.before = re.compile(b"|".join(b"(?:%b)" % s for s in shapes))
        self.is_dressed = bool(shapes)

    def undress(self, line: bytes) -> tuple[bytes, bytes]:
        """Return what stands before the text of a line, and the text."""
        before = b""
        if self.is_dressed and not is_region(line):
            match = self.before.match(line)
            if match:
                before, line = match[0], line[match.end() :]
                if self.quote:
                    line = re.sub(rb"[\"'`]+,?\Z", b"", line)
        return before, _plain(line)


def without_colour(line: bytes) -> bytes:
    """Return a line without the colours of a terminal; a name may have some."""
    if b"\x1b" not in line:
        return line
    match = REGION.match(line)
    bare = COLOUR.sub(b"", line)
    if match and not (COLOURED.search(line) or b"\x1b[K" in line):
        return line
    return bare


def _plain(line: bytes) -> bytes:
    """Return a line with plain blanks and signs where the kernel prints them."""
    region = REGION.match(line)
    if region:
        name = line[region.end() :]
        return region[0] + SPACES.sub(b" ", name)
    plain = LOOKALIKE.sub(lambda found: LIKE[found[0]], line)
    loose = LOOSE.match(plain)
    if loose:
        *fields, name = loose.groups(b"")
        return b" ".join(fields) + (b" " + name if name else b"")
    return plain if COUNTER.match(plain) or INSIDE.match(plain) else line


def _shape(before: bytes) -> bytes:
    """Return a pattern of what stands before a line: numbers and words may differ."""
    shape = b"".join(map(_part, PARTS.findall(before)))
    # grep writes "12:" before a match, and "13-" before the lines beside it.
    return re.sub(rb":\Z", b"[:-]", shape)


def _part(part: bytes) -> bytes:
    if part.isdigit():
        return b"[0-9]+"
    if part[:1].isalnum() or part[:1] == b"_":
        return b"[0-9A-Za-z_]+"
    return rb"[ \t]+" if part.isspace() else re.escape(part)
