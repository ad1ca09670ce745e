"""Load directories: a copy of /proc, and one of a process in it."""

from __future__ import annotations

import os

from memc.errors import FormatError, MemcError
from memc.files.given import read_below
from memc.files.undated import undated
from memc.read.backend import backend
from memc.read.options import Options
from memc.table.fields import PID_MAX
from memc.table.snapshot import Process, Snapshot, SystemSnapshot

__all__ = ["load_directory"]


def load_directory(path: str, *, strict: bool) -> Snapshot | SystemSnapshot:
    """Load a directory, as ``memc.load`` does."""
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
        table = backend().parse_text(data, kind, strict=strict)
    except FormatError as error:
        raise FormatError(error.what, error.line, error.column, file) from None
    return undated(table, _pid_of(os.path.basename(os.path.abspath(path))))


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
    found = tuple(
        Process(
            p.pid,
            p.name,
            undated(p.snapshot, p.pid),
            uid=p.uid,
            started=p.started,
            cgroup=p.cgroup,
            cmdline=p.cmdline,
        )
        for _, p in sorted(processes.items())
    )
    return SystemSnapshot(None, found, tuple(skipped.values()))


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
