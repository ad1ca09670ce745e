"""A trace for Perfetto, decoded by Google's protobufs, and the rules of its importer.

The rules are those of the importer of smaps_packet: a column that is set has as many
values as there are names, and each name is in the table of strings.
"""

import pytest
from google.protobuf.message import DecodeError
from perfetto.protos.perfetto.trace.perfetto_trace_pb2 import Trace
from support.made_targets import made

import memc
from memc.errors import MemcError
from memc.export.perfetto import COLUMNS, FIRST_PID, Writer
from memc.export.sample import Sample
from memc.targets.target import Target

T = 1_700_000_000_000


def trace(*samples, writer=None):
    writer = writer or Writer("rss_kb", "RSS")
    data = b"".join(packet for one in samples for packet in writer.packets(one))
    parsed = Trace.FromString(data)
    assert parsed.SerializeToString() == data
    return parsed


def smaps(parsed):
    return [
        (packet.smaps_packet, packet.timestamp)
        for packet in parsed.packet
        if packet.WhichOneof("data") == "smaps_packet"
    ]


def check(parsed):
    """Assert what the importer asks for."""
    uuids, clock = set(), None
    for packet in parsed.packet:
        kind = packet.WhichOneof("data")
        assert packet.trusted_packet_sequence_id == 1
        if packet.HasField("trace_packet_defaults"):
            clock = packet.trace_packet_defaults.timestamp_clock_id
        if kind == "smaps_packet":
            entries = packet.smaps_packet.packed_entries
            names = [*entries.string_table]
            assert names[0] == ""
            assert max(entries.name_id, default=0) < len(names)
            lengths = {len(getattr(entries, name)) for name in COLUMNS}
            assert lengths <= {0, len(entries.name_id)}
        if kind == "track_descriptor":
            track = packet.track_descriptor
            assert track.uuid not in uuids
            assert not track.parent_uuid or track.parent_uuid in uuids
            uuids.add(track.uuid)
        if kind == "track_event":
            assert packet.track_event.track_uuid in uuids
        if kind != "track_descriptor":
            assert (packet.timestamp_clock_id or clock) == 6
            assert packet.timestamp


def counters(parsed):
    """Give the values of each counter by its name, with its process."""
    names, found = {}, {}
    for packet in parsed.packet:
        track = packet.track_descriptor
        if packet.WhichOneof("data") == "track_descriptor":
            parent = names.get(track.parent_uuid, ("",))[0]
            names[track.uuid] = (parent or str(track.process.pid), track.name)
            if track.HasField("counter"):
                assert track.counter.unit_multiplier == 1024
        if packet.WhichOneof("data") == "track_event":
            event = packet.track_event
            who = names[event.track_uuid]
            found.setdefault(who, []).append(event.counter_value)
    return found


ROWS = [("/lib/a.so", 8, 12), ("", 4, 8), ("/lib/a.so", 0, 4), ("a\udcff", 1, 4)]


@pytest.mark.kernel
def test_sums_of_live_processes_are_equal():
    system = memc.snapshot_all(detail="smaps", skip_kernel=True)
    targets = [
        Target(p.snapshot, p.pid, p.name, proc="", file="", started=p.started)
        for p in system.processes
        if len(p.snapshot)
    ]
    parsed = trace(Sample(targets, T))
    check(parsed)
    for name in COLUMNS:
        told = {
            packet.pid: sum(getattr(packet.packed_entries, name))
            for packet, _ in smaps(parsed)
        }
        expected = {
            t.pid: sum(v for v in t.table.columns[name] or () if v is not None)
            for t in targets
            if name in t.table.columns and not t.table.columns[name].missing
        }
        assert {pid: told[pid] for pid in expected} == expected
    rss = {who: values for who, values in counters(parsed).items() if who[1] == "RSS"}
    sums = {
        (str(t.pid), "RSS"): [sum(t.table.columns["rss_kb"].values)] for t in targets
    }
    assert rss == sums


def test_names_are_replaced_and_each_stands_once():
    parsed = trace(Sample([made(ROWS)], T))
    check(parsed)
    ((packet, stamp),) = smaps(parsed)
    assert stamp == T * 1_000_000
    entries = packet.packed_entries
    names = [entries.string_table[i] for i in entries.name_id]
    assert names == ["/lib/a.so", "", "/lib/a.so", "a\ufffd"]
    assert len(entries.string_table) == 3
    assert [*entries.rss_kb] == [8, 4, 0, 1]


def test_column_with_a_missing_value_is_left_out_whole():
    writer = Writer("rss_kb", "RSS")
    target = made(ROWS, swap_kb=[1, None, 2, 3], pss_kb=[1, 1, 1, 1])
    parsed = trace(Sample([target], T), writer=writer)
    check(parsed)
    ((packet, _),) = smaps(parsed)
    assert not packet.packed_entries.swap_kb
    assert [*packet.packed_entries.pss_kb] == [1, 1, 1, 1]
    assert writer.columns == {"swap_kb": 1}


def test_unknown_amount_has_no_counter_and_is_counted():
    writer = Writer("pss_kb", "PSS")
    parsed = trace(Sample([made(ROWS)], T), writer=writer)
    check(parsed)
    assert counters(parsed) == {}
    assert len(writer.unknown) == 1


def test_owner_that_is_gone_is_zero_from_then_on():
    first = made([("/lib/a.so", 8, 12), ("[heap]", 4, 8)])
    then = made([("/lib/a.so", 8, 12)])
    owners = {owner.owner for owner in first.find_owners()}
    assert len(owners) == 2
    parsed = trace(Sample([first], T), Sample([then], T + 1000))
    check(parsed)
    found = counters(parsed)
    assert found["7", "RSS"] == [12, 8]
    assert sorted(values[1] for who, values in found.items() if who[1] != "RSS") == [
        0,
        8,
    ]


def test_owner_that_has_nothing_gets_a_counter_when_it_has_some():
    rows = [("/lib/a.so", 8, 12), ("[heap]", 0, 8)]
    later = [("/lib/a.so", 8, 12), ("[heap]", 4, 8)]
    samples = [Sample([made(one)], T + i) for i, one in enumerate((rows, later))]
    before = counters(trace(samples[0]))
    after = counters(trace(*samples))
    assert sorted(before.values()) == [[8], [8]]
    assert sorted(after.values()) == [[4], [8, 8], [8, 12]]


def test_process_that_has_nothing_is_zero():
    parsed = trace(Sample([made([("[heap]", 0, 8)])], T))
    check(parsed)
    assert counters(parsed) == {("7", "RSS"): [0]}


def test_another_process_with_the_pid_has_tracks_of_its_own():
    samples = [Sample([made(ROWS, started=s)], T + s) for s in (1, 2)]
    parsed = trace(*samples)
    check(parsed)
    tracks = [
        p.track_descriptor for p in parsed.packet if p.HasField("track_descriptor")
    ]
    assert sum(track.HasField("process") for track in tracks) == 2


def test_file_without_a_pid_gets_one_that_no_kernel_gives():
    writer = Writer("rss_kb", "RSS")
    texts = [made(ROWS, pid=None, name="", file=f"/x/{name}.txt") for name in "ab"]
    parsed = trace(Sample(texts, T), writer=writer)
    check(parsed)
    assert [packet.pid for packet, _ in smaps(parsed)] == [FIRST_PID, FIRST_PID + 1]
    assert writer.nameless == {"/x/a.txt": FIRST_PID, "/x/b.txt": FIRST_PID + 1}
    (tree,) = (p.process_tree for p in parsed.packet if p.HasField("process_tree"))
    assert [p.cmdline[0] for p in tree.processes] == ["a.txt", "b.txt"]


def test_traces_can_be_joined():
    parts = [
        b"".join(Writer("rss_kb", "RSS").packets(Sample([made(ROWS)], t)))
        for t in (T, T + 1)
    ]
    joined = Trace.FromString(b"".join(parts))
    tracks = [
        p.track_descriptor for p in joined.packet if p.HasField("track_descriptor")
    ]
    assert len(tracks) == 2 * len({track.uuid for track in tracks})


def test_amount_that_a_trace_cannot_hold_is_an_error():
    huge = (1 << 64) - 1
    with pytest.raises(MemcError, match="process 7"):
        trace(Sample([made([("", huge, 4)])], T))


def test_a_cut_trace_is_damaged():
    (first, *_) = Writer("rss_kb", "RSS").packets(Sample([made(ROWS)], T))
    with pytest.raises(DecodeError):
        Trace.FromString(first[:-1])
