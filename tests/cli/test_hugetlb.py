"""Pages of hugetlb stand beside RSS, PSS and USS, and count where memc judges."""

import json
import subprocess
import sys
from types import SimpleNamespace

import pytest
from support import arrow
from support.family import status
from support.pages import huge_pages
from support.readers import NATIVE, PURE
from support.trees import Tree

import memc
from memc.limits.gate import Gate
from memc.limits.limits import GrowthLimit
from memc.limits.meter import OF
from memc.targets.choice import Choice

HOLD = """
import ctypes, mmap, sys
memory = mmap.mmap(-1, 4 << 20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x40000)
memory[0] = 1
print("ready", flush=True)
sys.stdin.readline()
memory[2 << 20] = 1
print("grown", flush=True)
sys.stdin.readline()
"""
PAGE_KB = 2048
ROLLUP = b"""00400000-7ffc0000000 ---p 00000000 00:00 0    [rollup]
Rss: 64 kB
Pss: 64 kB
Private_Clean: 0 kB
Private_Dirty: 64 kB
Swap: 0 kB
"""
TEXT = b"""600000-800000 rw-p 00000000 00:0f 7   /anon_hugepage (deleted)
Rss:                   0 kB
Pss:                   0 kB
Private_Clean:         0 kB
Private_Dirty:         0 kB
Shared_Hugetlb:     1024 kB
Private_Hugetlb:    %5d kB
Swap:                  0 kB
900000-a00000 rw-p 00000000 00:00 0
Rss:                 512 kB
Pss:                 512 kB
Private_Clean:         0 kB
Private_Dirty:       512 kB
Shared_Hugetlb:        0 kB
Private_Hugetlb:       0 kB
Swap:                  0 kB
"""


def run(*words):
    command = [sys.executable, "-m", "memc", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return SimpleNamespace(status=done.returncode, out=done.stdout, err=done.stderr)


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "smaps.txt"
    path.write_bytes(TEXT % PAGE_KB)
    return path


@pytest.fixture
def holder():
    with huge_pages(2) as there:
        if not there:
            pytest.skip("huge pages need root and free memory")
        command = [sys.executable, "-c", HOLD]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as child:
            assert child.stdout.readline() == "ready\n"
            yield child
            child.kill()


def kb_of(pid, *options):
    return json.loads(run(pid, *options).out)


@pytest.mark.parametrize(
    "options", [("--uss",), ("--rss", "--full"), ("--smaps", "--full")]
)
def test_regions_tell_them_beside_rss(holder, options):
    found = kb_of(holder.pid, *options)["regions"]
    assert sum(region["hugetlb_kb"] for region in found) == PAGE_KB
    assert all(region["rss_kb"] == 0 for region in found if region["hugetlb_kb"])


def test_totals_tell_them(holder):
    assert kb_of(holder.pid, "--totals")["hugetlb_kb"] == PAGE_KB
    assert kb_of(holder.pid, "--totals", "--smaps")["hugetlb_kb"] == PAGE_KB


@pytest.mark.parametrize("detail", ["rss", "uss", "pss", "smaps"])
def test_arrow_and_load_carry_them(holder, tmp_path, detail):
    snap = memc.snapshot(holder.pid, detail=detail)
    fields, (batch,) = arrow.read(snap)
    assert ("hugetlb_kb", b"L", False) in fields
    assert batch["hugetlb_kb"] == list(snap.columns["hugetlb_kb"])
    assert sum(batch["hugetlb_kb"]) == PAGE_KB
    path = tmp_path / "saved.json"
    path.write_bytes(snap.to_json(full=True))
    loaded = memc.load(path)
    assert list(loaded.columns["hugetlb_kb"]) == list(snap.columns["hugetlb_kb"])
    assert sum(region.hugetlb_kb for region in loaded) == PAGE_KB


@pytest.mark.parametrize("what", ["rss", "pss", "uss"])
def test_limits_count_them_and_say_so(holder, text, what):
    for target in (holder.pid, text):
        found = run("check", target, f"--max-{what}", "1M")
        assert found.status == 1
        assert f"{what} with " in found.out
        assert "of hugetlb" in found.out


def test_growth_counts_them(holder):
    first = memc.snapshot(holder.pid, detail="smaps")
    holder.stdin.write("\n")
    holder.stdin.flush()
    holder.stdout.readline()
    found = memc.diff(first, memc.snapshot(holder.pid, detail="smaps"))
    assert found.growth("hugetlb") == PAGE_KB
    assert not found.is_same
    kinds = [change.kind for change in found if change.growth("hugetlb")]
    assert kinds == ["grew"]


def grown(status_of, *, reader, what, tmp_path):
    """Judge the growth of a made-up process that gets a page while the gate waits."""
    tree = Tree(tmp_path / "proc")
    folder = tree.add(5, status=status_of(0), smaps_rollup=ROLLUP)
    choice = Choice(proc=str(tree))
    choice.pids = [5]
    gate = Gate(choice, [GrowthLimit(what, 0, 1)], reader)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "memc.limits.readings.time.sleep",
            lambda _: (folder / "status").write_bytes(status_of(PAGE_KB)),
        )
        gate.run(apart_s=1, total=False)
    assert gate.errors == []
    return gate.checked


@pytest.mark.parametrize("reader", [NATIVE, PURE])
@pytest.mark.parametrize("what", ["rss", "pss", "uss", "swap"])
def test_growth_limits_count_them_and_say_so(tmp_path, reader, what):
    def status_of(kb):
        return status(0, 1) + b"VmSwap:\t0 kB\nHugetlbPages:\t%8d kB\n" % kb

    (checked,) = grown(status_of, reader=reader, what=what, tmp_path=tmp_path)
    counted = PAGE_KB * (what != "swap")
    assert (checked.value.kb, checked.hugetlb_kb) == (counted, counted)
    assert checked.is_over == (counted > 0)


def test_max_growth_judges_a_live_process(holder):
    found = run("check", holder.pid, "-v", "--max-growth", "9G/s", "--for", "1ms")
    assert found.status == 0
    assert "rss with 2.00 MiB of hugetlb " in found.out


def test_region_of_a_text_has_the_sum(text):
    for reader in (NATIVE, PURE):
        first, second = reader.parse_text(text.read_bytes(), "smaps", strict=True)
        assert (first.hugetlb_kb, second.hugetlb_kb) == (1024 + PAGE_KB, 0)
        maps = b"600000-800000 rw-p 00000000 00:00 0\n"
        assert reader.parse_text(maps, "maps", strict=True)[0].hugetlb_kb is None


@pytest.mark.parametrize("by", ["owner", "type", "path", "process", "region"])
def test_every_table_has_the_column_and_the_order_counts_them(text, by):
    found = run("show", text, "--by", by)
    head, first, *_ = found.out.splitlines()
    assert "HUGETLB" in head.split()
    assert "3.00M" in first
    assert "The order counts both" in found.out
    document = json.loads(run("show", text, "--by", by, "--json").out)
    assert document["groups"][0]["hugetlb_kb"] == 3072
    assert document["total"]["hugetlb_kb"] == 3072
    assert document["total"]["rss_kb"] == 512


def test_there_is_no_column_where_there_are_none(tmp_path):
    path = tmp_path / "none.txt"
    path.write_bytes((TEXT % 0).replace(b"1024", b"   0"))
    assert "HUGETLB" not in run("show", path).out


def test_diff_tells_the_growth(text, tmp_path):
    more = tmp_path / "more.txt"
    more.write_bytes(TEXT % (2 * PAGE_KB))
    found = run("diff", text, more)
    assert (found.status, "2.00M" in found.out) == (1, True)
    document = json.loads(run("diff", text, more, "--json").out)
    assert document["total"]["hugetlb_growth_kb"] == PAGE_KB
    assert document["changes"][0]["grew"] == 1


def test_plug_in_counts_them():
    assert all("hugetlb_kb" in names for names in OF.values())


def test_totals_in_a_file_have_the_column_and_count(holder, tmp_path):
    path = tmp_path / "totals.json"
    path.write_text(run(holder.pid, "--totals").out)
    document = json.loads(run("show", path, "--by", "process", "--json").out)
    assert document["groups"][0]["hugetlb_kb"] == PAGE_KB
    assert "HUGETLB" in run("show", path, "--by", "process").out
    found = run("check", path, "--max-rss", "1M")
    assert (found.status, "rss with 2.00 MiB of hugetlb" in found.out) == (1, True)
