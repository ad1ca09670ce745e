"""What goes into a lake: the samples in a file, each what was read at one time."""

from __future__ import annotations

import os
import time
from itertools import groupby

from memc.errors import FormatError, MemcError
from memc.files.recording.header import is_recording
from memc.fleet.sample import Key, Sample, check_time
from memc.table.snapshot import Snapshot, SystemSnapshot
from memc.targets.facts import facts_of
from memc.targets.target import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TypeAlias

    from memc.fleet.sample import Wanted

    Loaded: TypeAlias = Snapshot | SystemSnapshot

__all__ = ["samples_of", "samples_of_loaded"]

NS_PER_MS = 1_000_000
LARGE = 64 << 20  # a smaller file is read at once
STREAM = b'{"'  # how a line of a stream begins


def samples_of(
    path: str,
    host: str | None,
    *,
    every_ms: int | None = None,
    wanted: Wanted = lambda *_: True,
) -> Iterator[Sample]:
    """Yield the samples in a file or a folder that ``memc.load`` reads; "-" is stdin.

    Without `host` it is the one that a recording tells, or this machine.  With
    `every_ms` there is one sample in each such time; of a recording one a minute
    otherwise.  Samples that are not `wanted` are left out, before they are read if that
    is possible.

    Raises MemcError if the file is damaged, and OSError if it cannot be read.
    """
    if path != "-" and is_recording(path):
        from memc.fleet.sources_recorded import recorded

        yield from recorded(path, host, every_ms, wanted)
        return
    name = host or os.uname().nodename
    last_step = None
    for sample in samples_of_loaded(_loaded(path), name, _time_of(path), path):
        if every_ms is not None:
            step = sample.key.ts_ms // every_ms
            if step == last_step:
                continue
            last_step = step
        if wanted(sample.key, True):  # noqa: FBT003 - the type takes no names
            yield sample


def _time_of(path: str) -> int:
    """Return the time in ms of what tells none: that of the file, or now."""
    if path == "-":
        return time.time_ns() // NS_PER_MS
    return os.stat(path).st_mtime_ns // NS_PER_MS


# ---- Documents and texts -------------------------------------------------------------


def _loaded(path: str) -> Iterator[list[Loaded]]:
    """Yield what was read at one time, one after the other.

    A stream is read line by line: a day of it may be larger than the memory.
    """
    from memc.files.loading import load_snapshots

    if path != "-" and _is_stream(path):
        for number, line in enumerate(_lines(path), 1):
            if line.strip():
                yield [_document(line, number, path)]
        return
    loaded = load_snapshots("/dev/stdin" if path == "-" else path, strict=True)
    if not isinstance(loaded, list):
        yield [loaded]
    elif all(map(_is_undated, loaded)):
        yield loaded
    else:
        yield from ([one] for one in loaded)


def _is_stream(path: str) -> bool:
    """Tell whether the first line of a large file is a whole document of several."""
    import stat

    told = os.stat(path)
    if not stat.S_ISREG(told.st_mode) or told.st_size < LARGE:
        return False
    with open(path, "rb") as file:
        if file.read(len(STREAM)) != STREAM:
            return False
        file.seek(0)
        first = file.readline()
        return first.rstrip().endswith(b"}") and bool(file.read(1))


def _lines(path: str) -> Iterator[bytes]:
    with open(path, "rb") as file:
        yield from file


def _document(line: bytes, number: int, path: str) -> Loaded:
    from memc.files.documents import read_documents

    try:
        loaded = read_documents(line, strict=True)
    except FormatError as error:
        if line.endswith(b"\n"):
            raise FormatError(error.what, number, error.column, path) from None
        words = "its last line is not whole: add it again when nobody writes to it"
        raise MemcError(f"{path}: {words}") from None
    if isinstance(loaded, list):
        raise FormatError("one document on each line", number, 1, path)
    return loaded


def _is_undated(loaded: Loaded) -> bool:
    """Tell whether it is of a text: several in a file are of several processes."""
    return isinstance(loaded, Snapshot) and loaded.timestamp_ms is None


def samples_of_loaded(
    loaded: Iterable[list[Loaded]], host: str, otherwise_ms: int, path: str = ""
) -> Iterator[Sample]:
    """Yield the samples of documents; a process is in each time at most once.

    `otherwise_ms` is the time of those that tell none.
    """
    for ts_ms, group in groupby(loaded, key=lambda some: _ts_of(some, otherwise_ms)):
        check_time(ts_ms, path)
        parts: dict[str | None, list[Target]] = {}
        seen: set[tuple[int, int | None]] = set()
        for one in (one for some in group for one in some):
            for part, target in _targets(one, path):
                if target.pid is not None:
                    who = target.pid, target.started
                    if who in seen:
                        continue
                    seen.add(who)
                parts.setdefault(part, []).append(target)
        for part, targets in parts.items():
            yield Sample(Key(host, None, ts_ms, part), targets)


def _ts_of(some: list[Loaded], otherwise_ms: int) -> int:
    found = next((one.timestamp_ms for one in some if one.timestamp_ms), None)
    return otherwise_ms if found is None else found


def _targets(one: Loaded, path: str) -> Iterator[tuple[str | None, Target]]:
    """Yield the part of the host, and each process; a text is told by its contents."""
    if isinstance(one, SystemSnapshot):
        whole = None if one.timestamp_ms is not None else f"copy {_digest_all(one)}"
        for process in one.processes:
            snap = process.snapshot
            target = Target(
                snap,
                process.pid,
                process.name,
                proc="",
                file=path,
                started=process.started,
            )
            target.facts = facts_of(process)
            yield whole, target
        return
    target = Target(
        one, one.pid, one.name or "", proc="", file=path, started=one.started
    )
    part = f"process {one.pid}"
    if one.timestamp_ms is None:
        part = f"text {_digest(one)}"
    yield part, target


def _digest_all(system: SystemSnapshot) -> str:
    import hashlib

    parts = [f"{one.pid} {_digest(one.snapshot)}" for one in system.processes]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _digest(snap: Snapshot) -> str:
    """Return what tells a text from others of the same time: its contents."""
    import hashlib

    found = hashlib.sha256(repr((snap.pid, snap.detail, snap.total_rss_kb)).encode())
    for name in ("start", "end", "rss_kb"):
        if name in snap.columns:
            found.update(bytes(snap.columns[name].values))
    return found.hexdigest()[:16]
