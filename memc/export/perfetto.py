"""A trace for Perfetto: the regions of each process, and what each owner has in time.

A trace is a message of Google's protobuf format whose one field repeats.  So traces
may stand one behind the other, and that of one process is made and written at a time::

    process_tree      for each sample: the processes and their names
    smaps_packet      for each process: its regions, a column a field
    track_descriptor  once for each process, and for each of its counters
    track_event       for each sample: the value of a counter

The importer counts a packet as an error if a column that is set does not have as many
values as there are regions.  So a column in which a value is missing is left out whole.

Most of the bytes are names, and the counters of owners.  So an owner that has nothing
gets no counter before it has some, the number of a track is a varint of 7 bytes, and
the clock is told once.
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
    from collections.abc import Iterable, Iterator

    from memc.export.sample import Sample
    from memc.table.columns import Column
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
TRACK_BITS = 49  # a varint of 7 bytes; two of a million are the same in 1 of 1000
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
        """Yield the packets of a sample: the tree, then those of each process.

        Raises MemcError if an amount is more than a trace can hold.
        """
        targets = [target for target in sample.targets if target.sources]
        if not targets:
            return
        yield self._tree(targets, min(map(sample.time_of, targets)))
        for target in targets:
            trace = Trace()
            try:
                self._process(trace, target, sample.time_of(target))
            except ValueError as error:  # of protobuf: out of range
                raise MemcError(f"process {target.pid}: {error}") from None
            if trace.packet:
                yield trace.SerializeToString()

    def _packet(self, trace: Trace, t_ms: int | None = None) -> TracePacket:
        """Add a packet to a trace."""
        packet = trace.packet.add()
        packet.trusted_packet_sequence_id = SEQUENCE
        if t_ms is not None:
            packet.timestamp = t_ms * NS_PER_MS
        if not self._is_begun:
            self._is_begun = True
            packet.sequence_flags = TracePacket.SEQ_INCREMENTAL_STATE_CLEARED
            packet.trace_packet_defaults.timestamp_clock_id = CLOCK
        return packet

    def _tree(self, targets: list[Target], t_ms: int) -> bytes:
        trace = Trace()
        processes = self._packet(trace, t_ms).process_tree.processes
        for target in targets:
            process = processes.add(
                pid=self._pid(target), cmdline=[_name(target)], cmdline_is_comm=True
            )
            uid = target.facts.uid
            if uid is not None and uid <= I32_MAX:
                process.uid = uid
        data: bytes = trace.SerializeToString()
        return data

    def _process(self, trace: Trace, target: Target, t_ms: int) -> None:
        who = _key(target)
        told = t_ms, len(target.table)
        if self._told.get(who) == told:  # a recording tells it until it changes
            return
        self._told[who] = told
        if has_regions(target):
            self._smaps(trace, target, t_ms)
        counters = self._counters.get(who)
        if counters is None:
            counters = self._counters[who] = {}
            track = self._packet(trace).track_descriptor
            track.uuid = _uuid(*who)
            track.process.pid = self._pid(target)
            track.process.process_name = _name(target)
        self._count(trace, target, who, t_ms)

    def _smaps(self, trace: Trace, target: Target, t_ms: int) -> None:
        packet = self._packet(trace, t_ms).smaps_packet
        packet.pid = self._pid(target)
        entries = packet.packed_entries
        table = target.table
        ids, names = _names(table.columns["pathname"])
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

    # ---- Counters --------------------------------------------------------------------

    def _count(
        self, trace: Trace, target: Target, who: tuple[object, ...], t_ms: int
    ) -> None:
        """Add the value of each counter: of the process, and of each owner."""
        counters = self._counters[who]
        amounts = owners_of(target, self._name)
        total = amounts.pop("", None)
        if not target.is_sum:
            known = [*amounts.values()]
            total = None if None in known else sum(kb for kb in known if kb)
            gone = counters.keys() - amounts.keys() - {""}
            amounts |= dict.fromkeys(sorted(gone), 0)  # it has no such regions now
        parent = _uuid(*who)
        for owner, kb in {"": total, **amounts}.items():
            if kb is None:
                self.unknown.add(who)
                continue
            track = counters.get(owner)
            if track is None:
                if owner and not kb:
                    continue  # none before it has some
                track = counters[owner] = _uuid(parent, self._name, owner)
                self._counter(trace, track, parent, owner)
            event = self._packet(trace, t_ms).track_event
            event.type = TrackEvent.TYPE_COUNTER
            event.track_uuid = track
            event.counter_value = kb

    def _counter(self, trace: Trace, uuid: int, parent: int, owner: str) -> None:
        track = self._packet(trace).track_descriptor
        track.uuid = uuid
        track.parent_uuid = parent
        track.name = shown(f"{self._title}: {owner}" if owner else self._title)
        counter = track.counter
        counter.unit = CounterDescriptor.UNIT_SIZE_BYTES
        counter.unit_multiplier = KB

    def _pid(self, target: Target) -> int:
        if target.pid is not None:
            return target.pid
        return self.nameless.setdefault(
            target.file or "", FIRST_PID + len(self.nameless)
        )


def _names(paths: Column) -> tuple[list[int], Iterable[str]]:
    """Return the number of the name of each region, and the names by their numbers."""
    names = {"": 0}
    if paths.decode is None or paths.valid is not None:
        return [names.setdefault(shown(p or ""), len(names)) for p in paths], names
    stored = paths.values.tolist()
    numbers = dict.fromkeys(stored)
    texts = [*map(paths.decode, numbers)]
    known = {
        number: names.setdefault(shown(text), len(names))
        for number, text in zip(numbers, texts, strict=True)
    }
    return [*map(known.__getitem__, stored)], names


def _name(target: Target) -> str:
    base = (target.file or "").rstrip("/").rpartition("/")[2]
    return shown(target.name or base)


def _key(target: Target) -> tuple[object, ...]:
    """Return what tells a process from others, also one that has its pid later."""
    if target.pid is None:
        return ("file", target.file)
    return (target.pid, target.started)


def _uuid(*parts: object) -> int:
    """Return the number of a track: the same in traces that are joined."""
    data = "\0".join(map(str, parts)).encode("utf-8", "backslashreplace")
    number = int.from_bytes(blake2b(data, digest_size=8).digest())
    return number >> (64 - TRACK_BITS) or 1
