"""The trace of a bundle has the amounts and the owners of what was bundled."""

import pytest
from perfetto.protos.perfetto.trace.perfetto_trace_pb2 import Trace
from support.bundled import make
from support.cases import cases
from support.commands import COMMANDS

import memc
from memc.export.perfetto import COLUMNS

pytestmark = pytest.mark.kernel

ONCE = COMMANDS["python"]
# What other processes change, as they map and unmap the same files.
OTHERS = {
    "pss_kb",
    "pss_dirty_kb",
    "swap_pss_kb",
    "shared_clean_kb",
    "shared_dirty_kb",
    "private_clean_kb",
    "private_dirty_kb",
}


@pytest.fixture
def document(tmp_path, target):
    path = tmp_path / "process.json"
    assert ONCE(target, "--smaps", "--full", "-o", path).status == 0
    return path


def exported(what, out):
    """Return the columns of the regions, and the value of each counter by its name."""
    done = ONCE("export", what, "--to", "perfetto", "-o", out)
    assert (done.status, done.out) == (0, b""), done.err
    packets = Trace.FromString(out.read_bytes()).packet
    (smaps,) = (p.smaps_packet for p in packets if p.HasField("smaps_packet"))
    tracks = {
        p.track_descriptor.uuid: p.track_descriptor.name
        for p in packets
        if p.HasField("track_descriptor")
    }
    counters = {
        tracks[p.track_event.track_uuid]: p.track_event.counter_value
        for p in packets
        if p.HasField("track_event")
    }
    entries = smaps.packed_entries
    columns = {name: [*getattr(entries, name)] for name in COLUMNS}
    return smaps.pid, columns, counters


SOURCES = [
    ("target", OTHERS, "a process is read again for the bundle"),
    ("document", set(), "a document is read once"),
]


@cases(SOURCES, why=2)
def test_trace_of_a_bundle_is_that_of_its_source(request, tmp_path, case):
    what, others, _ = case
    source = request.getfixturevalue(what)
    bundle = tmp_path / "b.zip"
    make(bundle, source)
    pid, columns, counters = exported(source, tmp_path / "source.pftrace")
    again = exported(bundle, tmp_path / "bundle.pftrace")
    assert again[0] == pid
    for name in set(COLUMNS) - others:
        assert columns[name], name
        assert again[1][name] == columns[name], name
    assert len(counters) > 5
    assert again[2] == counters
    assert counters["RSS"] == sum(columns["rss_kb"])


def test_trace_of_a_bundle_of_all_has_each_process(tmp_path):
    bundle, out = tmp_path / "b.zip", tmp_path / "all.pftrace"
    make(bundle, "--all")
    done = ONCE("export", bundle, "--to", "perfetto", "-o", out)
    assert done.status == 0, done.err
    packets = Trace.FromString(out.read_bytes()).packet
    found = [p.smaps_packet for p in packets if p.HasField("smaps_packet")]
    sums = {smaps.pid: sum(smaps.packed_entries.rss_kb) for smaps in found}
    assert len(sums) == len(found)
    assert sums == {
        process.pid: process.snapshot.total_rss_kb
        for process in memc.load(bundle).processes
        if len(process.snapshot)
    }
