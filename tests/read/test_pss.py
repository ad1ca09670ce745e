"""Detail "pss": the very Pss of smaps, without its stall.

A process of less than 100 MiB is read by smaps, which is as gentle then.  Larger ones
are made by a ballast, and read by pagemap and kpagecount: only root can.
"""

import json
import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from support import children, oracle
from support.boxes import AS_OTHERS, IS_ROOT, NOBODY, WITHOUT_RIGHTS
from support.cases import cases
from support.commands import COMMANDS
from support.pages import huge_pages, transparent_pages
from support.trees import PAGE_KB

pytestmark = pytest.mark.kernel

ROOT = pytest.mark.skipif(not IS_ROOT, reason="only root learns where pages are")
LIGHT, HEAVY = 0, 112 << 20
WEIGHT = pytest.mark.parametrize(
    "weight", [LIGHT, pytest.param(HEAVY, marks=ROOT)], ids=["light", "heavy"]
)
ATTEMPTS, DIFFERING = 50, 40
NO_RIGHT = (
    "pss_kb is unknown: kpagecount may be read by root with CAP_SYS_ADMIN; "
    "smaps and smaps_rollup tell PSS too, but can stall a large process"
)
TOLD = ("rss_kb", "pss_kb", "anon_huge_pages_kb", "file_kb", "hugetlb_kb")


def read_smaps(pid):
    """Give for each region what the detail must tell."""
    regions, _ = oracle.read(Path(f"/proc/{pid}/smaps").read_bytes())
    for region in regions:
        region["file_kb"] = region["rss_kb"] - region["anonymous_kb"]
        region["hugetlb_kb"] = (
            region["shared_hugetlb_kb"] + region["private_hugetlb_kb"]
        )
    return regions


def wrong(snap, before, after):
    """Give the regions of which the snapshot tells what smaps told neither time.

    What is mapped more often by others meanwhile lies between the two.
    """
    found = []
    for region, *told in zip(snap, before, after, strict=True):
        for name in TOLD:
            least, most = sorted(one[name] for one in told)
            if not least <= getattr(region, name) <= most:
                where = f"{region.start:x} {region.pathname}"
                found.append((where, name, getattr(region, name), least, most))
    return found


def snapshot_between(backend, pid):
    """Take a snapshot between two readings of smaps, and give what is wrong in it.

    A process that maps a page and ends in the meantime leaves no trace in smaps, and
    other tests start some all the time.  So a snapshot that differs is taken again; an
    amount that is wrong differs always.
    """
    always = None
    for _ in range(DIFFERING):
        before = read_smaps(pid)
        snap = backend.collect(pid, "pss")
        found = wrong(snap, before, read_smaps(pid))
        if always is None:
            always = {one[:2] for one in found}
        always &= {one[:2] for one in found}
        if not always:
            return snap, []
    return snap, [one for one in found if one[:2] in always]


def region_at(snap, address):
    return next(region for region in snap if region.start <= address < region.end)


def is_by_pages(snap):
    """Tell whether smaps was not read: it is far longer than maps."""
    return snap.bytes_read < 200 * len(snap)


@pytest.fixture(scope="module", params=[LIGHT, pytest.param(HEAVY, marks=ROOT)])
def kinds(request, tmp_path_factory):
    """Give a stopped process with every kind of memory."""
    folder = tmp_path_factory.mktemp("kinds")
    with huge_pages(2) as some:
        argv = ["kinds", folder, *["huge"] * some]
        program = children.script(*argv, ballast=request.param)
        child = program.__enter__()
    try:
        told = json.loads(child.stdout.readline())
        children.stop(child)
        yield SimpleNamespace(pid=child.pid, told=told, is_heavy=request.param > 0)
    finally:
        program.__exit__(None, None, None)


def test_every_region_is_what_smaps_says(backend, kinds):
    snap, found = snapshot_between(backend, kinds.pid)
    assert found == []
    assert snap.notes == ()
    assert is_by_pages(snap) == kinds.is_heavy


def test_sum_is_that_of_smaps_rollup(backend, kinds):
    """Each region is told in whole kB, the rollup sums parts of a byte."""
    for _ in range(DIFFERING):
        before, snap, after = (
            backend.collect(kinds.pid, detail) for detail in ("rollup", "pss", "rollup")
        )
        totals = sorted(snap.totals["pss_kb"] for snap in (before, after))
        total = sum(snap.columns["pss_kb"])
        if totals[0] - len(snap) <= total <= totals[1]:
            return
    assert totals[0] - len(snap) <= total <= totals[1]


# kind, what part of its pages, why
KINDS = [
    ("private", 1, "nobody else has it"),
    ("shared", 1, "nobody else has it"),
    ("private memfd", 1, "what is written is a copy"),
    ("file that is mapped twice", 2, "both maps are of this process"),
    ("zero page", 1, "it counts nowhere"),
    ("huge zero page", 1, "it counts nowhere"),
    ("huge", 1, "it is counted in small pages"),
    ("huge and split", 1, "a part is not there"),
    ("hugetlb", 1, "it is in no Pss"),
    ("1 TiB of which two pages are touched", 1, "a reservation is free"),
]


@cases(KINDS, why=2)
def test_each_kind_of_memory_counts_as_it_must(backend, kinds, case):
    kind, part, _ = case
    if kind not in kinds.told:
        pytest.skip("this kernel does not offer it")
    address, _ = kinds.told[kind]
    region = region_at(backend.collect(kinds.pid, "pss"), address)
    assert region.pss_kb == region.rss_kb // part


@WEIGHT
def test_memory_of_a_server_that_forked_is_divided(backend, weight):
    with children.script("forker", ballast=weight) as child:
        address, pages, own = json.loads(child.stdout.readline())
        most = max(written for _, written in own)
        for pid, written in own:
            snap, found = snapshot_between(backend, pid)
            assert found == []
            assert is_by_pages(snap) == (weight > 0)
            # The others share what the first child wrote to; all share the rest.
            first = most * PAGE_KB if written else most * PAGE_KB / 2
            rest = (pages - most) * PAGE_KB / 3
            assert region_at(snap, address).pss_kb == int(first + rest)


# What the child does, with which page of a huge page, and why.
PARTS = [
    (("none", 0), "no child"),
    (("has", 0), "the child has all of it"),
    (("split", 9), "small pages: the child keeps one"),
    (("keeps", 0), "the child keeps the first"),
    (("keeps", 9), "the child keeps another"),
    (("writes", 0), "the child has a copy of the first"),
    (("writes", 9), "the child has a copy of another"),
]


@WEIGHT
@cases(PARTS, why=1)
def test_parts_of_a_huge_page_are_counted_each(backend, case, weight):
    """pagemap tells of the first page alone whether others have it, too."""
    (word, page), _ = case
    with (
        transparent_pages() as there,
        children.script("huge", word, page, ballast=weight) as child,
    ):
        at = int(child.stdout.readline())
        if not there:
            pytest.skip("this machine gives no huge pages")
        snap, found = snapshot_between(backend, child.pid)
        assert found == []
        assert region_at(snap, at).rss_kb == 2048


@WEIGHT
def test_columns_are_those_of_both_ways_and_backends(backends, weight):
    with children.script("forker", ballast=weight) as child:
        ours, theirs = (backend.collect(child.pid, "pss") for backend in backends)
    assert list(ours.columns) == list(theirs.columns)
    assert list(ours.columns)[10:] == [
        *("rss_kb", "pss_kb", "anon_huge_pages_kb", "swap_kb"),
        *("uss_kb", "file_kb", "hugetlb_kb"),
    ]


@WEIGHT
def test_all_processes_are_read_so(backend, weight):
    with children.script("forker", ballast=weight) as child:
        system = backend.collect_all("pss")
        (snap,) = [p.snapshot for p in system.processes if p.pid == child.pid]
    assert snap.detail == "pss"
    assert None not in list(snap.columns["pss_kb"])


def collect(name, prefix, pid):
    """Let the command read a process with fewer rights; give its document."""
    result = COMMANDS[name](pid, "--pss", "--compact", "--full", prefix=prefix)
    assert result.status == 0
    return json.loads(result.out)


@pytest.fixture(params=COMMANDS)
def command(request):
    return request.param


@ROOT
def test_root_without_capabilities_is_told_what_is_missing(command):
    """kpagecount is open to it, but pagemap does not tell where pages are."""
    with children.script("forker", ballast=HEAVY, prefix=WITHOUT_RIGHTS) as child:
        document = collect(command, WITHOUT_RIGHTS, child.pid)
    assert [note["text"] for note in document["notes"]] == [NO_RIGHT]
    assert [note["code"] for note in document["notes"]] == ["denied"]
    assert {region["pss_kb"] for region in document["regions"]} == {None}
    assert all(region["uss_kb"] is not None for region in document["regions"])
    assert document["total_rss_kb"] > HEAVY // 1024


@AS_OTHERS
def test_another_user_is_told_what_is_missing_of_a_large_process(command):
    with children.script("forker", ballast=HEAVY, prefix=NOBODY) as child:
        document = collect(command, NOBODY, child.pid)
    assert [note["text"] for note in document["notes"]] == [NO_RIGHT]
    assert {region["pss_kb"] for region in document["regions"]} == {None}


@AS_OTHERS
def test_another_user_gets_the_pss_of_a_small_process(command):
    nobody = {"user": 65534, "group": 65534, "extra_groups": ()}
    with children.waiting(**nobody) as child:
        document = collect(command, NOBODY, child.pid)
    assert "notes" not in document
    assert all(region["pss_kb"] is not None for region in document["regions"])


@ROOT
def test_kpagecount_that_is_hidden_is_named(command):
    """The mount option subset=pid shows nothing but processes."""
    script = 'mount -t proc -o subset=pid proc /proc && exec "$@"'
    hidden = ("unshare", "--mount", "sh", "-c", script, "sh")
    with children.script("forker", ballast=HEAVY) as child:
        document = collect(command, hidden, child.pid)
    (note,) = document["notes"]
    assert note["code"] == "degraded"
    assert "has no kpagecount" in note["text"]
    assert {region["pss_kb"] for region in document["regions"]} == {None}


# The count of every page, what a shared page is worth, what is noted, and why.
COUNTS = [
    (0, 0, [], "no count: smaps does not count it either"),
    (1, 1, ["degraded"], "shared, and counted once: an average of a large folio"),
    (2, 1 / 2, [], "two processes"),
    (3, 1 / 3, [], "three processes"),
]


@ROOT
@pytest.mark.parametrize("command", ["native", "pure"])
@cases(COUNTS, why=3)
def test_what_the_kernel_counts_is_what_is_told(command, tmp_path, case):
    """Another file lies over kpagecount, in a world of its own."""
    count, worth, codes, _ = case
    made_up = tmp_path / "kpagecount"
    pages = os.sysconf("SC_PHYS_PAGES") + (1 << 20)  # below 4 GiB there are holes
    made_up.write_bytes(count.to_bytes(8, "little") * pages)
    script = f'mount --bind {made_up} /proc/kpagecount && exec "$@"'
    other = ("unshare", "--mount", "sh", "-c", script, "sh")
    with children.script("forker", ballast=HEAVY) as child:
        document = collect(command, other, child.pid)
    assert [note["code"] for note in document.get("notes", [])] == codes
    for region in document["regions"]:
        shared_kb = region["rss_kb"] - region["uss_kb"]
        if not region["anon_huge_pages_kb"]:
            told = region["uss_kb"] + shared_kb * worth
            assert region["pss_kb"] == pytest.approx(told, abs=1)


# Counts of pages by their number, then what is read again, what is told, and why.
WHOLE, PART = 4096 << 12, 4096 << 11
HERE, OWN = 1 << 63, 1 << 63 | 1 << 56
AGAIN = [
    ({5: 2}, HERE | 5, [], PART, "two processes have it"),
    ({5: 0, 6: 2}, HERE | 5, [HERE | 6], PART, "it moved"),
    ({5: 1}, HERE | 5, [OWN | 5], WHOLE, "the other one let it go"),
    ({5: 0}, HERE | 5, [OWN | 9], WHOLE, "it was copied"),
    ({5: 0}, HERE | 5, [0], 0, "it was given back, or the process has ended"),
    ({5: 0}, HERE | 5, [HERE | 5] * 3, 0, "the kernel counts it nowhere"),
    ({5: 0, 6: 0, 7: 4}, HERE | 5, [HERE | 6, HERE | 7], PART / 2, "it moved twice"),
]


@cases(AGAIN, why=4)
def test_page_that_does_not_go_with_its_count_is_looked_at_again(tmp_path, case):
    from memc.proc.pagecount import PageCounts

    counts, entry, again, told, _ = case
    numbers = [counts.get(i, 0) for i in range(10)]
    data = b"".join(number.to_bytes(8, "little") for number in numbers)
    (tmp_path / "kpagecount").write_bytes(data)
    root = os.open(tmp_path, os.O_RDONLY)
    found = PageCounts(root, is_copy=True)
    left = list(again)
    pss = found.pss([entry], 0, lambda _: left.pop(0), huge=False)
    found.close()
    os.close(root)
    assert (pss * 4 // PAGE_KB, left) == (told, [])
    assert found.notes() == ()


def test_process_that_changes_all_the_time_has_no_impossible_figures(backend):
    """What moves between two reads is looked at again."""
    with children.script("changer", ballast=HEAVY if IS_ROOT else LIGHT) as child:
        for _ in range(20):
            snap = backend.collect(child.pid, "pss")
            known = [(r.pss_kb, r.rss_kb) for r in snap if r.pss_kb is not None]
            assert all(0 <= pss <= rss for pss, rss in known)
