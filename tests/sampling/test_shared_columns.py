"""Snapshots that a sampler keeps share what did not change, and tell what they told."""

from threading import Event

import pytest
from support import children
from support.arrow import read
from support.cases import cases
from support.readers import NATIVE
from support.text import record

import memc
from memc.ffi.lib import ffi


def text(*counts, first=1, name=b"", more=()):
    """Write a region of one page for each number, which is its RSS."""
    records = [
        record(i * 4096, (i + 1) * 4096, b"Rss: %d kB" % rss, *more, name=name)
        for i, rss in enumerate(counts, first)
    ]
    return b"".join(records)


def memory_of(view):
    return None if view is None else int(ffi.cast("uintptr_t", ffi.from_buffer(view)))


def places(snap):
    """Tell where the values of each column are."""
    return {
        name: (memory_of(column.values), memory_of(column.valid))
        for name, column in snap.columns.items()
    }


def told(snap):
    """Tell everything that a snapshot says."""
    rows = [[*column] for column in snap.columns.values()]
    return snap.to_json(full=True), rows, [*snap.columns], read(snap)


@pytest.fixture
def pair(backend, tree):
    """Give a function: read two texts of smaps, and let the second share."""

    def take(before, after):
        snaps = []
        for smaps in (before, after, after):
            tree.add(7, smaps=smaps)
            snaps.append(backend.collect(7, "smaps", proc=str(tree)))
            tree.remove(7)
        first, second, alone = snaps
        backend.share_columns(first, None)
        backend.share_columns(second, first)
        alone.timestamp_ms = None
        return first, second, alone

    return take


BEFORE = text(4, 0, 4)


@cases(
    [
        ({"rss_kb"}, BEFORE, text(4, 4, 4), "one amount"),
        (set(), BEFORE, BEFORE, "nothing"),
        ({"start", "end"}, BEFORE, text(4, 0, 4, first=2), "the addresses"),
        (None, BEFORE, text(4, 0, 4, 4), "one region more"),
        (None, BEFORE, text(4, 0), "one region less"),
        (None, BEFORE, b"", "all memory is gone"),
        (set(), b"", b"", "there was none"),
        ({"rss_kb"}, text(0, 0), text(0, 4), "an amount that was 0 in every region"),
        ({"rss_kb"}, text(4, 4), text(0, 0), "an amount that is 0 in every region"),
        (None, BEFORE, text(4, 0, 4, more=(b"Pss: 1 kB",)), "a field more"),
        (None, BEFORE, text(4, 0, 4, more=(b"X: 1 kB",)), "one memc does not know"),
        (
            None,
            text(4, 4, more=(b"X: 1 kB",)),
            text(4, 4, more=(b"Y: 1 kB",)),
            "another that memc does not know",
        ),
        (
            {"rss_kb"},
            text(4, 4) + record(1 << 20, 2 << 20, b"Rss: 0 kB"),
            text(4, 4) + record(1 << 20, 2 << 20),
            "a value that is missing now",
        ),
    ],
    why=3,
)
def test_only_what_changed_takes_memory(case, pair):
    changed, before, after, _ = case
    first, second, alone = pair(before, after)
    was, now = places(first), places(second)
    if changed is not None:
        assert {name for name in now if now[name] != was.get(name)} == changed
    assert told(second)[1:] == told(alone)[1:]


def test_another_name_with_the_same_number_is_not_shared(pair):
    first, second, _ = pair(text(4, name=b"/a"), text(4, name=b"/b"))
    assert [first[0].pathname, second[0].pathname] == ["/a", "/b"]


def test_columns_of_a_snapshot_that_are_equal_have_one_memory(tree):
    pss = text(4, 0, 4).replace(b"Rss: 4 kB", b"Rss: 4 kB\nPss: 4 kB")
    tree.add(7, smaps=pss.replace(b"Rss: 0 kB", b"Rss: 0 kB\nPss: 0 kB"))
    snap, alone = (NATIVE.collect(7, "smaps", proc=str(tree)) for _ in range(2))
    NATIVE.share_columns(snap, None)
    found = places(snap)
    assert found["rss_kb"] == found["pss_kb"] != found["size_kb"]
    assert [*snap.columns["rss_kb"]] == [*snap.columns["pss_kb"]] == [4, 0, 4]
    assert told(snap)[1:] == told(alone)[1:]


def test_what_is_shared_outlives_the_snapshot_that_had_it_first(pair):
    first, second, alone = pair(BEFORE, text(4, 4, 4))
    values = first.columns["start"].values
    stream = first.__arrow_c_stream__()
    del first
    assert told(second)[1:] == told(alone)[1:]
    assert [*values] == [*second.columns["start"].values]
    del second, stream
    assert [*values] == [4096, 8192, 12288]


def test_what_a_sampler_keeps_shares_its_memory():
    with children.waiting() as child:
        sampler = memc.Sampler(child.pid, detail="smaps", interval_ms=1)
        is_enough = Event()
        sampler.on_snapshot(lambda _: sampler.taken < 5 or is_enough.set())
        with sampler:
            assert is_enough.wait(30)
        kept = sampler.get_snapshots()
    fresh = [snap for snap in kept if len(snap) == len(kept[-1])]
    assert len({places(snap)["start"] for snap in fresh}) < len(fresh)
    assert {snap.pid for snap in kept} == {child.pid}
