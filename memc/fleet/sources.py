"""What goes into a lake: the samples in a file, each what was read at one time."""

from __future__ import annotations

import os
import time
from itertools import groupby

from memc.errors import FormatError, MemcError
from memc.files.recording.header import is_recording
from memc.table.snapshot import Snapshot, SystemSnapshot
from memc.targets.facts import facts_of
from memc.targets.target import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TypeAlias

    from memc.files.recording.recording import Recording

    Loaded: TypeAlias = Snapshot | SystemSnapshot
    # Tells whether a sample is wanted, which has regions or not.
    Wanted: TypeAlias = Callable[["Key", bool], bool]

__all__ = ["EVERY_MS", "Key", "Sample", "samples_of", "samples_of_loaded"]

EVERY_MS = 60_000  # of a recording
HOUR_MS = 3_600_000  # how often the regions of a recording are kept
NS_PER_MS = 1_000_000
LARGE = 64 << 20  # a smaller file is read at once
STREAM = b'{"'  # how a line of a stream begins
LAST_MS = 253402214400000  # the last day that datetime knows


class Key:
    """What a sample is of: the host, its boot, the time, and which part of it."""

    __slots__ = ("boot", "host", "part", "ts_ms")

    def __init__(
        self, host: str, boot: str | None, ts_ms: int, part: str | None
    ) -> None:
        self.host = host
        self.boot = boot
        self.ts_ms = ts_ms
        self.part = part

    def names(self) -> tuple[str, str | None, int, str | None]:
        """Return what tells it from others."""
        return self.host, self.boot, self.ts_ms, self.part


class Sample:
    """The processes of a host at one time.

    `has_regions` tells whether its regions are to be kept: those of `targets`, or of
    `framed` if that is not None.  `memory_kb` is the memory
    of the machine, None if the source does not tell it.
    """

    __slots__ = ("framed", "has_regions", "key", "memory_kb", "targets")

    def __init__(self, key: Key, targets: list[Target]) -> None:
        self.key = key
        self.targets = targets
        self.has_regions = True
        self.framed: list[Target] | None = None
        self.memory_kb: int | None = None


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
        yield from _recorded(path, host, every_ms or EVERY_MS, wanted)
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
        _check_time(ts_ms, path)
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


def _check_time(ts_ms: int, path: str) -> None:
    if not 0 <= ts_ms <= LAST_MS:
        where = f"{path}: " if path else ""
        raise MemcError(f"{where}a time of {ts_ms} ms is none of this calendar")


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


# ---- Recordings ----------------------------------------------------------------------

TICKS = """select segment, min(t_ms) t_ms from tick group by segment, t_ms / ?
union select segment, max(t_ms) from tick where segment=(select max(segment) from tick)
order by 1, 2"""
MEMORY = "select total_kb from machine where segment=? and t_ms<=? order by t_ms desc"


def _recorded(
    path: str, host: str | None, every_ms: int, wanted: Wanted
) -> Iterator[Sample]:
    from memc.fleet.given import host_name
    from memc.targets.choice import Choice
    from memc.targets.recorded import EACH, REGIONS, Recorded

    recorded = Recorded(path, Choice())
    last_hour: dict[str, int] = {}
    done: set[int] = set()
    with recorded.recording as recording:
        runs = {segment.id: segment.run for segment in recording.segments}
        for number, t_ms in _ticks(recording, every_ms):
            run = runs.get(number)
            if run is None or t_ms in done:
                continue
            done.add(t_ms)
            key = Key(host or _host_of(run.host, path, host_name), run.boot, t_ms, None)
            _check_time(t_ms, path)
            hour = t_ms // HOUR_MS
            has_regions = last_hour.get(run.boot) != hour
            last_hour[run.boot] = hour
            if not wanted(key, has_regions):
                continue
            sample = Sample(key, recorded.targets(t_ms, EACH))
            sample.has_regions = has_regions
            if has_regions:
                sample.framed = recorded.targets(t_ms, REGIONS)
            sample.memory_kb = _memory_kb(recording, number, t_ms)
            yield sample


def _ticks(recording: Recording, every_ms: int) -> list[tuple[int, int]]:
    found = recording.sql(TICKS, (every_ms,), timeout_s=600)
    return [(row[0], row[1]) for row in found]


def _memory_kb(recording: Recording, segment: int, t_ms: int) -> int | None:
    for row in recording.sql(f"{MEMORY} limit 1", (segment, t_ms)):
        return row[0] if isinstance(row[0], int) else None
    return None


def _host_of(told: str | None, path: str, check: Callable[[str], str]) -> str:
    try:
        return check(told or "")
    except ValueError:
        words = f"{path}: its host is {told!r}, which is no name for a folder"
        raise MemcError(f"{words}: give one with --host") from None
