"""Load files: memc's own JSON, the text of maps or smaps, and copies of /proc."""

from __future__ import annotations

import os

from memc.errors import FormatError, MemcError
from memc.files.given import read_below, read_given
from memc.files.json_values import BLANKS
from memc.read.backend import backend
from memc.read.options import Options
from memc.table.fields import PID_MAX
from memc.table.snapshot import Process, Reading, Snapshot, SystemSnapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from memc.table.region import Table

    Loaded: TypeAlias = Snapshot | SystemSnapshot

__all__ = ["load"]


def load(path: str | os.PathLike[str]) -> Loaded | list[Loaded]:
    """Load the memory of processes from a file or a directory.

    The contents decide what is returned, not the name:

    - a JSON document of memc: a Snapshot, or a SystemSnapshot if ``--all`` made it;
    - several such documents one after another, as a stream writes them, compact or
      indented: a list of them;
    - the text of maps or smaps: a Snapshot;
    - a copy of /proc, or a directory with some of its numbered directories: a
      SystemSnapshot;
    - a copy of one numbered directory, with maps or smaps in it: a Snapshot.

    Facts that the file does not hold are None: the `pid` of a text, the `timestamp_ms`
    of a text or a directory, and the columns of a document without ``--full``.

    Raises FormatError, with file, line and column, if the contents are damaged or of
    another kind.  If a document is JSON but not memc's, the error has its first line
    and names the place in the document.  Raises MemcError for a directory that has none
    of these files, and OSError if the file cannot be read.
    """
    name = os.fspath(path)
    if os.path.isdir(name):
        return _load_directory(name)
    data = read_given(name)
    try:
        if data.lstrip(BLANKS)[:1] in (b"{", b"["):
            from memc.files.json_in import read_documents

            return read_documents(data)
        return _load_text(data)
    except FormatError as error:
        raise FormatError(error.what, error.line, error.column, name) from None


def _load_text(data: bytes) -> Snapshot:
    """Read the text of maps or smaps."""
    if not data.strip(BLANKS):
        raise FormatError("JSON of memc, or text of maps or smaps, not nothing", 1, 1)
    return _undated(backend().parse_text(data, "smaps", strict=True), None)


def _undated(table: Table, pid: int | None) -> Snapshot:
    """Return a snapshot of regions that were read at an unknown time."""
    if isinstance(table, Snapshot):
        reading = Reading(pid, table.detail)
        reading.name, reading.started = table.name, table.started
        reading.total_rss_kb = table.total_rss_kb
        reading.total_vsize_kb = table.total_vsize_kb
        reading.totals = table.totals
    else:
        reading = Reading(pid, "smaps" if "rss_kb" in table.columns else "maps")
        rss = table.columns.get("rss_kb")
        if rss is not None and rss.valid is None:
            reading.total_rss_kb = sum(rss.values)
    return Snapshot(table, reading)


# ---- Directories ---------------------------------------------------------------------


def _load_directory(path: str) -> Loaded:
    pids = [pid for pid in map(_pid_of, os.listdir(path)) if pid]
    if pids:
        return _load_tree(path, pids)
    kind = _kind_in(path)
    if kind is None:
        raise MemcError(
            f"{path}: expected maps or smaps, or numbered directories that have them"
        )
    file = os.path.join(path, kind)
    data = read_below(path, kind)
    try:
        table = backend().parse_text(data, kind, strict=True)
    except FormatError as error:
        raise FormatError(error.what, error.line, error.column, file) from None
    return _undated(table, _pid_of(os.path.basename(os.path.abspath(path))))


def _load_tree(path: str, pids: list[int]) -> SystemSnapshot:
    """Read every process: its smaps, or its maps if it has no smaps."""
    kinds = {pid: _kind_in(os.path.join(path, str(pid))) for pid in pids}
    detail = "smaps" if "smaps" in kinds.values() else "maps"
    read = backend().collect_all(_of_tree(detail, path))
    processes = {process.pid: process for process in read.processes}
    skipped = {skip.pid: skip for skip in read.skipped}
    if detail == "smaps" and any(kinds.get(pid) == "maps" for pid in skipped):
        for process in backend().collect_all(_of_tree("maps", path)).processes:
            if kinds.get(process.pid) == "maps" and process.pid in skipped:
                processes[process.pid] = process
                del skipped[process.pid]
    undated = tuple(
        Process(
            p.pid,
            p.name,
            _undated(p.snapshot, p.pid),
            uid=p.uid,
            started=p.started,
            cgroup=p.cgroup,
            cmdline=p.cmdline,
        )
        for _, p in sorted(processes.items())
    )
    return SystemSnapshot(None, undated, tuple(skipped.values()))


def _of_tree(detail: str, path: str) -> Options:
    return Options(detail, proc=path, cgroups=True, cmdlines=True)


def _kind_in(path: str) -> str | None:
    """Return which file with regions a process directory has, None if it has none."""
    for kind in ("smaps", "maps"):
        if os.path.lexists(os.path.join(path, kind)):
            return kind
    return None


def _pid_of(name: str) -> int | None:
    """Return the pid that a directory has as its name, None if it has another name."""
    if not (name.isascii() and name.isdigit()):
        return None
    return int(name) if 0 < int(name) <= PID_MAX else None
