"""The DataCollector: what the prior art's "Library API" shows, line by line."""

import orjson
import pytest
from support.cases import cases
from support.sampling import Seen, wait_for_end
from support.tables import rows
from support.text import page, record

import memc
from memc.errors import ProcessGone

HOUR_MS = 3_600_000


@pytest.fixture(params=["native", "pure"])
def proc(request, tree, monkeypatch):
    """Give a tree with process 7, for each backend."""
    monkeypatch.setenv("MEMC_BACKEND", request.param)
    tree.add(7, maps=page(1), smaps=record(0x1000, 0x3000, b"Rss: 8 kB"))
    return tree


@pytest.fixture
def make(proc):
    """Give a function that makes collectors of the tree; they are stopped in the end.

    A collector reads /proc: there is no argument for another root.
    """
    made = []

    def make(pid=7, **options):
        made.append(memc.DataCollector(pid, **options))
        made[-1].sampler.proc = str(proc)
        return made[-1]

    yield make
    for one in made:
        one.stop_sampling()
    wait_for_end()


def test_example_of_the_prior_art(make):
    collector = make(7, use_smaps=True)
    snapshot = collector.collect_once()
    assert collector.to_json(snapshot) == snapshot.to_json(pretty=True).decode()

    sampler = make(7, use_smaps=True, interval_ms=1, max_snapshots=100)
    seen = Seen()
    sampler.on_snapshot(lambda snap: seen(f"RSS: {snap.total_rss_kb} KB"))
    sampler.start_sampling()
    assert seen.wait(3) == ["RSS: 8 KB"] * 3
    sampler.stop_sampling()


def test_defaults_are_those_of_the_prior_art():
    collector = memc.DataCollector(7)
    sampler = collector.sampler
    found = (sampler.detail, sampler.interval_ms, sampler.max_snapshots)
    assert found == ("maps", 1000, 0)
    assert (collector.pid, collector.pretty_json, sampler.proc) == (7, True, "/proc")


# error, named, why, arguments
REFUSED = [
    (TypeError, "pid", "a pid that is no number", {"pid": "7"}),
    (ValueError, "pid", "pid 0", {"pid": 0}),
    (ValueError, "interval_ms", "no interval", {"interval_ms": 0}),
    (TypeError, "interval_ms", "no number", {"interval_ms": None}),
    (ValueError, "max_snapshots", "less than none", {"max_snapshots": -1}),
    (TypeError, "max_snapshots", "no number", {"max_snapshots": "all"}),
]


@cases(REFUSED, why=2)
def test_bad_argument_raises_and_is_named(case):
    error, named, _, arguments = case
    with pytest.raises(error, match=named):
        memc.DataCollector(**{"pid": 7, **arguments})


@pytest.mark.parametrize("use_smaps", [False, True])
def test_collect_once_is_a_snapshot_and_is_not_kept(make, proc, use_smaps):
    collector = make(use_smaps=use_smaps)
    snap = collector.collect_once()
    detail = "smaps" if use_smaps else "maps"
    assert (snap.pid, snap.detail) == (7, detail)
    assert rows(snap) == rows(memc.snapshot(7, detail=detail, proc=str(proc)))
    assert collector.get_all_snapshots() == []
    assert collector.get_latest_snapshot() is None


def test_collect_once_raises_where_the_prior_art_gave_nothing(make):
    with pytest.raises(ProcessGone, match="process 8: no such process"):
        make(8).collect_once()


@pytest.mark.parametrize("pretty", [True, False])
def test_to_json_is_text_and_pretty_unless_told(make, pretty):
    collector = make(pretty_json=pretty)
    snap = collector.collect_once()
    text = collector.to_json(snap)
    option = orjson.OPT_INDENT_2 if pretty else None
    assert text == orjson.dumps(orjson.loads(text), option=option).decode()
    assert text.encode() == snap.to_json(pretty=pretty)


def test_sampling_begins_and_ends_when_told(make):
    seen = Seen()
    collector = make(interval_ms=1)
    collector.on_snapshot(seen)
    assert not collector.is_sampling()
    collector.start_sampling()
    assert collector.is_sampling()
    seen.wait(2)
    collector.stop_sampling()
    assert not collector.is_sampling()
    taken = collector.get_all_snapshots()
    assert taken[:2] == seen.wait(2)
    assert collector.get_latest_snapshot() is taken[-1]


def test_callbacks_before_and_after_the_start_are_all_called(make):
    before, after = Seen(), Seen()
    collector = make(interval_ms=1)
    collector.on_snapshot(before)
    collector.start_sampling()
    before.wait(1)
    collector.on_snapshot(after)
    after.wait(2)
    before.wait(len(after.snapshots))


def test_the_last_snapshots_are_kept(make):
    seen = Seen()
    collector = make(interval_ms=1, max_snapshots=2)
    collector.on_snapshot(seen)
    with collector:
        seen.wait(5)
    kept = collector.get_all_snapshots()
    assert kept == collector.sampler.get_snapshots()
    assert (len(kept), collector.sampler.taken >= 5) == (2, True)


def test_context_manager_starts_and_stops(make):
    collector = make(interval_ms=HOUR_MS)
    with collector as same:
        assert same is collector
        assert collector.is_sampling()
    assert not collector.is_sampling()
    assert repr(collector) == (
        "<DataCollector with <Sampler of process 7: maps, every 3600000 ms, stopped>>"
    )


def test_no_process_to_start_with_raises(make):
    with pytest.raises(ProcessGone, match="process 8: no such process"):
        make(8).start_sampling()


def test_process_that_ends_ends_sampling(make, proc):
    collector = make(interval_ms=1)
    collector.on_snapshot(lambda _: proc.remove(7))
    collector.start_sampling()
    wait_for_end()
    assert not collector.is_sampling()
    assert len(collector.get_all_snapshots()) == 1
    assert isinstance(collector.sampler.error, ProcessGone)
