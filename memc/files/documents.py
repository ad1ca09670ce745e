"""Read memc's JSON documents: one, or a stream of them."""

from __future__ import annotations

from memc.errors import FormatError
from memc.files.json_in import any_of
from memc.files.json_values import BLANKS, NotOursError
from memc.table import notes as noted
from memc.table.region import Note
from memc.table.snapshot import Reading, Snapshot, SystemSnapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, TypeAlias

    Loaded: TypeAlias = Snapshot | SystemSnapshot

__all__ = ["read_documents"]


def read_documents(data: bytes, *, strict: bool) -> Loaded | list[Loaded]:
    """Read one document, or a list of documents if several follow each other.

    What is damaged is passed over and noted; with `strict`, or if nothing else is left,
    it raises FormatError with the line and column in `data`.
    """
    import orjson

    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        chunks = list(_split(data))
        if len(chunks) < 2:
            chunk = chunks[0][0] if chunks else data
            return _mended(chunk, _json_error(error, 1), strict=strict)
        return _read_stream(chunks, strict=strict)
    before = data[: len(data) - len(data.lstrip(BLANKS))]
    line = before.count(b"\n") + 1
    try:
        return _read(document, line)
    except FormatError as error:
        return _mended(data, error, strict=strict)


def _read_stream(
    chunks: list[tuple[bytes, int]], *, strict: bool
) -> Loaded | list[Loaded]:
    """Read the documents of a stream; the last one notes those that were passed over.

    The last is the one that is shown, compared and judged.
    """
    found: list[Loaded] = []
    errors: list[FormatError] = []
    for chunk, line in chunks:
        try:
            found.append(_read_chunk(chunk, line, strict=strict))
        except FormatError as error:
            if strict:
                raise
            errors.append(error)
    if not found:
        raise errors[0]
    if errors:
        note = noted.passed_over(len(errors), errors[0])
        found[-1] = _with_note(found[-1], note)
    return found


def _with_note(document: Loaded, note: Note) -> Loaded:
    """Return a document with a note, which counts also what it lost itself."""
    count = note.count + sum(n.count for n in document.notes if n.code == note.code)
    notes = noted.in_order([*document.notes, Note(note.code, count, note.text)])
    if isinstance(document, SystemSnapshot):
        return SystemSnapshot(
            document.timestamp_ms,
            document.processes,
            document.skipped,
            notes,
            document.unread,
        )
    reading = Reading(document.pid, document.detail)
    for name in Reading.KEPT:
        setattr(reading, name, getattr(document, name))
    return Snapshot(document, reading, notes)


def _split(data: bytes) -> Iterator[tuple[bytes, int]]:
    """Yield each document of a stream, and the line at which it begins.

    A document is one line, or it begins with the line "{" and ends with the next line
    that is "}": inside a document memc indents every line.
    """
    begun: list[bytes] = []
    first = 1
    for place, line in enumerate(data.split(b"\n"), 1):
        bare = line.rstrip(b"\r")
        if begun and bare == b"{":  # the one before lacks its end
            yield b"\n".join(begun), first
            begun = []
        if not begun:
            first = place
            if not bare.strip(BLANKS):
                continue
        begun.append(line)
        if begun[0].rstrip(b"\r") != b"{" or bare == b"}":
            yield b"\n".join(begun), first
            begun = []
    if begun:
        yield b"\n".join(begun), first


def _read_chunk(chunk: bytes, line: int, *, strict: bool) -> Loaded:
    import orjson

    try:
        return _read(orjson.loads(chunk), line)
    except orjson.JSONDecodeError as error:
        return _mended(chunk, _json_error(error, line), strict=strict)
    except FormatError as error:
        return _mended(chunk, error, strict=strict)


def _mended(chunk: bytes, error: FormatError, *, strict: bool) -> Loaded:
    if not strict:
        from memc.files.json_mend import mend

        found = mend(chunk, error)
        if found is not None:
            return found
    raise error from None


def _json_error(error: Any, first: int) -> FormatError:  # noqa: ANN401 - orjson is lazy
    """Turn an error of orjson into a FormatError; `first` is the document's line."""
    what = f"JSON ({error.msg.split(': line')[0]})"
    return FormatError(what, first + error.lineno - 1, error.colno)


def _read(document: object, line: int) -> Loaded:
    """Read a document that begins at `line`."""
    try:
        return any_of(document)
    except NotOursError as bad:
        where = (
            f" as {bad.where.removeprefix('.')}, in the document" if bad.where else ""
        )
        raise FormatError(f"{bad.what}{where}", line, 1) from None
