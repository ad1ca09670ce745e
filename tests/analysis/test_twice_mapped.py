"""What a process maps more than once is not private by the kernel's rule: memc says so.

Row A7 of the trials of truth.
"""

import json
import subprocess
import sys
from types import SimpleNamespace
from unittest import mock

import pytest
from hypothesis import given, strategies as st
from support import children
from support.cases import cases
from support.readers import PURE

import memc
from memc.analysis.twice_mapped import footnote, note, twice_mapped
from memc.targets.target import Target

TWICE_KB, ONCE_KB = 8192, 4096
RING = "/memfd:mapped-2 (deleted)"


def text(*regions):
    """Write smaps of regions: (start, kB, perm, offset, file, RSS, PSS, private)."""
    return b"".join(
        b"%x-%x %s %08x 00:%02x %d   %s\n"
        % (start, start + kb * 1024, *place, inode > 0, inode, name)
        + b"Rss: %d kB\nPss: %d kB\nPrivate_Clean: 0 kB\n" % (rss, pss)
        + b"Private_Dirty: %d kB\nSwap: 0 kB\n" % private
        for start, kb, *place, (inode, name), rss, pss, private in regions
    )


A, B = (7, b"/srv/ring"), (8, b"/srv/ring")
# The regions, what may be left out, why.
TEXTS = [
    (
        [
            (0x1000, 64, b"rw-s", 0, A, 64, 32, 0),
            (0x40000, 64, b"rw-s", 0, A, 64, 32, 0),
        ],
        {"/srv/ring": 64},
        "all of it twice",
    ),
    (
        [
            (0x1000, 64, b"rw-s", 0, A, 64, 64, 0),
            (0x40000, 64, b"rw-s", 0, B, 64, 64, 0),
        ],
        {},
        "two files of one name",
    ),
    (
        [
            (0x1000, 64, b"rw-s", 0, A, 64, 64, 0),
            (0x40000, 64, b"rw-s", 0x10000, A, 64, 64, 0),
        ],
        {},
        "two parts of one file",
    ),
    (
        [
            (0x1000, 64, b"rw-s", 0, A, 64, 40, 0),
            (0x40000, 64, b"rw-s", 0xC000, A, 64, 40, 0),
        ],
        {"/srv/ring": 16},
        "the last 16 kB and the first",
    ),
    (
        [
            (0x1000, 64, b"rw-s", 0, A, 64, 64, 64),
            (0x40000, 64, b"rw-s", 0, A, 0, 0, 0),
        ],
        {},
        "resident in one region, and private",
    ),
    (
        [(0x1000, 64, b"rw-s", 0, A, 64, 3, 0), (0x40000, 64, b"rw-s", 0, A, 64, 3, 0)],
        {"/srv/ring": 6},
        "divided with many processes: its share is the most",
    ),
    (
        [
            (0x1000, 64, b"r--p", 0, A, 64, 30, 0),
            (0x40000, 64, b"rw-s", 0, A, 64, 30, 0),
        ],
        {"/srv/ring": 60},
        "private and shared",
    ),
    (
        [
            (0x1000, 64, b"r-xp", 0, A, 64, 64, 0),
            (0x11000, 64, b"r--p", 0xF000, A, 64, 64, 0),
        ],
        {},
        "two segments of a program have a page in common",
    ),
    (
        [
            (0x1000, 64, b"rw-p", 0, (0, b""), 64, 64, 0),
            (0x40000, 64, b"rw-p", 0, (0, b""), 64, 64, 0),
        ],
        {},
        "no file",
    ),
    (
        [(0x1000 + i * 0x20000, 64, b"rw-s", 0, A, 64, 21, 0) for i in range(3)],
        {"/srv/ring": 63},
        "three times",
    ),
]


@pytest.mark.parametrize("parser", ["fast", "fallback"])
@cases(TEXTS, why=2)
def test_text_tells_what_may_be_left_out(case, parser):
    regions, expected, _ = case
    table = getattr(memc, parser).parse_smaps_text(text(*regions))
    assert twice_mapped(table) == expected


def test_many_regions_of_one_file_take_no_time():
    """A sum over pairs of 20,000 regions would take minutes."""
    regions = [
        (0x10000 + i * 0x20000, 64, b"rw-s", 0, A, 64, 1, 0) for i in range(20_000)
    ]
    table = memc.fast.parse_smaps_text(text(*regions))
    assert twice_mapped(table) == {"/srv/ring": 64}


@pytest.fixture(scope="module")
def twice():
    with children.script("twice", TWICE_KB, ONCE_KB) as child:
        yield child


@pytest.mark.parametrize("detail", ["smaps", "uss"])
def test_live_process_that_maps_a_file_twice(backend, twice, detail):
    snap = backend.collect(twice.pid, detail, "/proc")
    target = Target(snap, twice.pid, "x", proc="/proc", file=None)
    private = {r.pathname: private_of(r) for r in snap if "mapped-" in r.pathname}
    assert private == {RING: 0, "/memfd:mapped-1 (deleted)": ONCE_KB}
    assert twice_mapped(snap)[RING] == TWICE_KB
    assert "8.00 MiB" in " ".join(footnote([target]))
    assert note(target)["code"] == "mapped_twice"


def private_of(region):
    if region.uss_kb is not None:
        return region.uss_kb
    return region.private_clean_kb + region.private_dirty_kb


@pytest.mark.parametrize("detail", ["maps", "rss"])
def test_without_private_there_is_nothing_to_note(backend, twice, detail):
    snap = backend.collect(twice.pid, detail, "/proc")
    target = Target(snap, twice.pid, "x", proc="/proc", file=None)
    assert list(footnote([target])) == []
    assert note(target) is None


def run(*words):
    command = [sys.executable, "-m", "memc", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return SimpleNamespace(status=done.returncode, out=done.stdout, err=done.stderr)


@pytest.mark.parametrize("by", ["owner", "type", "path", "region", "process"])
def test_show_notes_it(twice, by):
    assert f"up to 8.00 MiB of {RING}" in run("show", twice.pid, "--by", by).out
    notes = json.loads(run("show", twice.pid, "--by", by, "--json").out)["notes"]
    assert [(n["pid"], n["code"], n["count"]) for n in notes] == [
        (twice.pid, "mapped_twice", 1)
    ]


def test_show_notes_it_once_where_it_reads_twice(twice):
    out = run("show", twice.pid, "--after", "10ms").out
    assert out.count(RING) == 1
    assert "8.00 MiB of" in out


def test_diff_notes_it(twice, tmp_path):
    saved = tmp_path / "saved.json"
    with children.script("twice", 4, 4) as small:
        saved.write_bytes(memc.snapshot(small.pid, detail="smaps").to_json(full=True))
    assert f"8.00 MiB of {RING}" in run("diff", saved, twice.pid).out
    notes = json.loads(run("diff", saved, twice.pid, "--json").out)["notes"]
    assert twice.pid in [n["pid"] for n in notes if n["code"] == "mapped_twice"]


@pytest.mark.parametrize("form", ["live", "json", "text"])
def test_check_says_what_uss_leaves_out_if_it_matters(twice, tmp_path, form):
    target = tmp_path / "saved"
    if form == "json":
        target.write_bytes(memc.snapshot(twice.pid, detail="smaps").to_json(full=True))
    elif form == "text":
        with open(f"/proc/{twice.pid}/smaps", "rb") as smaps:
            target.write_bytes(smaps.read())
    else:
        target = twice.pid
    base = json.loads(run("check", target, "--max-uss", "1T", "--json").out)
    uss_kb = base["checked"][0]["value_kb"]
    assert "twice_mapped_kb" not in base["checked"][0]
    done = run("check", target, "--max-uss", f"{uss_kb + TWICE_KB // 2}K", "--json")
    (checked,) = json.loads(done.out)["checked"]
    assert checked["twice_mapped_kb"] == TWICE_KB
    assert done.status == 0
    assert "uss leaves out what a process maps more than once, up to 8.00" in done.err
    assert RING in done.err
    assert RING not in run("check", target, "--max-uss", "1T").err
    total = run("check", target, "--total", "--max-uss", f"{uss_kb + 4096}K")
    assert "the total: uss leaves out" in total.err


PARTS = st.lists(
    st.tuples(
        st.sampled_from((b"r--p", b"rw-s", b"r-xp", b"---p")),
        st.integers(0, 40),  # the offset, in pages
        st.integers(1, 40),  # the size
        st.sampled_from((0, 4, 64, 160)),  # what is resident, in kB
        st.booleans(),
    ),
    max_size=8,
)


@given(PARTS)
def test_processes_that_can_map_nothing_twice_are_known_beforehand(parts):
    regions = [
        (i << 20, size * 4, perm, at << 12, A if is_one else B, rss, rss, 0)
        for i, (perm, at, size, rss, is_one) in enumerate(parts, 1)
    ]
    table = PURE.parse_text(text(*regions), "smaps", strict=True)
    with mock.patch("memc.analysis.twice_mapped.FEW", -1):
        found = twice_mapped(table)
    assert twice_mapped(table) == found
