"""The native backend: the C core reads processes and text.

A snapshot in C owns its arrays and strings.  Python has a handle, which frees the
snapshot with the last reference to the handle.  Every view keeps the handle, so a
column may outlive its table.
"""

from __future__ import annotations

from os import fsencode

from memc.ffi.lib import fail, ffi, lib, text_of, words
from memc.read.options import Options
from memc.table.fields import U64_MAX
from memc.table.region import Note, Table
from memc.table.snapshot import Process, Reading, Skipped, Snapshot, SystemSnapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from memc.ffi.lib import CData
    from memc.pure.stats import Amounts
    from memc.read.native_repeat import Repeat
    from memc.read.native_stats import Stats
    from memc.table.columns import Columns

    # Options for C, the memory that they point to, and places for results.
    Held: TypeAlias = tuple[CData, CData, CData, CData]

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
NUMBERS = frozenset(Reading.KEPT) - {"as_of_ms", "totals"} | {"_rows"}
KINDS = {"maps": lib.MEMC_KIND_MAPS, "smaps": lib.MEMC_KIND_SMAPS}


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


def columns_of(handle: CData, rows: int) -> Columns:
    """Return the columns of a snapshot; each is wrapped at its first use."""
    from memc.read import native_columns  # only if somebody asks for columns

    return native_columns.columns_of(handle, rows)


class NativeTable(Table):
    """A table in the memory of C.  Its columns are wrapped at their first use."""

    __slots__ = ("_handle",)

    def __init__(self, handle: CData) -> None:
        self._rows = lib.memc_snapshot_rows(handle)
        self.notes = notes_of(handle)
        self._handle = handle

    def __getattr__(self, name: str) -> object:
        """Make `columns` at the first use."""
        if name == "columns":
            self.columns = columns_of(self._handle, self._rows)
            return self.columns
        raise AttributeError(f"a table has no {name!r}")

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
    """A snapshot whose JSON and Arrow streams C makes from its columns.

    All of it is in the memory of C, and of one time.  Python wraps the numbers of a
    reading, notes, columns and totals at their first use: most samples of a ring are
    dropped before anybody looks at them.
    """

    __slots__ = ("_handle",)

    __arrow_c_stream__ = NativeTable.__arrow_c_stream__
    __arrow_c_schema__ = NativeTable.__arrow_c_schema__

    def __init__(self, handle: CData) -> None:
        self._handle = handle

    def __getattr__(self, name: str) -> object:
        """Make what is asked for at the first use."""
        if name == "columns":
            self.columns = columns_of(self._handle, self._rows)
        elif name == "totals":
            self.totals = totals_of(self._handle)
        elif name == "notes":
            self.notes = notes_of(self._handle)
        elif name == "as_of_ms":  # a sampler asks for nothing else
            self.as_of_ms = lib.memc_snapshot_info(self._handle).as_of_ms or None
        elif name in NUMBERS:
            self._fill(lib.memc_snapshot_info(self._handle))
        else:
            raise AttributeError(f"a snapshot has no {name!r}")
        return getattr(self, name)

    def _fill(self, info: CData) -> None:
        self._rows = info.rows
        self.pid = info.pid
        self.name = text_of(info.name, info.name_len) if info.name else None
        self.started = info.started if info.has_started else None
        self.detail = DETAIL_NAMES[info.detail]
        self.timestamp_ms = info.timestamp_ms
        self.total_rss_kb = info.total_rss_kb if info.has_total_rss else None
        self.total_vsize_kb = info.total_vsize_kb if info.has_total_vsize else None
        self.same_memory_as = info.same_memory_as or None
        self.cost_ns = info.cost_ns
        self.bytes_read = info.bytes_read
        self.longest_read_ns = info.longest_read_ns

    def to_json(self, *, pretty: bool = False, full: bool = False) -> bytes:
        """Return the JSON document, without a newline at its end."""
        from memc.ffi.documents import json_of

        return json_of(lib.memc_snapshot_json, self._handle, pretty=pretty, full=full)

    def write_json(self, fd: int, *, pretty: bool = False, full: bool = False) -> None:
        """Write the bytes of `to_json` to an open file.  Raises OSError."""
        from memc.ffi.documents import write_json

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
        from memc.ffi.documents import json_of

        return json_of(lib.memc_system_json, self._handle, pretty=pretty, full=full)

    def write_json(self, fd: int, *, pretty: bool = False, full: bool = False) -> None:
        """Write the bytes of `to_json` to an open file.  Raises OSError."""
        from memc.ffi.documents import write_json

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
    """Return the options for C, what they point to, and places for results."""
    if "\0" in options.proc:
        raise ValueError("proc: embedded null byte")
    root = ffi.new("char[]", fsencode(options.proc))
    made = ffi.new("struct memc_options *")
    made.proc = root
    made.detail = DETAILS[options.detail]
    made.max_stall_ms = min(options.max_stall_ms or 0, U64_MAX)
    made.skip_kernel = options.skip_kernel
    made.cgroups = options.cgroups
    made.cmdlines = options.cmdlines
    made.jobs = min(options.jobs or 0, 256)
    made.keep_open = options.keep_open
    made.max_age_ms = min(options.max_age_ms, U64_MAX)
    set_once(made, options)
    ret = ffi.new("struct memc_snapshot **")
    err = ffi.new("struct memc_error *")
    return made, root, ret, err


def set_once(made: CData, options: Options) -> None:
    """Set what is for one reading."""
    after, last = options.after, options.last
    made.late = options.late
    made.after = after._handle if isinstance(after, NativeSnapshot) else ffi.NULL
    made.after_all = after._handle if isinstance(after, NativeSystem) else ffi.NULL
    if last is not None:
        made.last_stall_ns = last.longest_read_ns
        made.last_rss_kb = last.total_rss_kb or 0


def read(pid: int, held: Held) -> CData:
    """Read one process into a snapshot in C.  The GIL is free meanwhile."""
    options, _, ret, err = held
    if lib.memc_collect(pid, options, ret, err) < 0:
        fail(err)
    return ffi.gc(ret[0], lib.memc_snapshot_destroy)


def read_table(pid: int, kind: str, proc: str = "/proc") -> Table:
    """Read the file `kind` of one process, and nothing else."""
    held = options_of(Options(kind, proc=proc))
    held[0].regions_only = True  # a Table has no place for more
    return NativeTable(read(pid, held))


def collect(pid: int, options: Options) -> Snapshot:
    """Read one process.

    Raises ProcessGone, AccessDenied or another ProcessError, and MemcError if the root
    cannot be opened.
    """
    held: Held | None = options.held
    if held is None:
        held = options_of(options)
        held[0].identity = True
        if options.is_reused:
            options.held = held
    else:
        set_once(held[0], options)
    return NativeSnapshot(read(pid, held))


def repeat(pid: int, options: Options, interval_ns: int) -> Repeat:
    """Return what tells the last reading with `options` again at fixed times."""
    from memc.read.native_repeat import Repeat

    return Repeat(pid, options, interval_ns, NativeSnapshot)


def stats(root: int) -> Stats:
    """Return what reads the stat of processes in an open root again and again."""
    from memc.read.native_stats import Stats

    return Stats(root)


def amounts(files: Sequence[int]) -> list[Amounts | None]:
    """Return what `memc.pure.stats.amounts` does."""
    from memc.read import native_stats

    return native_stats.amounts(files)


def share_columns(snap: Snapshot, earlier: Snapshot | None) -> None:
    """Let a snapshot that nobody has used yet share what it can with an earlier one."""
    if isinstance(snap, NativeSnapshot):
        with_ = earlier._handle if isinstance(earlier, NativeSnapshot) else ffi.NULL
        lib.memc_snapshot_share(snap._handle, with_)


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


def fields() -> tuple[tuple[str, str, bool], ...]:
    """Return the C core's list of smaps fields, in the form of Python's `FIELDS`."""
    found: list[tuple[str, str, bool]] = []
    while (field := lib.memc_field(len(found))).key:
        key, name = ffi.string(field.key), ffi.string(field.name)
        found.append((key.decode(), name.decode(), field.kb))
    return tuple(found)
