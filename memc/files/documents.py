"""Read memc's JSON documents: one, or a stream of them."""

from __future__ import annotations

import gc

from memc.errors import FormatError
from memc.files.json_in import any_of
from memc.files.json_long import read_long
from memc.files.json_values import BLANKS, NotOursError
from memc.table.json_text import NotJsonError, loads
from memc.table.notes import bad_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from memc.table.snapshot import Snapshot, SystemSnapshot

    Loaded: TypeAlias = Snapshot | SystemSnapshot

__all__ = ["read_documents"]


def read_documents(data: bytes, *, strict: bool) -> Loaded | list[Loaded]:
    """Read one document, or a list of documents if several follow each other.

    What is damaged is passed over and noted; with `strict`, or if nothing else is left,
    it raises FormatError with the line and column in `data`.
    """
    # Nothing that is made here is a cycle: to look for them would only take time.
    is_on = gc.isenabled()
    gc.disable()
    try:
        return _read_all(data, strict=strict)
    finally:
        if is_on:
            gc.enable()


def _read_all(data: bytes, *, strict: bool) -> Loaded | list[Loaded]:
    try:
        document = _parse(data)
    except NotJsonError as error:
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
    """Read the samples of a stream: each is whole, or is passed over.

    The last one has the note: it is the one that is shown, compared and judged.
    """
    found: list[Loaded] = []
    errors: list[FormatError] = []
    for chunk, line in chunks:
        try:
            found.append(_read_chunk(chunk, line))
        except FormatError as error:
            errors.append(error)
    if errors and (strict or not found):
        raise errors[0]
    if errors:
        found[-1].notes += (bad_line(len(errors), errors[0]),)
    return found


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


def _read_chunk(chunk: bytes, line: int) -> Loaded:
    try:
        document = _parse(chunk)
    except NotJsonError as error:
        raise _json_error(error, line) from None
    return _read(document, line)


def _parse(data: bytes) -> object:
    document = read_long(data)
    return loads(data) if document is None else document


def _mended(chunk: bytes, error: FormatError, *, strict: bool) -> Loaded:
    if not strict:
        from memc.files.json_mend import mend

        found = mend(chunk, error)
        if found is not None:
            return found
    raise error from None


def _json_error(error: NotJsonError, first: int) -> FormatError:
    """Return the error for a document that is not JSON and begins at line `first`."""
    what, line, column = error.why()
    return FormatError(f"JSON ({what})", first + line - 1, column)


def _read(document: object, line: int) -> Loaded:
    """Read a document that begins at `line`."""
    try:
        return any_of(document)
    except NotOursError as bad:
        where = (
            f" as {bad.where.removeprefix('.')}, in the document" if bad.where else ""
        )
        raise FormatError(f"{bad.what}{where}", line, 1) from None
