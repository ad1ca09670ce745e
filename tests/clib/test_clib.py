"""Programs in C that the sanitizers watch: bounds, memory that runs out, threads.

They are built here from the sources of the checkout, whatever is installed.
MEMC_SANITIZE in the environment takes the place of the sanitizers: coverage.sh wants
none, as they have branches of their own.
"""

import fcntl
import os
import subprocess
from pathlib import Path

import orjson
import pytest
from support import layout
from support.cases import cases
from support.corpus import OWN
from support.trees import Tree

FOLDER = Path(__file__).parent
CAPTURES = sorted([*OWN.glob("maps/*.txt"), *OWN.glob("smaps/*.txt")])
MADE_UP = sorted(OWN.glob("synthetic/*.txt"))
BOUNDS = (
    "edges",
    "failing_memory",
    "identity",
    "old_kernel",
    "prefixes",
    "repeat",
    "strpool",
    "words",
)
AFTER_NAME = b" S 1 7 7 34816 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 "  # up to field 21


def build(folder, sanitizers, targets):
    """Build some of the programs; give a runner of them by name."""
    sanitizers = os.environ.get("MEMC_SANITIZE", sanitizers)
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for argv in (
            ["cmake", "-S", FOLDER, "-B", folder, f"-DMEMC_SANITIZE={sanitizers}"],
            ["cmake", "--build", folder, f"-j{os.cpu_count()}", "--target", *targets],
        ):
            done = subprocess.run(argv, check=False, capture_output=True, text=True)
            assert done.returncode == 0, done.stdout + done.stderr

    def run(name, *args):
        argv = [str(folder / name), *map(str, args)]
        done = subprocess.run(argv, check=False, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout.splitlines()

    return run


@pytest.fixture(scope="module")
def builds(tmp_path_factory):
    """Give a folder that the workers of one run share: the first builds for all."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="module")
def watched(builds):
    return build(builds / "clib-bounds", "address,undefined", BOUNDS)


@pytest.fixture(scope="module")
def raced(builds):
    return build(builds / "clib-races", "thread", ["repeat", "threads"])


def large_text():
    """Give so many regions that columns are mappings, which move.

    One region is torn, and it alone has a counter.
    """
    lines = [layout.region(i << 12, (i + 1) << 12) for i in range(8200)]
    return b"".join([*lines, lines[100], b"Rss: 4 kB\n"])


def fill(tree, *, processes):
    """Fill a tree with processes that have the same files."""
    for pid in range(1, processes + 1):
        name = "threads" if pid % 2 else "vmflags"
        capture = f"linux-6.18.44-x86_64-{name}.txt"
        tree.add(
            pid,
            maps=(OWN / "maps" / capture).read_bytes(),
            smaps=(OWN / "smaps" / capture).read_bytes(),
            status=b"Name:\tx\nUid:\t7\t7\t7\t7\nThreads:\t1\n",
            cgroup=b"0::/user.slice\n",
            stat=b"%d (x)%s%d 9\n" % (pid, AFTER_NAME, pid),
            cmdline=b"x\0--long" + b"y" * 20000 + b"\0",
            smaps_rollup=b"Pss: 12 kB\nPrivate_Clean: 4 kB\nPrivate_Dirty: 8 kB\n",
        )


def test_no_beginning_of_a_text_is_read_beyond_its_end(watched):
    read = watched("prefixes", 3000, *CAPTURES, *MADE_UP)
    assert len(read) == len(CAPTURES) + len(MADE_UP)


def test_no_string_and_no_key_is_read_beyond_its_end(watched):
    assert watched("edges") == ["ok"]


def test_names_that_were_chosen_to_collide_are_spread_like_others(watched):
    assert watched("strpool") == []


def test_words_of_eight_characters_are_read_as_one_by_one(watched):
    assert watched("words", 1000000) == ["2000000 words"]


def test_memory_that_runs_out_at_any_call_is_survived(watched, tree, tmp_path):
    fill(tree, processes=4)
    long_name = layout.region(0x1000, 0x2000, name=b"/" + b"n" * 70000)
    folder = tree.path / "1"
    (folder / "maps").write_bytes(long_name)
    (folder / "smaps").write_bytes(long_name + layout.record(9, values={b"Rss": 4}))
    large = tmp_path / "large.txt"
    large.write_bytes(large_text())
    texts = [*(p for p in CAPTURES if "smaps" in p.parts), *MADE_UP, large]
    survived = watched("failing_memory", tree, *texts)
    assert len(survived) == 3 * len(texts) + 13
    assert all(int(line.split()[-2]) > 0 for line in survived)


@cases(
    [
        ("name", "a) b (c\nd)", "a name ends at the last newline", b"a) b (c\nd)\n"),
        ("name", "n" * 63, "a name is cut where its room ends", b"n" * 99),
        ("name", "\ufffd", "a name need not be UTF-8", b"\xff\n"),
        ("name", "", "a name may be empty", b"\n"),
        ("name", "", "the file of the name may be absent", None),
        ("started", 4711, "22nd", b"7 (x)" + AFTER_NAME + b"4711 123 4 5\n"),
        ("started", 4711, "odd name", b"7 (a) b (c\nd))" + AFTER_NAME + b"4711 1\n"),
        ("started", 0, "a process of the boot", b"2 (x)" + AFTER_NAME + b"0 1\n"),
        ("started", 2**64 - 1, "64 bits", b"7 (x)" + AFTER_NAME + b"%d" % (2**64 - 1)),
        ("started", None, "65 bits", b"7 (x)" + AFTER_NAME + b"%d 1" % 2**64),
        ("started", None, "the text ends before it", b"7 (x)" + AFTER_NAME),
        ("started", None, "the text ends in the name", b"7 (x S 1 7"),
        ("started", None, "there is no text", b""),
        ("started", None, "there is no file", None),
        ("cmdline", "", "a kernel thread or a zombie has none", b""),
        ("cmdline", "cat", "the last NUL is dropped", b"cat\0"),
        ("cmdline", "a  b", "an argument may be empty", b"a\0\0b\0"),
        ("cmdline", "a b c", "blanks stay", b"a b\0c\0"),
        ("cmdline", "title", "a program may write over it", b"title\0\0\0\0"),
        ("cmdline", "x", "and leave out the last NUL", b"x"),
        ("cmdline", "", "or leave NULs alone", b"\0\0\0"),
        ("cmdline", "\ufffda", "it need not be UTF-8", b"\xffa"),
        ("cmdline", "y" * 200_000, "it is longer than a page", b"y" * 200_000 + b"\0"),
        ("cmdline", None, "there is no file", None),
    ],
    why=2,
)
def test_who_a_process_is(watched, tree, case):
    key, expected, _, data = case
    file = {"name": "comm", "started": "stat", "cmdline": "cmdline"}[key]
    tree.add(7, maps=layout.region(0x1000, 0x2000), **{file: data})
    (line,) = watched("identity", tree)
    (process,) = orjson.loads(line)["processes"]
    assert process[key] == expected
    snapshot = process["snapshot"]
    if key != "cmdline":
        unread = key == "name" and data is None
        assert snapshot[key] == (None if unread else expected)
    assert list(process)[1:-1] == ["name", "uid", "started", "cgroup", "cmdline"]
    assert list(snapshot)[:4] == ["pid", "name", "started", "timestamp_ms"]


def test_arguments_that_no_exec_could_pass_are_cut(watched, tree):
    tree.add(7, maps=b"", cmdline=b"y" * (8 << 20))
    (line,) = watched("identity", tree)
    (process,) = orjson.loads(line)["processes"]
    assert 6 << 20 <= len(process["cmdline"]) < 7 << 20


@pytest.mark.kernel
def test_page_tables_are_read_the_same_from_kernels_that_know_less(watched):
    assert len(watched("old_kernel")) == 8


def test_threads_share_what_was_read_without_a_race(raced, tmp_path):
    tree = Tree(tmp_path / "many")
    fill(tree, processes=200)
    assert raced("threads", tree, 200) == ["200 processes"]


@pytest.mark.kernel
@pytest.mark.parametrize("built", ["watched", "raced"])
def test_samples_are_told_on_one_thread_and_taken_on_another(request, built):
    assert request.getfixturevalue(built)("repeat") == []
