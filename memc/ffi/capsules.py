"""Arrow's PyCapsules: streams and schemas from the C core."""

from __future__ import annotations

from memc.ffi.lib import extension, fail, ffi, lib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from memc.ffi.lib import CData

    # A column for Arrow: the validity if any value is missing, and the values.
    Pair: TypeAlias = tuple[bytes | None, bytes]
    Batch: TypeAlias = tuple[int, Sequence[Pair]]  # rows, columns
    # A dictionary: the number of texts, a 0 and the end of each, and their bytes.
    Dictionary: TypeAlias = tuple[int, bytes, bytes]
    # The schema of a column: its name, format and dictionary, and a note or "".
    Kind: TypeAlias = tuple[str, str, Dictionary | None, str]

__all__ = ["arrow_schema", "arrow_stream", "schema_of", "stream_of"]


def stream_of(fill: Callable[..., int], handle: CData) -> tuple[object, int]:
    """Return a capsule of the Arrow stream that a C function fills, and its address.

    Integer columns are not copied: they are the memory of the snapshot.  C counts the
    streams that use a snapshot, so any thread may release a stream, even after Python
    dropped the snapshot.
    """
    from ctypes import PyDLL, byref, c_void_p, py_object

    make = PyDLL(extension).memc_stream_capsule
    make.restype = py_object
    address = c_void_p()
    capsule: object = make(byref(address))
    err = ffi.new("struct memc_error *")
    stream = ffi.cast("struct ArrowArrayStream *", address.value or 0)
    if fill(handle, stream, err) < 0:
        fail(err)
    return capsule, address.value or 0


def schema_of(fill: Callable[..., int], handle: CData) -> object:
    """Return a capsule of the schema of such a stream."""
    from ctypes import PyDLL, c_void_p, py_object

    make = PyDLL(extension).memc_schema_capsule
    make.restype = py_object
    stream, address = stream_of(fill, handle)
    capsule: object = make(c_void_p(address))
    del stream
    return capsule


def arrow_of(kinds: Sequence[Kind], batches: Sequence[Batch]) -> tuple[CData, object]:
    """Return a description of columns for C, and the memory that it points to."""
    held: list[CData] = []

    def pointer(data: bytes | None) -> CData:
        if data is None:
            return ffi.NULL
        held.append(ffi.from_buffer(data))
        return held[-1]

    def new(cdecl: str, init: object) -> CData:
        held.append(ffi.new(cdecl, init))
        return held[-1]

    def text(word: str) -> CData:
        return new("char[]", word.encode())

    def strings(texts: Dictionary | None) -> CData:
        if texts is None:
            return ffi.NULL
        count, ends, data = texts
        offsets = ffi.cast("uint32_t *", pointer(ends))
        return new("struct memc_strings *", (pointer(data), offsets, count))

    columns = [
        (text(name), text(form), strings(texts), text(note) if note else ffi.NULL)
        for name, form, texts, note in kinds
    ]
    parts = []
    for rows, made in batches:
        pairs = [(pointer(values), pointer(valid)) for valid, values in made]
        parts.append((rows, new("struct memc_arrow_values[]", pairs)))
    init = (
        new("struct memc_arrow_column[]", columns),
        len(columns),
        new("struct memc_arrow_batch[]", parts),
        len(parts),
    )
    return ffi.new("struct memc_arrow *", init), held


def arrow_stream(kinds: Sequence[Kind], batches: Sequence[Batch]) -> object:
    """Return a capsule of an Arrow stream of these columns; their values are copied."""
    arrow, held = arrow_of(kinds, batches)
    capsule, _ = stream_of(lib.memc_arrow_stream, arrow)
    del held
    return capsule


def arrow_schema(kinds: Sequence[Kind]) -> object:
    """Return a capsule of the schema of such a stream."""
    arrow, held = arrow_of(kinds, ())
    capsule = schema_of(lib.memc_arrow_stream, arrow)
    del held
    return capsule
