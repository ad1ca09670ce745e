"""A trace for Perfetto: the regions of each process, and what each owner has in time.

A trace is a message of Google's protobuf format whose one field repeats.  So packets
may stand one behind the other, and one is made and written at a time::

    process_tree      for each sample: the processes and their names
    smaps_packet      for each process: its regions, a column a field
    track_descriptor  once for each process, and for each of its counters
    track_event       for each sample: the value of a counter

The importer counts a packet as an error if a column that is set does not have as many
values as there are regions.  So a column in which a value is missing is left out whole.
"""

from __future__ import annotations

from hashlib import blake2b

from perfetto.protos.perfetto.trace.perfetto_trace_pb2 import (
    CounterDescriptor,
    Trace,
    TracePacket,
    TrackEvent,
)

from memc.errors import MemcError
from memc.export.sample import has_regions, owners_of
from memc.table.arrow_fields import shown
from memc.table.fields import U32_MAX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from memc.export.sample import Sample
    from memc.targets.target import Target

__all__ = ["COLUMNS", "Writer"]

# The columns of smaps_packet that memc has, by the same names.
COLUMNS = (
    "size_kb",
    "rss_kb",
    "anonymous_kb",
    "swap_kb",
    "shared_clean_kb",
    "shared_dirty_kb",
    "private_clean_kb",
    "private_dirty_kb",
    "locked_kb",
    "pss_kb",
    "pss_dirty_kb",
    "swap_pss_kb",
)
SEQUENCE = 1
CLOCK = 6  # BUILTIN_CLOCK_BOOTTIME, the clock of a trace; its times are Unix times here
NS_PER_MS = 1_000_000
KB = 1024
I32_MAX = U32_MAX >> 1
# What has no pid gets one that no kernel gives (PID_MAX_LIMIT in linux/threads.h).
FIRST_PID = (1 << 22) + 1


class Writer:
    """Makes the packets of a trace; counters tell the amount `name`, called `title`.

    `columns` counts the processes of which a column was left out as a value was
    missing, `unknown` the processes of which an owner does not tell the amount, and
    `nameless` has the number that stands for the pid of each file that tells none.
    """

    def __init__(self, name: str, title: str) -> None:
        self._name = name
        self._title = title
        self._is_begun = False
        self._counters: dict[tuple[object, ...], dict[str, int]] = {}
        self._told: dict[tuple[object, ...], tuple[int, int]] = {}
        self.columns: dict[str, int] = {}
        self.unknown: set[tuple[object, ...]] = set()
        self.nameless: dict[str, int] = {}

    def packets(self, sample: Sample) -> Iterator[bytes]:
        """Yield the packets of a sample.

        Raises MemcError if an amount is more than a trace can hold.
        """
        targets = [target for target in sample.targets if target.sources]
        if not targets:
            return
        yield self._tree(targets, min(map(sample.time_of, targets)))
        for target in targets:
            try:
                yield from self._process(target, sample.time_of(target))
            except ValueError as error:  # of protobuf: out of range
                raise MemcError(f"process {target.pid}: {error}") from None

    def _packet(self, t_ms: int | None = None) -> TracePacket:
        packet = TracePacket(trusted_packet_sequence_id=SEQUENCE)
        if t_ms is not None:
            packet.timestamp = t_ms * NS_PER_MS
            packet.timestamp_clock_id = CLOCK
        if not self._is_begun:
            self._is_begun = True
            packet.sequence_flags = TracePacket.SEQ_INCREMENTAL_STATE_CLEARED
        return packet

    def _tree(self, targets: list[Target], t_ms: int) -> bytes:
        packet = self._packet(t_ms)
        for target in targets:
            process = packet.process_tree.processes.add(
                pid=self._pid(target), cmdline=[_name(target)], cmdline_is_comm=True
            )
            uid = target.facts.uid
            if uid is not None and uid <= I32_MAX:
                process.uid = uid
        return _framed(packet)

    def _process(self, target: Target, t_ms: int) -> Iterator[bytes]:
        who = _key(target)
        told = t_ms, len(target.table)
        if self._told.get(who) == told:  # a recording tells it until it changes
            return
        self._told[who] = told
        if has_regions(target):
            yield self._smaps(target, t_ms)
        counters = self._counters.get(who)
        if counters is None:
            counters = self._counters[who] = {}
            yield self._process_track(target, who)
        yield from self._count(target, who, t_ms)

    def _smaps(self, target: Target, t_ms: int) -> bytes:
        packet = self._packet(t_ms)
        packet.smaps_packet.pid = self._pid(target)
        entries = packet.smaps_packet.packed_entries
        table = target.table
        names = {"": 0}
        paths = table.columns["pathname"]
        if paths.decode is None or paths.valid is not None:
            ids = [names.setdefault(shown(p or ""), len(names)) for p in paths]
        else:
            stored = paths.values.tolist()
            known = {
                n: names.setdefault(shown(paths.decode(n)), len(names))
                for n in dict.fromkeys(stored)
            }
            ids = [*map(known.__getitem__, stored)]
        entries.name_id.extend(ids)
        entries.string_table.extend(names)
        for name in COLUMNS:
            column = table.columns.get(name)
            if column is None:
                continue
            if column.missing:
                self.columns[name] = self.columns.get(name, 0) + 1
                continue
            getattr(entries, name).extend(column.values.tolist())
        return _framed(packet)

    # ---- Counters --------------------------------------------------------------------

    def _process_track(self, target: Target, who: tuple[object, ...]) -> bytes:
        packet = self._packet()
        track = packet.track_descriptor
        track.uuid = _uuid(who)
        track.process.pid = self._pid(target)
        track.process.process_name = _name(target)
        return _framed(packet)

    def _count(
        self, target: Target, who: tuple[object, ...], t_ms: int
    ) -> Iterator[bytes]:
        """Yield the value of each counter: of the process, and of each owner."""
        counters = self._counters[who]
        amounts = owners_of(target, self._name)
        total = amounts.pop("", None)
        if not target.is_sum:
            known = [*amounts.values()]
            total = None if None in known else sum(kb for kb in known if kb)
            gone = counters.keys() - amounts.keys() - {""}
            amounts |= dict.fromkeys(sorted(gone), 0)  # it has no such regions now
        for owner, kb in {"": total, **amounts}.items():
            if kb is None:
                self.unknown.add(who)
                continue
            if owner not in counters:
                counters[owner] = _uuid((*who, self._name, owner))
                yield self._counter(who, owner)
            packet = self._packet(t_ms)
            packet.track_event.type = TrackEvent.TYPE_COUNTER
            packet.track_event.track_uuid = counters[owner]
            packet.track_event.counter_value = kb
            yield _framed(packet)

    def _counter(self, who: tuple[object, ...], owner: str) -> bytes:
        packet = self._packet()
        track = packet.track_descriptor
        track.uuid = self._counters[who][owner]
        track.parent_uuid = _uuid(who)
        track.name = shown(f"{self._title}: {owner}" if owner else self._title)
        track.counter.unit = CounterDescriptor.UNIT_SIZE_BYTES
        track.counter.unit_multiplier = KB
        return _framed(packet)

    def _pid(self, target: Target) -> int:
        if target.pid is not None:
            return target.pid
        return self.nameless.setdefault(
            target.file or "", FIRST_PID + len(self.nameless)
        )


def _framed(packet: TracePacket) -> bytes:
    """Return a trace of this packet alone: traces are joined by standing together."""
    data: bytes = Trace(packet=[packet]).SerializeToString()
    return data


def _name(target: Target) -> str:
    base = (target.file or "").rstrip("/").rpartition("/")[2]
    return shown(target.name or base)


def _key(target: Target) -> tuple[object, ...]:
    """Return what tells a process from others, also one that has its pid later."""
    if target.pid is None:
        return ("file", target.file)
    return (target.pid, target.started)


def _uuid(parts: tuple[object, ...]) -> int:
    """Return the number of a track: the same in traces that are joined."""
    data = repr(parts).encode("utf-8", "backslashreplace")
    return int.from_bytes(blake2b(data, digest_size=8).digest()) or 1
