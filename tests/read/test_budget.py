"""The budget: what is read when smaps may hold up a process for too long."""

import os

import pytest
from support.cases import cases
from support.readers import PURE, READERS
from support.sampling import Seen
from support.text import page, record
from support.trees import PAGE_KB

import memc
from memc.sampling import source
from memc.table.snapshot import Reading, Snapshot

GIB_PAGES = (1 << 20) // PAGE_KB
NS_A_KB = 19
STATUS = b"RssAnon:\t5 kB\nThreads:\t1\n"
ROLLUP = b"Pss: 5 kB\nPrivate_Clean: 1 kB\nPrivate_Dirty: 2 kB\n"
GENTLER = {"smaps": "rss", "rollup": "totals"}
FILES = {"smaps": "smaps", "rollup": "smaps_rollup"}
DETAIL = pytest.mark.parametrize("detail", ["smaps", "rollup"])


def note(detail, stall_ms, budget_ms):
    text = (
        f"{FILES[detail]} was not read: it may hold up the process for about "
        f"{stall_ms} ms, and the budget is {budget_ms} ms; this is detail "
        f"{GENTLER[detail]}"
    )
    return ("degraded", 1, text)


def process(tree, *, pages, **files):
    """Make a process of so many resident pages."""
    statm = f"{2 * pages} {pages} 0 0 0 0 0\n".encode()
    given = {"maps": page(1), "smaps": record(4096, 8192, b"Rss: 4 kB")}
    more = {"status": STATUS, "smaps_rollup": ROLLUP, "statm": statm}
    tree.add(7, **{**given, **more, **files})
    return str(tree)


def last(*, rss_kb, stall_ns):
    """Give a snapshot taken before."""
    reading = Reading(7, "smaps", 0)
    reading.total_rss_kb, reading.longest_read_ns = rss_kb, stall_ns
    return Snapshot(memc.fallback.parse_maps_text(b""), reading)


# the stall reckoned in ms if it is over the budget, why, resident pages, budget in ms,
# and what the last read cost
CHOICES = [
    (None, "no budget", GIB_PAGES, None, None),
    (None, "a small process", 1000, 1, None),
    (19, "a GiB", GIB_PAGES, 10, None),
    (None, "a GiB within the budget", GIB_PAGES, 20, None),
    (None, "no more than the budget", GIB_PAGES, 19, None),
    (20401, "a TiB", 1024 * GIB_PAGES, 1000, None),
    (None, "it has cost less", GIB_PAGES, 10, (1 << 20, 4_000_000)),
    (40, "it has cost more", GIB_PAGES, 20, (1 << 20, 40_000_000)),
    (80, "it has grown since", 2 * GIB_PAGES, 50, (1 << 20, 40_000_000)),
    (None, "it has shrunk since", GIB_PAGES // 4, 10, (1 << 20, 40_000_000)),
    (19, "what it cost is not known", GIB_PAGES, 10, (1 << 20, 0)),
    (19, "what it had is not known", GIB_PAGES, 10, (None, 4_000_000)),
    (19, "it had nothing", GIB_PAGES, 10, (0, 4_000_000)),
]


@DETAIL
@cases(CHOICES, why=1)
def test_detail_is_chosen_by_size_and_by_what_it_cost(backend, tree, detail, case):
    stall_ms, _, pages, budget_ms, before = case
    proc = process(tree, pages=pages, pagemap=b"")
    told = before and last(rss_kb=before[0], stall_ns=before[1])
    snap = backend.collect(7, detail, proc, max_stall_ms=budget_ms, last=told)
    expected = [] if stall_ms is None else [note(detail, stall_ms, budget_ms)]
    assert expected == [(n.code, n.count, n.text) for n in snap.notes]
    assert snap.detail == (detail if stall_ms is None else GENTLER[detail])
    if budget_ms is not None:  # the next choice goes by it
        assert (snap.longest_read_ns > 0) == (stall_ms is None)


@pytest.mark.parametrize("detail", ["maps", "rss", "uss", "pss", "totals"])
def test_other_details_have_no_budget(backend, tree, detail):
    proc = process(tree, pages=GIB_PAGES)
    snap = backend.collect(7, detail, proc, max_stall_ms=1)
    assert snap.detail == detail
    assert not [n for n in snap.notes if "budget" in n.text]


def test_size_that_is_unknown_is_no_reason(backend, tree):
    proc = process(tree, pages=1, statm=None)
    assert backend.collect(7, "smaps", proc, max_stall_ms=1).detail == "smaps"


def test_totals_are_those_of_what_was_read(backend, tree):
    """Not of the statm that was looked at before."""
    proc = process(tree, pages=GIB_PAGES)
    snap = backend.collect(7, "smaps", proc, max_stall_ms=100)
    assert (snap.total_rss_kb, snap.total_vsize_kb) == (4, 4)
    statm = (tree.path / "7" / "statm").read_bytes()
    assert snap.bytes_read == len(statm) + (tree.path / "7" / "smaps").stat().st_size


def test_budget_holds_for_each_process_alone(backend, tree):
    process(tree, pages=GIB_PAGES)
    tree.add(9, maps=page(1), smaps=record(4096, 8192, b"Rss: 4 kB"))
    system = backend.collect_all(
        "smaps", skip_kernel=False, jobs=2, proc=str(tree), max_stall_ms=10
    )
    assert {p.pid: p.snapshot.detail for p in system.processes} == {
        7: "rss",
        9: "smaps",
    }


@pytest.mark.parametrize("name", ["native", "pure"])
def test_public_functions_take_a_budget(monkeypatch, tree, name):
    monkeypatch.setenv("MEMC_BACKEND", name)
    proc = process(tree, pages=GIB_PAGES)
    before = last(rss_kb=1 << 20, stall_ns=1_000_000)
    one = memc.snapshot(7, detail="smaps", proc=proc, max_stall_ms=10)
    again = memc.snapshot(7, detail="smaps", proc=proc, max_stall_ms=10, last=before)
    (every,) = memc.snapshot_all(detail="smaps", proc=proc, max_stall_ms=10).processes
    assert (one.detail, again.detail, every.snapshot.detail) == ("rss", "smaps", "rss")


@pytest.mark.parametrize("budget_ms", [0, -1])
def test_budget_of_nothing_is_refused(tree, budget_ms):
    with pytest.raises(ValueError, match="max_stall_ms: expected 1 or more"):
        memc.snapshot(7, detail="smaps", proc=str(tree), max_stall_ms=budget_ms)
    with pytest.raises(ValueError, match="max_stall_ms: expected 1 or more"):
        memc.snapshot_all(detail="smaps", proc=str(tree), max_stall_ms=budget_ms)


class Costly:
    """A backend whose reading of smaps holds up a process for 60 ms."""

    def __init__(self):
        self.told = []

    def collect(self, pid, options):
        before = options.last
        self.told.append(before and before.longest_read_ns)
        snap = PURE.collect(pid, options)
        if snap.detail == "smaps":
            snap.longest_read_ns = 60_000_000
            snap.total_rss_kb = 1 << 20
        return snap

    def share_columns(self, snap, earlier):
        PURE.share_columns(snap, earlier)


@pytest.mark.parametrize("budget_ms", [None, 30])
def test_sampler_reckons_by_the_last_snapshot_that_held_it_up(
    monkeypatch, tree, budget_ms
):
    """A gentler one in between says nothing of what smaps costs."""
    proc = process(tree, pages=GIB_PAGES)
    costly, seen = Costly(), Seen()
    monkeypatch.setattr(source, "backend", lambda: costly)
    options = {"detail": "smaps", "interval_ms": 1, "max_stall_ms": budget_ms}
    with memc.Sampler(7, proc=proc, **options) as running:
        running.on_snapshot(seen)
        snaps = seen.wait(3)
    assert running.max_stall_ms == budget_ms
    if budget_ms is None:
        assert {snap.detail for snap in snaps} == {"smaps"}
        assert set(costly.told) == {None}
    else:
        assert costly.told[0] is None
        assert set(costly.told[1:]) == {60_000_000}
        assert {snap.detail for snap in running.get_snapshots()[1:]} == {"rss"}


def test_sampler_refuses_a_budget_of_nothing():
    with pytest.raises(ValueError, match="max_stall_ms: expected 1 or more"):
        memc.Sampler(7, detail="smaps", max_stall_ms=0)


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_longest_read_of_smaps_is_measured_without_a_budget_too(reader):
    assert reader.collect(os.getpid(), "smaps").longest_read_ns > 0
    assert reader.collect(os.getpid(), "maps").longest_read_ns == 0
