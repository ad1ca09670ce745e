"""Every snapshot is of one memory: that of the process, wherever it is."""

from pathlib import Path

import orjson
import pytest
from support import children
from support.text import page, record
from support.tracer import Reader
from support.trees import PAGE_KB
from support.words import but_swap

pytestmark = pytest.mark.kernel

DETAILS = ["maps", "smaps", "rss", "uss", "pss", "totals", "rollup"]
DETAIL = pytest.mark.parametrize("detail", DETAILS)
OPTIONS = {
    "maps": [],
    "smaps": ["--smaps"],
    "rss": ["--rss"],
    "uss": ["--uss"],
    "pss": ["--pss"],
    "totals": ["--totals"],
    "rollup": ["--totals", "--smaps"],
}
# pid, name, state, 5 numbers, flags, 10 numbers, threads, 0, start time
STAT = b"7 (made-up) %s 1 1 1 0 -1 %d 0 0 0 0 0 0 0 0 20 0 %d 0 4711\n"
NOTHING = {"maps": b"", "smaps": b"", "statm": b"0 0 0 0 0 0 0\n"}
NO_SIZES = b"Threads:\t1\n"
SIZES = b"VmSize:\t  8 kB\nVmRSS:\t  4 kB\nThreads:\t2\n"
PF_EXITING, PF_KTHREAD = 0x4, 0x200000


# ---- the first thread has ended ------------------------------------------------------


@pytest.fixture(scope="module")
def leaderless():
    with children.script("leaderless") as child:
        yield child.pid


@DETAIL
def test_a_living_thread_tells_what_the_first_one_does_not(backend, leaderless, detail):
    snap = backend.collect(leaderless, detail)
    assert snap.total_rss_kb > 32 << 10
    assert snap.total_vsize_kb > 32 << 10
    assert but_swap(snap.notes) == []
    assert bool(len(snap)) == (detail not in ("totals", "rollup"))
    assert snap.started == backend.collect(leaderless, "totals").started
    assert snap.name == Path(f"/proc/{leaderless}/comm").read_text()[:-1]


@DETAIL
def test_it_is_among_all_processes_with_memory(memc, leaderless, detail):
    result = memc("--all", "--skip-kernel", *OPTIONS[detail], "--compact", "--full")
    found = {p["pid"]: p for p in orjson.loads(result.out)["processes"]}
    assert found[leaderless]["snapshot"]["total_rss_kb"] > 32 << 10
    assert "leaderless" in found[leaderless]["cmdline"]


def test_tables_of_it_are_read_too(backend, leaderless):
    for kind in ("maps", "smaps"):
        assert len(backend.read_table(leaderless, kind)) > 20


def test_a_sampler_follows_it(leaderless):
    from memc import Sampler

    found = []
    with Sampler(leaderless, detail="totals", interval_ms=20) as sampler:
        sampler.on_snapshot(found.append)
        children.wait_until(lambda: len(found) > 2 or sampler.error)
    assert sampler.error is None
    assert min(snap.total_rss_kb for snap in found) > 32 << 10


@DETAIL
def test_a_copied_tree_may_have_the_thread(backend, tree, detail):
    folder = tree.add(7, **NOTHING, stat=STAT % (b"Z", 4, 2), status=NO_SIZES)
    for tid, files in (
        (7, {}),
        (8, {}),
        (9, {"maps": page(1), "smaps": record(4096, 8192, b"Rss: 4 kB")}),
    ):
        (folder / "task" / str(tid)).mkdir(parents=True)
        sizes = {"statm": b"2 1 0 0 0 0 0\n", "status": SIZES} if files else {}
        for name, data in {**NOTHING, **files, **sizes}.items():
            (folder / "task" / str(tid) / name).write_bytes(data)
    snap = backend.collect(7, detail, str(tree))
    assert (snap.name, snap.started) == ("made-up", 4711)
    assert snap.total_rss_kb == {"smaps": 4, "totals": 4, "rollup": 4}.get(
        detail, PAGE_KB
    )


# ---- no memory, or not any more ------------------------------------------------------

# rss, codes of notes, whether it is among those with memory, stat, why
STATES = [
    (0, [], False, STAT % (b"S", PF_KTHREAD, 1), "a kernel thread"),
    (0, [], False, STAT % (b"Z", PF_EXITING, 1), "a zombie: all is freed"),
    (None, ["cut"], True, STAT % (b"R", PF_EXITING, 1), "it is being torn down"),
    (None, ["cut"], True, STAT % (b"Z", PF_EXITING, 3), "its threads are torn down"),
    (0, [], False, STAT % (b"S", 0, 1), "it unmapped everything"),
]


@DETAIL
@pytest.mark.parametrize("case", STATES, ids=[case[-1] for case in STATES])
def test_no_memory_is_told_from_memory_that_is_not_told(backend, tree, detail, case):
    rss_kb, codes, is_kept, stat, _ = case
    tree.add(7, **NOTHING, stat=stat, status=NO_SIZES)
    snap = backend.collect(7, detail, str(tree))
    codes_found = [n.code for n in snap.notes if n.code != "degraded"]
    assert (snap.total_rss_kb, codes_found) == (rss_kb, codes)
    assert snap.total_vsize_kb == rss_kb
    system = backend.collect_all(detail, proc=str(tree), skip_kernel=True)
    assert [p.pid for p in system.processes] == [7] * is_kept


# ---- between vfork and exec ----------------------------------------------------------

OPENS = {
    "maps": ["maps", "statm"],
    "smaps": ["smaps"],
    "rss": ["maps", "pagemap"],
    "uss": ["maps", "pagemap"],
    "pss": ["smaps"],
    "rollup": ["status", "smaps_rollup"],
}
PLACES = [(detail, file) for detail, files in OPENS.items() for file in files]


@pytest.mark.parametrize(("detail", "file"), PLACES)
def test_layout_and_amounts_are_of_one_program(memc, tmp_path, detail, file):
    """The child calls exec when the file is about to be opened."""
    with children.between_vfork_and_exec(tmp_path) as (_, child, go_on):
        argv = [*OPTIONS[detail], "--compact", "--full"]
        with Reader(memc, child, *argv) as reader:
            reader.run_until(f"/proc/{child}/{file}")
            go_on()
            status, out, err = reader.finish()
    assert (status, err) == (0, b"")
    document = orjson.loads(out)
    assert document.get("notes") is None
    assert document.get("region_count", 0) < 200
    assert 0 < document["total_rss_kb"] < 8 << 10
    assert document["name"] == "sh"


def test_a_child_that_waits_is_told_as_it_is(backend, tmp_path):
    with children.between_vfork_and_exec(tmp_path) as (parent, child, _):
        snap = backend.collect(child, "rss")
        of_parent = backend.collect(parent.pid, "rss")
    assert list(snap.columns["start"]) == list(of_parent.columns["start"])
    assert snap.notes == ()


# ---- what statm or smaps_rollup would tell -------------------------------------------


@pytest.mark.parametrize("detail", ["maps", "totals"])
@pytest.mark.parametrize("statm", [None, b"", b"none\n"])
def test_status_tells_the_sizes_if_statm_does_not(backend, tree, detail, statm):
    tree.add(7, maps=page(1), statm=statm, status=SIZES)
    snap = backend.collect(7, detail, str(tree))
    assert snap.total_rss_kb == 4


def test_smaps_is_summed_without_smaps_rollup(backend, tree):
    lines = (b"Rss: 4 kB", b"Pss: 3 kB", b"Private_Clean: 1 kB", b"Private_Dirty: 2 kB")
    smaps = record(4096, 8192, *lines) + record(8192, 12288, *lines)
    tree.add(7, smaps=smaps, status=SIZES)
    snap = backend.collect(7, "rollup", str(tree))
    assert snap.totals["pss_kb"] == 6
    assert snap.totals["uss_kb"] == 6
    assert snap.notes == ()


def test_a_region_without_pss_leaves_the_sum_unknown(backend, tree):
    smaps = record(4096, 8192, b"Rss: 4 kB", b"Pss: 3 kB") + record(
        8192, 12288, b"Rss: 4 kB"
    )
    tree.add(7, smaps=smaps, status=SIZES)
    snap = backend.collect(7, "rollup", str(tree))
    assert (snap.totals["pss_kb"], snap.totals["uss_kb"]) == (None, None)


def test_check_judges_without_smaps_rollup(memc, tree):
    lines = (b"Rss: 4 kB", b"Pss: 3 kB", b"Private_Clean: 1 kB", b"Private_Dirty: 2 kB")
    tree.add(7, smaps=record(4096, 8192, *lines), status=SIZES)
    limits = ["--max-pss", "2K", "--max-uss", "3K"]
    result = memc("check", "7", "--proc", str(tree), *limits)
    assert result.status == 1
    assert b"pss" in result.out + result.err
