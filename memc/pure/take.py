"""Read one process: which files are read, and whether they belong together."""

from __future__ import annotations

import time
from contextlib import suppress

from memc.errors import ProcessError, ProcessGone
from memc.proc.living import Living, look
from memc.proc.proof import Proof
from memc.proc.region_list import RegionList
from memc.pure import budget
from memc.pure.pagemap import (
    DETAILS as OF_PAGES,
    forget_pages,
    read_pages,
)
from memc.pure.rows import pss_of_smaps
from memc.pure.text import parse_live
from memc.pure.totals import read_sizes, read_totals, sum_column, sum_smaps, unread
from memc.table import notes as noted
from memc.table.region import Table
from memc.table.snapshot import Reading, Snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from memc.proc.files import ProcessFiles
    from memc.proc.witness import Witness
    from memc.read.options import Options
    from memc.table.region import Note

__all__ = ["Taken", "take", "take_table"]


class Taken:
    """What was read of a process."""

    __slots__ = ("cgroup", "cmdline", "notes", "reading", "table", "uid")

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.table = parse_live(b"", "maps")
        self.notes: tuple[Note, ...] = ()
        self.uid: int | None = None
        self.cgroup: str | None = None
        self.cmdline: str | None = None

    def is_cut(self) -> bool:
        """Tell whether a part is missing, or is of another memory."""
        return any(note.code == "cut" for note in self.notes)

    def cut(self) -> None:
        """Note that it is cut, and forget the amounts, which are wrong then."""
        reading = self.reading
        self.notes = (*self.notes, noted.cut())
        reading.total_rss_kb = reading.total_vsize_kb = None
        reading.totals = dict.fromkeys(reading.totals)
        if reading.detail in OF_PAGES and len(self.table):
            self.table = forget_pages(self.table, reading.detail)

    def snapshot(self, began_ns: int, witness: Witness | None) -> Snapshot:
        """Return the snapshot, which keeps the witness unless it is None."""
        self.reading.cost_ns = time.monotonic_ns() - began_ns
        notes = noted.in_order(self.notes)
        if witness is None or self.is_cut():
            return Snapshot(self.table, self.reading, notes)
        from memc.pure.again import KeptSnapshot

        return KeptSnapshot(
            self.table, self.reading, notes, began_ns=began_ns, witness=witness
        )


def take(files: ProcessFiles, options: Options, *, identity: bool = False) -> Taken:
    """Read a process, and again if it was cut.

    With `identity`, also the user, and the control group and the command line that the
    options ask for.  Raises ProcessError.
    """
    return _take(files, lambda: _take_once(files, options, identity=identity))


def take_table(files: ProcessFiles, kind: str) -> Table:
    """Read the file `kind` alone.  Raises ProcessError."""

    def take_regions() -> Taken:
        taken = Taken(Reading(files.pid, kind))
        _read_regions(files, taken)
        return taken

    taken = _take(files, take_regions)
    notes = noted.in_order(taken.notes)
    return Table(len(taken.table), taken.table.columns, notes)


def _take(files: ProcessFiles, take_once: Callable[[], Taken]) -> Taken:
    taken = _take_living(files, take_once)
    if taken.is_cut():
        files.use_process()
        with suppress(ProcessError):
            again = _take_living(files, take_once)
            if again.reading.has_memory and not again.is_cut():
                return again
    return taken


def _take_living(files: ProcessFiles, take_once: Callable[[], Taken]) -> Taken:
    """Read the process, or a living thread if the first one has ended."""
    taken = take_once()
    if taken.reading.has_memory:
        return taken
    living = look(files)
    if living is Living.THREAD:
        return take_once()
    if living is Living.GONE:
        pid = files.pid
        raise ProcessGone(f"process {pid}: ended while it was read", pid)
    if living is Living.ENDING:
        taken.cut()
    return taken


def _take_once(files: ProcessFiles, options: Options, *, identity: bool) -> Taken:
    reading = Reading(files.pid, options.detail, time.time_ns() // 1_000_000)
    taken = Taken(reading)
    with Proof(files, options.detail) as proof:
        reading.name, reading.started = files.identity()
        chosen = budget.choose(files, reading, options)
        if reading.detail in ("totals", "rollup"):
            _read_totals(files, taken)
        else:
            _read_regions(files, taken)
            reading.total_rss_kb = sum_column(taken.table, "rss_kb")
            if reading.total_rss_kb is None:
                read_sizes(files, reading, regions=len(taken.table))
        taken.notes += chosen
        if identity:
            taken.uid = files.uid()
            taken.cgroup = files.cgroup() if options.cgroups else None
            taken.cmdline = files.cmdline() if options.cmdlines else None
        if taken.is_cut() or not proof.holds():
            taken.cut()
    return taken


def _read_totals(files: ProcessFiles, taken: Taken) -> None:
    try:
        taken.notes += read_totals(files, taken.reading)
    except FileNotFoundError:
        taken.notes += _sum_smaps(files, taken.reading)


def _sum_smaps(files: ProcessFiles, reading: Reading) -> tuple[Note, ...]:
    """Sum the regions: Linux before 4.14 and gVisor have no smaps_rollup."""
    smaps = Taken(Reading(files.pid, "smaps"))
    try:
        _read_regions(files, smaps)
    except ProcessGone:
        return (noted.cut(),)
    except ProcessError as error:
        cause = error.__context__
        if not isinstance(cause, OSError):
            raise
        return (unread(files, reading, "smaps", cause),)
    sum_smaps(reading, smaps.table)
    reading.bytes_read = (reading.bytes_read or 0) + (smaps.reading.bytes_read or 0)
    reading.longest_read_ns = smaps.reading.longest_read_ns
    return tuple(note for note in smaps.notes if note.code == "cut")


def _read_regions(files: ProcessFiles, taken: Taken) -> None:
    """Read maps or smaps, and the page tables if the detail needs them."""
    reading = taken.reading
    smaps = reading.detail == "smaps" or reading.by_smaps
    kind = "smaps" if smaps else "maps"
    try:
        file = RegionList(files, kind)
    except OSError as error:
        # Linux 6.16.0 refuses to open the maps of a kernel thread (65c66047259f).
        if isinstance(error, ProcessLookupError) and files.statm():
            return
        raise files.explain(error, kind) from None
    with file:
        try:
            data = file.read(gentle=reading.by_smaps)
        except OSError as error:
            raise files.explain(error, kind) from None
        reading.count(data)
        reading.has_memory = bool(data)
        if kind == "smaps":
            reading.longest_read_ns = file.longest_read_ns
        taken.table = table = parse_live(data, kind)
        taken.notes += table.notes
        if reading.by_smaps:
            taken.table = pss_of_smaps(table)
        elif reading.detail in OF_PAGES and len(table):
            taken.table, why = read_pages(files, file.fd, table, reading.detail)
            taken.notes += why
        if data and not file.is_still_there():
            taken.notes += (noted.cut(),)
