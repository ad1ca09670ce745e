"""Files in: memc's own JSON, the text of maps or smaps, and copies of /proc."""

from __future__ import annotations

import os

from memc.errors import FormatError, MemcError
from memc.snapshot import PID_MAX, Process, Reading, Snapshot, SystemSnapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from memc.region import Table

    Loaded: TypeAlias = Snapshot | SystemSnapshot

__all__ = ["load"]

BLANKS = b" \t\r\n"


def load(path: str | os.PathLike[str]) -> Loaded | list[Loaded]:
    """Read a file or directory of any kind that tells of the memory of processes.

    What it is, is told by what it holds, not by its name:

    - JSON of memc: a Snapshot, or a SystemSnapshot of one made with ``--all``;
    - several such documents behind each other, as sampling writes them, a line each or
      pretty: a list of them;
    - the text of maps or smaps: a Snapshot;
    - a copy of /proc, or any directory that has some of its numbered ones: a
      SystemSnapshot; a copy of one of those, which has maps or smaps: a Snapshot.

    What the file does not tell is None: the `pid` of a text, the `timestamp_ms` of text
    and of directories, and the columns that a document without ``--full`` leaves out.

    Raises FormatError with file, line and column for what is none of these or damaged
    (of a document that is JSON but not memc's, its first line and the place in it),
    MemcError for a directory without any of the files, OSError for what cannot be read.
    """
    name = os.fspath(path)
    if os.path.isdir(name):
        return _load_directory(name)
    with open(name, "rb") as file:
        data = file.read()
    try:
        if data.lstrip(BLANKS)[:1] in (b"{", b"["):
            from memc._json_in import read_documents

            return read_documents(data)
        return _load_text(data)
    except FormatError as error:
        raise FormatError(error.what, error.line, error.column, name) from None


def _load_text(data: bytes) -> Snapshot:
    """Read the text of maps or smaps."""
    from memc._backend import backend

    if not data.strip(BLANKS):
        raise FormatError("JSON of memc, or text of maps or smaps, not nothing", 1, 1)
    return _undated(backend().parse_text(data, "smaps", strict=True), None)


def _undated(table: Table, pid: int | None) -> Snapshot:
    """Return a snapshot of regions of which it is not known when they were read."""
    if isinstance(table, Snapshot):
        reading = Reading(pid or 0, table.detail, 0)
        reading.total_rss_kb = table.total_rss_kb
        reading.total_vsize_kb = table.total_vsize_kb
        reading.totals = table.totals
    else:
        detail = "smaps" if "rss_kb" in table.columns else "maps"
        reading = Reading(pid or 0, detail, 0)
        rss = table.columns.get("rss_kb")
        if rss is not None and rss.valid is None:
            reading.total_rss_kb = sum(rss.values)
    snap = Snapshot(table, reading)
    snap.pid = pid
    snap.timestamp_ms = snap.cost_ns = snap.bytes_read = None
    return snap


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
    from memc._backend import backend

    file = os.path.join(path, kind)
    with open(file, "rb") as opened:
        data = opened.read()
    try:
        table = backend().parse_text(data, kind, strict=True)
    except FormatError as error:
        raise FormatError(error.what, error.line, error.column, file) from None
    return _undated(table, _pid_of(os.path.basename(os.path.abspath(path))))


def _load_tree(path: str, pids: list[int]) -> SystemSnapshot:
    """Read every process: smaps where any has it, maps of those that have only that."""
    from memc._backend import backend

    kinds = {pid: _kind_in(os.path.join(path, str(pid))) for pid in pids}
    detail = "smaps" if "smaps" in kinds.values() else "maps"
    read = backend().collect_all(
        detail, skip_kernel=False, jobs=None, proc=path, cgroups=True
    )
    processes = list(read.processes)
    skipped = []
    for skip in read.skipped:
        if detail == "smaps" and kinds.get(skip.pid) == "maps":
            snap = backend().collect(skip.pid, "maps", path)
            processes.append(Process(skip.pid, skip.name, snap))
        else:
            skipped.append(skip)
    processes.sort(key=lambda process: process.pid)
    undated = tuple(
        Process(p.pid, p.name, _undated(p.snapshot, p.pid), uid=p.uid, cgroup=p.cgroup)
        for p in processes
    )
    return SystemSnapshot(None, undated, tuple(skipped))


def _kind_in(path: str) -> str | None:
    """Return which file of regions the directory of a process has."""
    for kind in ("smaps", "maps"):
        if os.path.exists(os.path.join(path, kind)):
            return kind
    return None


def _pid_of(name: str) -> int | None:
    """Return the pid that a directory is called by."""
    if not (name.isascii() and name.isdigit()):
        return None
    return int(name) if 0 < int(name) <= PID_MAX else None
