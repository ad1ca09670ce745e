"""The native backend: the C core reads processes and text.

A snapshot in C owns its arrays and strings.  Python has a handle, which frees the
snapshot with the last reference to the handle.  Every view keeps the handle, so a
column may outlive its table.
"""

from __future__ import annotations

from os import fsencode, strerror

from memc.ffi.lib import fail, ffi, lib, text_of, view, words
from memc.read.options import Options
from memc.table.columns import Column, Columns
from memc.table.fields import PERMS, U64_MAX
from memc.table.region import Note, Table
from memc.table.snapshot import Process, Reading, Skipped, Snapshot, SystemSnapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal, TypeAlias

    from memc.ffi.lib import CData
    from memc.table.columns import Value

    # Options for C, and the memory that they point to.
    Held: TypeAlias = tuple[CData, CData]

DETAILS = {
    "maps": lib.MEMC_DETAIL_MAPS,
    "smaps": lib.MEMC_DETAIL_SMAPS,
    "rss": lib.MEMC_DETAIL_RSS,
    "uss": lib.MEMC_DETAIL_USS,
    "pss": lib.MEMC_DETAIL_PSS,
    "totals": lib.MEMC_DETAIL_TOTALS,
    "rollup": lib.MEMC_DETAIL_ROLLUP,
}
DETAIL_NAMES = {number: name for name, number in DETAILS.items()}
KINDS = {"maps": lib.MEMC_KIND_MAPS, "smaps": lib.MEMC_KIND_SMAPS}
TYPECODES: dict[int, Literal["B", "I", "Q"]] = {1: "B", 4: "I", 8: "Q"}


class Strings:
    """The string pool of a snapshot; each string is decoded once, at its first use."""

    __slots__ = ("_bytes", "_decoded", "_flags", "_offsets")

    def __init__(self, handle: CData) -> None:
        pool = lib.memc_snapshot_strings(handle)
        self._offsets = view(handle, pool.offsets, (pool.count + 1) * 4).cast("I")
        self._bytes = view(handle, pool.bytes, self._offsets[pool.count])
        self._decoded: dict[int, str] = {}
        self._flags: dict[int, tuple[str, ...]] = {}

    def text(self, number: int) -> str:
        """Return string `number`; bytes not in UTF-8 become surrogate escapes."""
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


def decoder(unit: int, strings: Strings) -> Callable[[int], Value] | None:
    """Return the function that decodes stored numbers; None if none is needed."""
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
    """Return the columns of a snapshot; each is wrapped at its first use."""
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


def notes_of(handle: CData) -> tuple[Note, ...]:
    """Return the notes of a snapshot."""
    notes: list[Note] = []
    while (note := lib.memc_snapshot_note(handle, len(notes))).code:
        text = words(lib.memc_snapshot_note_text, handle, len(notes))
        notes.append(Note(ffi.string(note.code).decode(), note.count, text))
    return tuple(notes)


def totals_of(handle: CData) -> dict[str, int | None]:
    """Return the totals of a snapshot without regions; a value may be None."""
    totals: dict[str, int | None] = {}
    while (total := lib.memc_snapshot_total(handle, len(totals))).name:
        name = ffi.string(total.name).decode()
        totals[name] = total.value if total.known else None
    return totals


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
    """Let a C function write a document to an open file, 64 KiB at a time.

    Raises OSError if the file cannot be written.
    """
    options = ffi.new("struct memc_json_options *", {"pretty": pretty, "full": full})
    err = ffi.new("struct memc_error *")
    sink = ffi.addressof(lib, "memc_write_fd")
    if write(handle, options, sink, ffi.new("int *", fd), err) < 0:
        if err.status != lib.MEMC_ERR_SYSTEM:
            fail(err)
        raise OSError(err.sys_errno, strerror(err.sys_errno))


class NativeTable(Table):
    """A table in the memory of C."""

    __slots__ = ("_handle",)

    def __init__(self, handle: CData) -> None:
        rows = lib.memc_snapshot_rows(handle)
        super().__init__(rows, columns_of(handle, rows), notes_of(handle))
        self._handle = handle

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return the columns as an Arrow stream; integers are not copied."""
        from memc.ffi.capsules import stream_of

        del requested_schema
        return stream_of(lib.memc_snapshot_arrow_stream, self._handle)[0]

    def __arrow_c_schema__(self) -> object:
        """Return the schema of the stream."""
        from memc.ffi.capsules import schema_of

        return schema_of(lib.memc_snapshot_arrow_stream, self._handle)


class NativeSnapshot(Snapshot):
    """A snapshot whose JSON and Arrow streams C makes from its columns."""

    __slots__ = ("_handle",)

    __arrow_c_stream__ = NativeTable.__arrow_c_stream__
    __arrow_c_schema__ = NativeTable.__arrow_c_schema__

    def __init__(self, handle: CData) -> None:
        info = lib.memc_snapshot_info(handle)
        reading = Reading(info.pid, DETAIL_NAMES[info.detail], info.timestamp_ms)
        if info.name:
            reading.name = text_of(info.name, info.name_len)
        reading.started = info.started if info.has_started else None
        reading.total_rss_kb = info.total_rss_kb if info.has_total_rss else None
        reading.totals = totals_of(handle)
        reading.total_vsize_kb = info.total_vsize_kb if info.has_total_vsize else None
        reading.same_memory_as = info.same_memory_as or None
        reading.as_of_ms = info.as_of_ms or None
        reading.cost_ns = info.cost_ns
        reading.bytes_read = info.bytes_read
        reading.longest_read_ns = info.longest_read_ns
        super().__init__(NativeTable(handle), reading)
        self._handle = handle

    def told_again(self, handle: CData) -> NativeSnapshot:
        """Return the snapshot of `handle`, which tells this one again.

        It has the same columns, for to wrap them takes longer than to read.
        """
        made = object.__new__(NativeSnapshot)
        for name in Reading.KEPT:
            setattr(made, name, getattr(self, name))
        info = lib.memc_snapshot_info(handle)
        made.timestamp_ms, made.as_of_ms = info.timestamp_ms, info.as_of_ms
        made.cost_ns, made.bytes_read = info.cost_ns, info.bytes_read
        made.longest_read_ns = info.longest_read_ns
        made._rows, made.columns = self._rows, self.columns
        made.notes = notes_of(handle)
        made._handle = handle
        return made

    def to_json(self, *, pretty: bool = False, full: bool = False) -> bytes:
        """Return the JSON document, without a newline at its end."""
        return json_of(lib.memc_snapshot_json, self._handle, pretty=pretty, full=full)

    def write_json(self, fd: int, *, pretty: bool = False, full: bool = False) -> None:
        """Write the bytes of `to_json` to an open file.  Raises OSError."""
        write_json(lib.memc_snapshot_json, self._handle, fd, pretty=pretty, full=full)


class NativeSystem(SystemSnapshot):
    """A system snapshot in the memory of C.

    Its processes are wrapped at their first use, because a JSON document needs none.
    """

    __slots__ = ("_handle",)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return all regions as an Arrow stream; integers are not copied."""
        from memc.ffi.capsules import stream_of

        del requested_schema
        return stream_of(lib.memc_system_arrow_stream, self._handle)[0]

    def __arrow_c_schema__(self) -> object:
        """Return the schema of the stream."""
        from memc.ffi.capsules import schema_of

        return schema_of(lib.memc_system_arrow_stream, self._handle)

    def __init__(self, handle: CData, unread: tuple[str, ...]) -> None:
        self.unread = unread
        self.timestamp_ms = lib.memc_system_timestamp_ms(handle)
        self.notes = late_note(lib.memc_system_late(handle))
        self._handle = handle

    def __getattr__(self, name: str) -> object:
        """Make `processes` or `skipped` at the first use."""
        if name == "processes":
            handle = self._handle
            count = lib.memc_system_processes(handle)
            self.processes = tuple(process_of(handle, i) for i in range(count))
            return self.processes
        if name == "skipped":
            handle = self._handle
            count = lib.memc_system_skipped(handle)
            self.skipped = tuple(skipped_of(handle, i) for i in range(count))
            return self.skipped
        raise AttributeError(f"a system snapshot has no {name!r}")

    def to_json(self, *, pretty: bool = False, full: bool = False) -> bytes:
        """Return the JSON document, without a newline at its end."""
        return json_of(lib.memc_system_json, self._handle, pretty=pretty, full=full)

    def write_json(self, fd: int, *, pretty: bool = False, full: bool = False) -> None:
        """Write the bytes of `to_json` to an open file.  Raises OSError."""
        write_json(lib.memc_system_json, self._handle, fd, pretty=pretty, full=full)


def late_note(count: int) -> tuple[Note, ...]:
    """Return the note that samples were left out, if any were."""
    return (Note("late", count, words(lib.memc_late_text, count)),) if count else ()


def process_of(system: CData, i: int) -> Process:
    """Return process `i`, whose snapshot keeps the whole system alive."""
    entry = lib.memc_system_process(system, i)
    handle = ffi.gc(entry.snapshot, lambda _, system=system: None)  # noqa: ARG005
    cgroup = text_of(entry.cgroup, entry.cgroup_len) if entry.cgroup else None
    cmdline = text_of(entry.cmdline, entry.cmdline_len) if entry.cmdline else None
    return Process(
        entry.pid,
        text_of(entry.name, entry.name_len),
        NativeSnapshot(handle),
        uid=entry.uid if entry.has_uid else None,
        started=entry.started if entry.has_started else None,
        cgroup=cgroup,
        cmdline=cmdline,
    )


def skipped_of(system: CData, i: int) -> Skipped:
    """Return skipped process `i`."""
    entry = lib.memc_system_skip(system, i)
    name = text_of(entry.name, entry.name_len)
    error = ffi.new("struct memc_error *", entry.error)
    text = words(lib.memc_error_text, error)
    return Skipped(entry.pid, name, ffi.string(entry.reason).decode(), text)


def parse_text(
    data: bytes | bytearray | memoryview, kind: str, *, strict: bool
) -> Table:
    """Parse the text of maps or smaps.  The GIL is free meanwhile.

    Raises FormatError at a bad line if `strict`, and ValueError for another `kind`.
    """
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
    return NativeTable(ffi.gc(ret[0], lib.memc_snapshot_destroy))


def options_of(options: Options) -> Held:
    """Return the options for C, and the memory that they point to."""
    if "\0" in options.proc:
        raise ValueError("proc: embedded null byte")
    root = ffi.new("char[]", fsencode(options.proc))
    made = ffi.new("struct memc_options *")
    made.proc = root
    made.detail = DETAILS[options.detail]
    made.late = options.late
    made.max_stall_ms = min(options.max_stall_ms or 0, U64_MAX)
    made.skip_kernel = options.skip_kernel
    made.cgroups = options.cgroups
    made.cmdlines = options.cmdlines
    made.jobs = min(options.jobs or 0, 256)
    made.keep_open = options.keep_open
    made.max_age_ms = min(options.max_age_ms, U64_MAX)
    if isinstance(options.after, NativeSnapshot):
        made.after = options.after._handle
    elif isinstance(options.after, NativeSystem):
        made.after_all = options.after._handle
    last = options.last
    if last is not None:
        made.last_stall_ns = last.longest_read_ns
        made.last_rss_kb = last.total_rss_kb or 0
    return made, root


def read(pid: int, options: CData) -> CData:
    """Read one process into a snapshot in C.  The GIL is free meanwhile."""
    ret = ffi.new("struct memc_snapshot **")
    err = ffi.new("struct memc_error *")
    if lib.memc_collect(pid, options, ret, err) < 0:
        fail(err)
    return ffi.gc(ret[0], lib.memc_snapshot_destroy)


def read_table(pid: int, kind: str, proc: str = "/proc") -> Table:
    """Read the file `kind` of one process, and nothing else."""
    held = options_of(Options(kind, proc=proc))
    held[0].regions_only = True  # a Table has no place for more
    return NativeTable(read(pid, held[0]))


def collect(pid: int, options: Options) -> Snapshot:
    """Read one process.

    Raises ProcessGone, AccessDenied or another ProcessError, and MemcError if the root
    cannot be opened.
    """
    held = options_of(options)
    held[0].identity = True
    handle = read(pid, held[0])
    after = options.after
    if isinstance(after, NativeSnapshot) and lib.memc_snapshot_info(handle).as_of_ms:
        return after.told_again(handle)
    return NativeSnapshot(handle)


def collect_all(options: Options) -> SystemSnapshot:
    """Read every process, on threads that do not hold the GIL."""
    held = options_of(options)
    progress = options.progress
    if progress is not None:
        tell = ffi.callback(
            "void(void *, size_t, size_t)", lambda _, done, total: progress(done, total)
        )
        held[0].progress = tell
    ret = ffi.new("struct memc_system **")
    err = ffi.new("struct memc_error *")
    if lib.memc_collect_all(held[0], ret, err) < 0:
        fail(err)
    handle = ffi.gc(ret[0], lib.memc_system_destroy)
    return NativeSystem(handle, options.unread)


def type_names() -> tuple[str, ...]:
    """Return the names of types; the column `type` has indexes into them."""
    names: list[str] = []
    while name := lib.memc_type_name(len(names)):
        names.append(ffi.string(name).decode())
    return tuple(names)


def fields() -> tuple[tuple[str, str, bool], ...]:
    """Return the C core's list of smaps fields, in the form of Python's `FIELDS`."""
    found: list[tuple[str, str, bool]] = []
    while (field := lib.memc_field(len(found))).key:
        key, name = ffi.string(field.key), ffi.string(field.name)
        found.append((key.decode(), name.decode(), field.kb))
    return tuple(found)


TYPE_NAMES = type_names()
