"""The C core.  The only module that imports ``_memc``.

A snapshot in C owns its arrays and strings.  Python holds it by a handle that frees it
with the last reference, and every view holds the handle: a column outlives its table.
"""

from __future__ import annotations

from os import fsencode, strerror

from memc._memc import __file__ as extension, ffi, lib
from memc.columns import Column, Columns
from memc.errors import AccessDenied, FormatError, MemcError, ProcessError, ProcessGone
from memc.region import Note, Table
from memc.snapshot import Process, Reading, Skipped, Snapshot, SystemSnapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Literal, NoReturn, TypeAlias

    from memc._memc import CData
    from memc.columns import Value

    # Columns for Arrow: the validity if any is missing, and the values.
    Pair: TypeAlias = tuple[bytes | None, bytes]
    Batch: TypeAlias = tuple[int, Sequence[Pair]]  # rows, columns
    # A dictionary: how many texts, where each ends behind a 0, and their bytes.
    Dictionary: TypeAlias = tuple[int, bytes, bytes]
    Kind: TypeAlias = tuple[str, str, Dictionary | None]  # name, format

    # Options for C, and the memory that they point to.
    Held: TypeAlias = tuple[CData, CData]

DETAILS = {
    "maps": lib.MEMC_DETAIL_MAPS,
    "smaps": lib.MEMC_DETAIL_SMAPS,
    "rss": lib.MEMC_DETAIL_RSS,
    "uss": lib.MEMC_DETAIL_USS,
    "totals": lib.MEMC_DETAIL_TOTALS,
    "rollup": lib.MEMC_DETAIL_ROLLUP,
}
DETAIL_NAMES = {number: name for name, number in DETAILS.items()}
KINDS = {"maps": lib.MEMC_KIND_MAPS, "smaps": lib.MEMC_KIND_SMAPS}
TYPECODES: dict[int, Literal["B", "I", "Q"]] = {1: "B", 4: "I", 8: "Q"}
PERMS = tuple(
    "".join(c if bits >> i & 1 else "-" for i, c in enumerate("rwx"))
    + ("p" if bits & 16 else "s" if bits & 8 else "-")
    for bits in range(32)
)


class Strings:
    """The string pool of a snapshot, decoded a string at a time, each once."""

    __slots__ = ("_bytes", "_decoded", "_flags", "_offsets")

    def __init__(self, handle: CData) -> None:
        pool = lib.memc_snapshot_strings(handle)
        self._offsets = view(handle, pool.offsets, (pool.count + 1) * 4).cast("I")
        self._bytes = view(handle, pool.bytes, self._offsets[pool.count])
        self._decoded: dict[int, str] = {}
        self._flags: dict[int, tuple[str, ...]] = {}

    def text(self, number: int) -> str:
        """Return string `number`; bytes that are not UTF-8 are surrogate escapes."""
        text = self._decoded.get(number)
        if text is None:
            raw = self._bytes[self._offsets[number] : self._offsets[number + 1]]
            text = str(raw, "utf-8", "surrogateescape")
            self._decoded[number] = text
        return text

    def flags(self, number: int) -> tuple[str, ...]:
        """Return the mnemonics that string `number` lists."""
        flags = self._flags.get(number)
        if flags is None:
            text = self.text(number)
            flags = self._flags[number] = tuple(text.split(" ")) if text else ()
        return flags


def view(owner: CData, start: CData, size: int) -> memoryview[int]:
    """View borrowed memory.  The view, not the caller, keeps `owner` alive."""
    if size == 0:
        return memoryview(b"")
    held = ffi.gc(start, lambda _, owner=owner: None)  # noqa: ARG005 - it holds
    return memoryview(ffi.buffer(held, size)).toreadonly()


def decoder(unit: int, strings: Strings) -> Callable[[int], Value] | None:
    """Return what makes a Python value of a stored number; None for numbers."""
    if unit == lib.MEMC_UNIT_STRING:
        return strings.text
    if unit == lib.MEMC_UNIT_FLAGS:
        return strings.flags
    if unit == lib.MEMC_UNIT_PERM:
        return PERMS.__getitem__
    if unit == lib.MEMC_UNIT_TYPE:
        return TYPE_NAMES.__getitem__
    return None


def columns_of(handle: CData, rows: int) -> Columns:
    """Wrap the columns of a snapshot; each is looked at when it is asked for."""
    count = lib.memc_snapshot_columns(handle)
    found = (lib.memc_snapshot_column(handle, i) for i in range(count))
    numbers = {ffi.string(c.name).decode(): i for i, c in enumerate(found)}
    strings = Strings(handle)

    def make(name: str) -> Column:
        c = lib.memc_snapshot_column(handle, numbers[name])
        values = view(handle, c.values, rows * c.width).cast(TYPECODES[c.width])
        valid = view(handle, c.valid, (rows + 7) // 8) if c.valid else None
        return Column(values, valid, decoder(c.unit, strings))

    return Columns(tuple(numbers), make)


def words(write: Callable[..., int], *of: object) -> str:
    """Return the text that a C function of the snprintf() kind writes."""
    text = ffi.new("char[]", 512)
    size = write(*of, text, 512)
    if size >= 512:
        text = ffi.new("char[]", size + 1)
        write(*of, text, size + 1)
    return ffi.string(text).decode("utf-8", "surrogateescape")


def notes_of(handle: CData) -> tuple[Note, ...]:
    """Return what kept a snapshot from being whole."""
    notes: list[Note] = []
    while (note := lib.memc_snapshot_note(handle, len(notes))).code:
        text = words(lib.memc_snapshot_note_text, handle, len(notes))
        notes.append(Note(ffi.string(note.code).decode(), note.count, text))
    return tuple(notes)


def totals_of(handle: CData) -> dict[str, int | None]:
    """Return the totals of a snapshot that has no regions."""
    totals: dict[str, int | None] = {}
    while (total := lib.memc_snapshot_total(handle, len(totals))).name:
        name = ffi.string(total.name).decode()
        totals[name] = total.value if total.known else None
    return totals


def fail(err: CData) -> NoReturn:
    """Raise what an error of the C core means."""
    if err.status == lib.MEMC_ERR_FORMAT:
        raise FormatError(ffi.string(err.what).decode(), err.line, err.column)
    text = words(lib.memc_error_text, err)
    if err.status == lib.MEMC_ERR_MEMORY:
        raise MemoryError(text)
    if err.status == lib.MEMC_ERR_GONE:
        raise ProcessGone(text, err.pid)
    if err.status == lib.MEMC_ERR_DENIED and err.pid:
        raise AccessDenied(text, err.pid)
    if err.pid:
        raise ProcessError(text, err.pid)
    raise MemcError(text)


def table_of(handle: CData) -> NativeTable:
    """Wrap a snapshot's regions."""
    return NativeTable(handle)


def json_of(
    write: Callable[..., int], handle: CData, *, pretty: bool, full: bool
) -> bytes:
    """Return the document that a C function writes."""
    options = ffi.new("struct memc_json_options *", {"pretty": pretty, "full": full})
    err = ffi.new("struct memc_error *")
    buffer = ffi.new("struct memc_buffer *")
    sink = ffi.addressof(lib, "memc_write_buffer")
    try:
        if write(handle, options, sink, buffer, err) < 0:
            raise MemoryError
        return bytes(ffi.buffer(buffer.bytes, buffer.len))
    finally:
        lib.memc_buffer_deinit(buffer)


def write_json(
    write: Callable[..., int], handle: CData, fd: int, *, pretty: bool, full: bool
) -> None:
    """Let a C function write a document to an open file, 64 KiB at a time."""
    options = ffi.new("struct memc_json_options *", {"pretty": pretty, "full": full})
    err = ffi.new("struct memc_error *")
    sink = ffi.addressof(lib, "memc_write_fd")
    if write(handle, options, sink, ffi.new("int *", fd), err) < 0:
        if err.status != lib.MEMC_ERR_SYSTEM:
            fail(err)
        raise OSError(err.sys_errno, strerror(err.sys_errno))


def stream_of(fill: Callable[..., int], handle: CData) -> tuple[object, int]:
    """Return a capsule of the Arrow stream that a C function fills, and its address.

    Integer columns are the memory of the snapshot itself.  The stream holds that by a
    count that C keeps, so it may be released after Python is done, by any thread.
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
    """Return a description of columns for C, and what it points to."""
    held: list[CData] = []

    def pointer(data: bytes | None) -> CData:
        if data is None:
            return ffi.NULL
        held.append(ffi.from_buffer(data))
        return held[-1]

    def new(cdecl: str, init: object) -> CData:
        held.append(ffi.new(cdecl, init))
        return held[-1]

    def strings(texts: Dictionary | None) -> CData:
        if texts is None:
            return ffi.NULL
        count, ends, data = texts
        offsets = ffi.cast("uint32_t *", pointer(ends))
        return new("struct memc_strings *", (pointer(data), offsets, count))

    columns = [
        (new("char[]", name.encode()), new("char[]", form.encode()), strings(texts))
        for name, form, texts in kinds
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
    """Return a capsule of an Arrow stream of these columns, which are copied."""
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


class NativeTable(Table):
    """A table that lives in C."""

    __slots__ = ("_handle",)

    def __init__(self, handle: CData) -> None:
        rows = lib.memc_snapshot_rows(handle)
        super().__init__(rows, columns_of(handle, rows), notes_of(handle))
        self._handle = handle

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return the columns as an Arrow stream, integers not copied."""
        del requested_schema
        return stream_of(lib.memc_snapshot_arrow_stream, self._handle)[0]

    def __arrow_c_schema__(self) -> object:
        """Return the schema of the stream."""
        return schema_of(lib.memc_snapshot_arrow_stream, self._handle)


class NativeSnapshot(Snapshot):
    """A snapshot whose JSON and Arrow come from C, straight from the columns."""

    __slots__ = ("_handle",)

    __arrow_c_stream__ = NativeTable.__arrow_c_stream__
    __arrow_c_schema__ = NativeTable.__arrow_c_schema__

    def __init__(self, handle: CData) -> None:
        info = lib.memc_snapshot_info(handle)
        reading = Reading(info.pid, DETAIL_NAMES[info.detail], info.timestamp_ms)
        reading.total_rss_kb = info.total_rss_kb if info.has_total_rss else None
        reading.totals = totals_of(handle)
        if not reading.totals or info.has_total_rss:
            reading.total_vsize_kb = info.total_vsize_kb
        reading.cost_ns = info.cost_ns
        reading.bytes_read = info.bytes_read
        reading.longest_read_ns = info.longest_read_ns
        super().__init__(table_of(handle), reading)
        self._handle = handle

    def to_json(self, *, pretty: bool = False, full: bool = False) -> bytes:
        """Return the JSON document, without a newline at its end."""
        return json_of(lib.memc_snapshot_json, self._handle, pretty=pretty, full=full)

    def write_json(self, fd: int, *, pretty: bool = False, full: bool = False) -> None:
        """Write the bytes of `to_json` to an open file; OSError when that fails."""
        write_json(lib.memc_snapshot_json, self._handle, fd, pretty=pretty, full=full)


class NativeSystem(SystemSnapshot):
    """A system snapshot that lives in C and is written by C.

    Its processes are looked at when they are asked for: a document needs none.
    """

    __slots__ = ("_handle",)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return all regions as an Arrow stream, integers not copied."""
        del requested_schema
        return stream_of(lib.memc_system_arrow_stream, self._handle)[0]

    def __arrow_c_schema__(self) -> object:
        """Return the schema of the stream."""
        return schema_of(lib.memc_system_arrow_stream, self._handle)

    def __init__(self, handle: CData) -> None:
        self.timestamp_ms = lib.memc_system_timestamp_ms(handle)
        self.notes = late_note(lib.memc_system_late(handle))
        self._handle = handle

    def __getattr__(self, name: str) -> object:
        """Make `processes` and `skipped`, once."""
        handle = self._handle
        if name == "processes":
            count = lib.memc_system_processes(handle)
            self.processes = tuple(process_of(handle, i) for i in range(count))
            return self.processes
        if name == "skipped":
            count = lib.memc_system_skipped(handle)
            self.skipped = tuple(skipped_of(handle, i) for i in range(count))
            return self.skipped
        raise AttributeError(f"a system snapshot has no {name!r}")

    def to_json(self, *, pretty: bool = False, full: bool = False) -> bytes:
        """Return the JSON document, without a newline at its end."""
        return json_of(lib.memc_system_json, self._handle, pretty=pretty, full=full)

    def write_json(self, fd: int, *, pretty: bool = False, full: bool = False) -> None:
        """Write the bytes of `to_json` to an open file; OSError when that fails."""
        write_json(lib.memc_system_json, self._handle, fd, pretty=pretty, full=full)


def late_note(count: int) -> tuple[Note, ...]:
    """Return the note that samples were left out, if any were."""
    return (Note("late", count, words(lib.memc_late_text, count)),) if count else ()


def name_of(entry: CData) -> str:
    """Return the comm of a process."""
    name = bytes(ffi.buffer(entry.name, entry.name_len))
    return name.decode("utf-8", "surrogateescape")


def process_of(system: CData, i: int) -> Process:
    """Return process `i`, whose snapshot keeps the whole system alive."""
    entry = lib.memc_system_process(system, i)
    handle = ffi.gc(entry.snapshot, lambda _, system=system: None)  # noqa: ARG005
    cgroup = None
    if entry.cgroup:
        path = bytes(ffi.buffer(entry.cgroup, entry.cgroup_len))
        cgroup = path.decode("utf-8", "surrogateescape")
    return Process(
        entry.pid,
        name_of(entry),
        NativeSnapshot(handle),
        uid=entry.uid if entry.has_uid else None,
        cgroup=cgroup,
    )


def skipped_of(system: CData, i: int) -> Skipped:
    """Return skipped process `i`."""
    entry = lib.memc_system_skip(system, i)
    return Skipped(entry.pid, name_of(entry), ffi.string(entry.reason).decode())


def parse_text(
    data: bytes | bytearray | memoryview, kind: str, *, strict: bool
) -> Table:
    """Parse maps or smaps text.  Releases the GIL while it runs."""
    if kind not in KINDS:
        raise ValueError(f"kind: expected 'maps' or 'smaps', not {kind!r}")
    options = ffi.new(
        "struct memc_parse_options *", {"kind": KINDS[kind], "lenient": not strict}
    )
    ret = ffi.new("struct memc_snapshot **")
    err = ffi.new("struct memc_error *")
    text = ffi.from_buffer(data)
    if lib.memc_parse_with_options(text, len(text), options, ret, err) < 0:
        fail(err)
    return table_of(ffi.gc(ret[0], lib.memc_snapshot_destroy))


def options_of(detail: str, proc: str, late: int, max_stall_ms: int | None) -> Held:
    """Return options, and what they point to."""
    if "\0" in proc:
        raise ValueError("proc: embedded null byte")
    root = ffi.new("char[]", fsencode(proc))
    options = ffi.new("struct memc_options *")
    options.proc = root
    options.detail = DETAILS[detail]
    options.late = late
    options.max_stall_ms = max_stall_ms or 0
    return options, root


def read(pid: int, held: Held) -> CData:
    """Read one process into a snapshot.  Releases the GIL while it runs."""
    ret = ffi.new("struct memc_snapshot **")
    err = ffi.new("struct memc_error *")
    if lib.memc_collect(pid, held[0], ret, err) < 0:
        fail(err)
    return ffi.gc(ret[0], lib.memc_snapshot_destroy)


def read_table(pid: int, kind: str, proc: str = "/proc") -> Table:
    """Read one process; its packed regions alone."""
    return table_of(read(pid, options_of(kind, proc, 0, None)))


def collect(
    pid: int,
    detail: str,
    proc: str,
    *,
    late: int = 0,
    max_stall_ms: int | None = None,
    last: Snapshot | None = None,
) -> Snapshot:
    """Read one process; `late` samples were due before this one and left out."""
    held = options_of(detail, proc, late, max_stall_ms)
    if last is not None:
        held[0].last_stall_ns = last.longest_read_ns
        held[0].last_rss_kb = last.total_rss_kb or 0
    return NativeSnapshot(read(pid, held))


def collect_all(
    detail: str,
    *,
    skip_kernel: bool,
    jobs: int | None,
    proc: str,
    cgroups: bool = False,
    late: int = 0,
    max_stall_ms: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> SystemSnapshot:
    """Read every process, on threads that do not hold the GIL."""
    held = options_of(detail, proc, late, max_stall_ms)
    options = held[0]
    options.jobs = min(jobs or 0, 256)
    options.skip_kernel = skip_kernel
    options.cgroups = cgroups
    if progress is not None:
        tell = ffi.callback(
            "void(void *, size_t, size_t)", lambda _, done, total: progress(done, total)
        )
        options.progress = tell
    ret = ffi.new("struct memc_system **")
    err = ffi.new("struct memc_error *")
    if lib.memc_collect_all(options, ret, err) < 0:
        fail(err)
    return NativeSystem(ffi.gc(ret[0], lib.memc_system_destroy))


def type_names() -> tuple[str, ...]:
    """Return the names that the column `type` numbers."""
    names: list[str] = []
    while name := lib.memc_type_name(len(names)):
        names.append(ffi.string(name).decode())
    return tuple(names)


def fields() -> tuple[tuple[str, str, bool], ...]:
    """Return the C core's list of smaps fields, as ``memc.fields.FIELDS`` has it."""
    found: list[tuple[str, str, bool]] = []
    while (field := lib.memc_field(len(found))).key:
        key, name = ffi.string(field.key), ffi.string(field.name)
        found.append((key.decode(), name.decode(), field.kb))
    return tuple(found)


TYPE_NAMES = type_names()
