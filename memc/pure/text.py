"""Parse the text of maps and smaps: read the lines, then repair torn regions."""

from __future__ import annotations

from memc.errors import FormatError
from memc.pure.grammar import (
    CUT,
    BadLineError,
    is_counter,
    read_header,
    read_value,
    refuse_nul,
)
from memc.pure.repair import repair
from memc.pure.rows import make_table
from memc.table import notes as noted
from memc.table.fields import SMAPS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.pure.grammar import Counter, Row
    from memc.table.region import Table

MAX_EXTRA = 64  # the most columns that memc does not know, as in the C core
KNOWN = {*SMAPS}


class Reader:
    """Reads the lines of one text in order."""

    def __init__(self, kind: str, *, strict: bool) -> None:
        self.is_maps = kind == "maps"
        self.strict = strict
        self.rows: list[Row] = []
        # The columns of the text in the order of first use, and whether they are in kB.
        self.seen: dict[str, bool] = {}
        self.bad_lines = 0
        self.first_bad: FormatError | None = None
        # Most counter lines are equal to an earlier one.
        self._read: dict[bytes, tuple[str, Counter] | None] = {}

    def fail(self, error: FormatError) -> None:
        """Raise the error; if not strict, count a line that is passed over."""
        if self.strict:
            raise error
        self.bad_lines += 1
        self.first_bad = self.first_bad or error

    def read(self, data: bytes) -> None:
        """Read all lines.  Raises FormatError if strict."""
        lines = data.split(b"\n")
        cut = len(lines)  # the number of a line without its newline
        if not lines[-1]:
            lines.pop()
        skipping = False
        for number, line in enumerate(lines, 1):
            counter = is_counter(line)
            if counter and skipping:
                continue
            skipping = False
            try:
                if counter:
                    self._counter(line, cut=number == cut)
                else:
                    self.rows.append(read_header(line))
            except BadLineError as bad:
                skipping = True
                at_end = number == cut and bad.column == len(line) + 1
                what = CUT if at_end else bad.what
                self.fail(FormatError(what, number, bad.column))

    def _counter(self, line: bytes, *, cut: bool) -> None:
        if self.is_maps or not self.rows:
            refuse_nul(line)
            what = "a region before its counters"
            if self.is_maps:
                what = "a region, not a counter: is this smaps text?"
            raise BadLineError(what, 1)
        if cut or line not in self._read:
            self._read[line] = self._new_counter(line, cut=cut)
        read = self._read[line]
        if read is not None:
            name, value = read
            self.rows[-1].counters[name] = value

    def _new_counter(self, line: bytes, *, cut: bool) -> tuple[str, Counter] | None:
        refuse_nul(line)
        key, colon, value = line.partition(b":")
        if not colon:
            if cut:
                raise BadLineError(CUT, len(line) + 1)
            return None
        read = read_value(key, value, len(key) + 2)
        if read is None:
            return None
        name, is_kb, held = read
        return (name, held) if self._has_column(name, is_kb=is_kb) else None

    def _has_column(self, name: str, *, is_kb: bool) -> bool:
        if name not in KNOWN and name not in self.seen:
            extra = sum(other not in KNOWN for other in self.seen)
            if extra == MAX_EXTRA:
                return False
        return self.seen.setdefault(name, is_kb) == is_kb


def parse(data: bytes | bytearray | memoryview, kind: str, *, strict: bool) -> Table:
    """Parse text of `kind` "maps" or "smaps".

    Raises FormatError at a bad line if `strict`, and ValueError for another `kind`.
    """
    data = bytes(memoryview(data))
    if kind not in ("maps", "smaps"):
        raise ValueError(f"kind: expected 'maps' or 'smaps', not {kind!r}")
    reader = Reader(kind, strict=strict)
    lines = data.count(b"\n")
    if lines and lines == data.count(b"\r\n") and data.endswith(b"\n"):
        reader.fail(_crlf(data))
        data = data.replace(b"\r\n", b"\n")
        reader.read(data)
        reader.bad_lines = lines
    else:
        reader.read(data)
    return _table_of(reader)


def parse_live(data: bytes, kind: str) -> Table:
    """Parse the text of a live process.  Every line may end in CR.

    A process chooses the names of the files that it maps, so its text is not judged as
    a whole.
    """
    reader = Reader(kind, strict=False)
    reader.read(data)
    return _table_of(reader)


def _table_of(reader: Reader) -> Table:
    rows, torn = repair(reader.rows)
    notes = [noted.torn(torn)] if torn else []
    if reader.first_bad is not None:
        notes.append(noted.bad_line(reader.bad_lines, reader.first_bad))
    return make_table(rows, reader.seen, tuple(notes))


def _crlf(data: bytes) -> FormatError:
    what = (
        "a line feed alone: every line ends in CR LF, the text was changed on its way"
    )
    return FormatError(what, 1, data.index(b"\r\n") + 1)
