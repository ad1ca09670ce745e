"""Each option and each combination: the bytes on stdout, on all three commands.

A copied tree is put in the place of /proc, so that the native command answers itself:
given --proc it leaves that to its Python sibling.
"""

from itertools import product
from types import SimpleNamespace

import orjson
import pytest
from support import documents
from support.boxes import inside
from support.commands import CHANGING, COMMANDS
from support.readers import PURE
from support.tables import rows
from support.text import header, page, record
from support.trees import STATM

pytestmark = pytest.mark.kernel

SWITCHES = ("--smaps", "--compact", "--full")
SETS = [tuple(s for s, on in zip(SWITCHES, bits, strict=True) if on)
        for bits in product((False, True), repeat=3)]  # fmt: skip
IDS = ["".join(s) or "none" for s in SETS]
ZEROS = b"0 0 0 0 0 0 0\n"


@pytest.fixture(scope="module")
def world(copy, tmp_path_factory):
    """Give a tree of a live process, a torn one, an empty one and a broken one."""
    from support.trees import Tree

    tree = Tree(tmp_path_factory.mktemp("world") / "proc")
    tree.add(copy.pid, **copy.files)
    torn = page(9) + page(1) + header(0x9000, 0xB000, name=b"/\xff\\012") + b"junk\n"
    tree.add(
        1, maps=torn, smaps=torn + b"Rss: 4 kB\nNew: 3\nName: \xfe\n", comm=b"\xff\n"
    )
    tree.add(2, maps=b"", smaps=b"", comm=b"kthreadd\n", statm=ZEROS)
    tree.add(3, maps=None, smaps=None, comm=b"broken\n")
    tree.add(4, maps=page(1), smaps=record(0, 4096, b"Rss: 0 kB"), comm=b"a\nb\n")
    return SimpleNamespace(proc=str(tree), pid=copy.pid, tree=tree)


def expected_bytes(document, switches):
    option = None if "--compact" in switches else orjson.OPT_INDENT_2
    return CHANGING.sub(rb"\1N", orjson.dumps(document, option=option)) + b"\n"


@pytest.mark.parametrize("switches", SETS, ids=IDS)
@pytest.mark.parametrize("which", ["live", "torn", "empty"])
def test_one_process_is_printed_as_python_shows_it(memc, world, switches, which):
    pid = {"live": world.pid, "torn": 1, "empty": 2}[which]
    detail = "smaps" if "--smaps" in switches else "maps"
    snap = PURE.collect(pid, detail, world.proc)
    document = documents.snapshot(snap, rows(snap), full="--full" in switches)
    result = memc(pid, *switches, prefix=inside(world.tree))
    said = b"memc: process 2: has no memory\n" if which == "empty" else b""
    assert (result.status, result.err) == (0, said)
    assert result.masked == expected_bytes(document, switches)


@pytest.mark.parametrize("switches", SETS, ids=IDS)
@pytest.mark.parametrize("skip", [False, True], ids=["every", "skip"])
def test_all_processes_are_printed_as_python_shows_them(memc, world, switches, skip):
    detail = "smaps" if "--smaps" in switches else "maps"
    asked = dict.fromkeys(("cgroups", "cmdlines"), "--full" in switches)
    system = PURE.collect_all(detail, skip_kernel=skip, proc=world.proc, **asked)
    document = documents.system(system, full="--full" in switches, rows=rows)
    options = [*switches, *["--skip-kernel"] * skip]
    result = memc("--all", *options, prefix=inside(world.tree))
    collected = 3 if skip else 4
    file = "smaps" if "--smaps" in switches else "maps"
    why = "no such file: an old kernel, or an incomplete copy"
    said = f"Scanning 5 processes…\nmemc: process 3: {file}: {why}\n"
    said += f"Collected {collected}, skipped 1: error\n"
    assert (result.status, result.err.decode()) == (0, said)
    assert result.masked == expected_bytes(document, switches)


@pytest.mark.parametrize("name", ["python", "pure", "native"])
def test_proc_option_reads_another_root(world, name):
    memc = COMMANDS[name]
    within = memc("--all", "--smaps", "--compact", prefix=inside(world.tree))
    without = memc("--all", "--smaps", "--compact", "--proc", world.proc)
    assert (without.status, without.masked) == (0, within.masked)
    assert without.err == within.err


@pytest.mark.parametrize(
    "args",
    [
        ("--smaps", "{pid}", "--compact"),
        ("--compact", "--smaps", "{pid}"),
        ("{pid}", "--compact", "--smaps", "--smaps"),
        ("--smaps", "--compact", "--", "{pid}"),
        ("--smaps", "--compact", "--count", "1", "{pid}"),
        ("--smaps", "--compact", "000{pid}"),
    ],
)
def test_options_may_stand_anywhere(memc, world, args):
    expected = memc(world.pid, "--smaps", "--compact", prefix=inside(world.tree))
    args = [arg.format(pid=world.pid) for arg in args]
    result = memc(*args, prefix=inside(world.tree))
    assert (result.status, result.err) == (0, b"")
    assert result.masked == expected.masked


@pytest.mark.parametrize("jobs", [1, 2, 1000])
def test_number_of_jobs_changes_nothing(memc, world, jobs):
    expected = memc("--all", "--compact", "--proc", world.proc)
    result = memc("--all", "--compact", "--proc", world.proc, "--jobs", jobs)
    assert (result.status, result.err) == (0, expected.err)
    assert result.masked == expected.masked


def test_output_is_always_utf_8(memc, world):
    for args in (["1"], ["--all"]):
        result = memc(*args, "--smaps", "--full", prefix=inside(world.tree))
        assert "\ufffd" in result.out.decode("utf-8")


def test_heap_can_be_picked_as_the_readme_does(memc, world):
    document = orjson.loads(memc(world.pid, "--smaps", prefix=inside(world.tree)).out)
    heap = [r for r in document["regions"] if r["type"] == "heap"]
    assert heap
    assert all(region["rss_kb"] > 0 for region in heap)
    assert document["total_rss_kb"] == sum(r["rss_kb"] for r in document["regions"])


def test_a_stream_of_compact_documents_is_one_line_each(memc, world):
    out = b"".join(
        memc(pid, "--compact", prefix=inside(world.tree)).out for pid in (1, 2, 4)
    )
    assert [orjson.loads(line)["pid"] for line in out.splitlines()] == [1, 2, 4]
    assert STATM.count(b"\n") == 1
