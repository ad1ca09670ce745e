"""The plain forms: the native command answers them itself, as Python defines them.

`alone` is the native command in a folder without its Python sibling.  What it answers,
it answers without starting Python.
"""

import os
import re
import shutil
import subprocess
import tempfile

import pytest
from support import children
from support.boxes import IS_ROOT, NOBODY, WITHOUT_RIGHTS, hiding, inside
from support.cases import cases
from support.commands import COMMANDS, NATIVE, Command
from support.text import page, record
from support.trees import Tree

pytestmark = pytest.mark.kernel

PYTHON = COMMANDS["python"]
# Amounts that change when any process maps the same files, or ends.
SHARED = re.compile(rb'("(?:pss|uss|(?:shared|private)_\w+)_kb": ?)[0-9]+')
SEEN = re.compile(rb"Saw \d+ %")
ZEROS = b"0 0 0 0 0 0 0\n"
STATUS = (
    b"Name:\tx\nState:\t%b\nUid:\t%d\t%d\t0\t0\nVmSize:\t%d kB\nVmHWM:\t%d kB\n"
    b"VmRSS:\t%d kB\nRssAnon:\t60 kB\nVmSwap:\t8 kB\nThreads:\t1\n"
)
ROLLUP = b"1000-9000 ---p 0 00:00 0 [rollup]\nRss: 100 kB\nPss: 90 kB\nSwap: 8 kB\n"


def status(state=b"S (sleeping)", uid=0, kb=400):
    return STATUS % (state, uid, uid, kb, kb // 2, kb // 4)


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    folder = tmp_path_factory.mktemp("alone")
    return Command("alone", (shutil.copy(NATIVE, folder / "memc"),))


@pytest.fixture(scope="module")
def world(copy, tmp_path_factory):
    """Give a copy of a live process, and processes that lack this or that."""
    tree = Tree(tmp_path_factory.mktemp("world") / "proc")
    tree.add(copy.pid, **copy.files, smaps_rollup=ROLLUP)
    smaps = record(0, 4096, b"Rss: 4 kB", b"Pss: 2 kB")
    whole = {"maps": page(1), "smaps": smaps, "smaps_rollup": ROLLUP}
    tree.add(1, **whole, status=status(kb=400 << 20), statm=b"99999999 9999999 0 0 0\n")
    tree.add(2, maps=b"", smaps=b"", statm=ZEROS, status=status(b"Z (zombie)", kb=0))
    tree.add(3, maps=None, smaps=None, statm=None)
    tree.add(4, **whole, status=None, comm=b"a\nb\xff\n")
    tree.add(5, maps=b"junk\n", smaps=b"junk\n", status=b"junk\n", statm=b"junk\n")
    return tree


def all_say(alone, *args, hidden=(), **options):
    """See that all commands say the same; give what they say.

    They are asked again if they do not: the machine may have changed meanwhile.
    """
    for _ in range(3):
        python, native, pure = (
            masked(command(*args, **options), hidden)
            for command in (PYTHON, alone, COMMANDS["pure"])
        )
        if python == native == pure:
            return python
    assert native == python
    assert pure == python
    return python


def masked(result, hidden):
    """Give status, stdout and stderr without the amounts that change."""
    out = result.masked
    for pattern in hidden:
        out = pattern.sub(rb"\1N", out)
    return result.status, out, SEEN.sub(b"Saw", result.err)


DETAILS = [
    ((), "the layout"),
    (("--rss",), "resident memory"),
    (("--uss",), "what only this process maps"),
    (("--private",), "the same by another name"),
    (("--totals",), "no regions"),
    (("--smaps",), "every field"),
    (("--totals", "--smaps"), "no regions, but PSS"),
    (("--smaps", "--max-stall", "1s"), "a limit that holds"),
    (("--smaps", "--max-stall=1"), "a limit that smaps may exceed"),
    (("--totals", "--smaps", "--max-stall", "3 min"), "a limit of what has no regions"),
]


@cases(DETAILS, why=1)
@pytest.mark.parametrize("form", [(), ("--full", "--compact")], ids=str)
def test_live_process(alone, target, case, form):
    found = all_say(alone, target, *case[0], *form, hidden=[SHARED])
    assert (found[0], found[2]) == (0, b"")


@cases(DETAILS, why=1)
def test_processes_of_a_copy(alone, world, copy, case):
    """Whole ones, empty ones, and those of which files are missing or broken."""
    for pid in (copy.pid, 1, 2, 3, 4, 5, 6):
        found = all_say(alone, pid, *case[0], "--full", "--proc", world)
        assert (found[0] == 0) == (found[1] != b"")


ALL = [(), ("--full",), ("--jobs", "1"), ("--jobs=1000", "--skip-kernel")]


@cases(DETAILS, why=1)
@pytest.mark.parametrize("more", ALL, ids=str)
def test_all_processes_of_a_copy(alone, world, case, more):
    found = all_say(alone, "--all", *case[0], *more, "--compact", f"--proc={world}")
    assert (found[0], found[2].startswith(b"Scanning 6 processes")) == (0, True)


@cases(DETAILS[3:6], why=1)
def test_root_may_be_named_in_three_ways(alone, world, case):
    args = ("--all", *case[0], "--full")
    named = all_say(alone, *args, "--proc", world)
    assert all_say(alone, *args, env={"MEMC_PROC": str(world)}) == named
    assert all_say(alone, *args, prefix=inside(world)) == named


def test_option_goes_before_the_variable(alone, world):
    variable = {"MEMC_PROC": "/nowhere"}
    assert all_say(alone, 1, "--proc", world, env=variable)[0] == 0
    assert all_say(alone, 1, env=variable)[0] == 1
    assert all_say(alone, 1, "--proc", world, env={"MEMC_PROC": ""})[0] == 0


@cases(DETAILS, why=1)
def test_process_that_cannot_be_read(alone, case):
    pid = children.ended()
    expected = f"memc: process {pid}: no such process\n".encode()
    assert all_say(alone, pid, *case[0]) == (1, b"", expected)


@cases(DETAILS, why=1)
def test_zombie(alone, case):
    with children.zombie() as pid:
        found = all_say(alone, pid, *case[0], "--full")
    why = b"has no memory: it has ended and is a zombie\n"
    assert (found[0], found[2]) == (0, b"memc: process %d: " % pid + why)


@cases(DETAILS, why=1)
def test_process_that_may_not_be_read(alone, case):
    with children.script("undumpable") as child:
        prefix = WITHOUT_RIGHTS
        found = all_say(alone, child.pid, *case[0], prefix=prefix, hidden=[SHARED])
    is_totals = "--totals" in case[0]
    assert found[0] == (0 if is_totals else 1)
    assert (b"permission denied" in found[2]) != is_totals


@cases(DETAILS, why=1)
def test_many_that_may_not_be_read_are_counted(alone, tmp_path, case):
    tree = Tree(tmp_path / "proc")
    tree.add(1, maps=page(1), smaps=record(0, 4096, b"Rss: 4 kB"), status=status())
    for pid in range(2, 10):
        files = dict.fromkeys(("maps", "smaps", "smaps_rollup"), b"")
        folder = tree.add(pid, **files, status=status(uid=pid // 4))
        for name in files:
            (folder / name).chmod(0)
    prefix = WITHOUT_RIGHTS
    found = all_say(alone, "--all", *case[0], "--proc", tree, prefix=prefix)
    is_denied = b"memc: of the denied are 4 of user daemon, 2 of " in found[2]
    assert is_denied == ("--totals" not in case[0])
    assert is_denied == (b"\nSaw of the " in found[2])


@pytest.mark.skipif(not IS_ROOT, reason="only root has other users' processes")
@pytest.mark.parametrize("option", [1, 2])
@pytest.mark.parametrize("detail", ["--rss", "--totals", "--smaps"])
def test_hidepid(alone, waiting, option, detail):
    """What is on stdout differs: one of the processes is the command itself."""
    args = ("--all", detail, "--compact")
    commands = (PYTHON, alone, COMMANDS["pure"])
    prefix = hiding(option)
    found = [memc(*args, prefix=prefix, stdin=waiting) for memc in commands]
    said = {SEEN.sub(b"Saw", result.err) for result in found}
    assert len(said) == 1
    assert (b"hidepid" in said.pop()) == (option == 1)
    assert [result.status for result in found] == [0, 0, 0]


ROOTS = [
    ("nowhere", "it is not there"),
    ("file", "it is no folder"),
    ("file/x", "what is before it is no folder"),
    ("empty", "nothing is mounted there"),
    ("none", "it has no processes"),
    ("x" * 300, "its name is too long"),
]


@cases(ROOTS, why=1)
def test_other_root(alone, tmp_path, case):
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "empty").mkdir()
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "self").symlink_to("1")
    for detail in ((), ("--totals",)):
        for target in ("1", "--all"):
            found = all_say(alone, target, *detail, "--proc", tmp_path / case[0])
            assert found[0] == 1
            assert found[2].count(b"Scanning") <= 1


def test_version(alone):
    for args in (["--version"], ["-v"], ["5", "--rss", "--version"]):
        expected = PYTHON("--version").out
        assert all_say(alone, *args) == (0, expected, b"")
    more = ("--all", "5", "--rss", "--uss", "--version", "--nonsense")
    assert all_say(alone, *more) == (0, expected, b"")


@pytest.mark.parametrize("args", [("--version",), ("1", "--totals"), ("--all",)])
def test_output_that_cannot_be_written(alone, world, args):
    with open("/dev/full", "wb") as full:
        root = {"MEMC_PROC": str(world)}
        found = [memc(*args, env=root, stdout=full) for memc in (PYTHON, alone)]
    assert found[0] == found[1]
    words = b"memc: cannot write to stdout: No space left on device\n"
    assert (found[0].status, found[0].err.endswith(words)) == (1, True)


# What the native command leaves to its sibling, or may read otherwise than Python.
OTHERS = [
    ("1 --rss --uss", "details that exclude each other"),
    ("1 --smaps --rss", "details that exclude each other, too"),
    ("1 --totals --smaps --uss", "one too many"),
    ("1 --max-stall 5", "a limit without smaps"),
    ("1 --smaps --max-stall 0", "a limit of nothing"),
    ("1 --smaps --max-stall 0s", "a limit of nothing, with a unit"),
    ("1 --smaps --max-stall 1.5s", "a broken number"),
    ("1 --smaps --max-stall 367d", "more than a year"),
    ("1 --smaps --max-stall 366d", "a year"),
    ("1 --smaps --max-stall 5x", "no unit"),
    ("1 --smaps --max-stall ms", "no number"),
    ("1 --smaps --max-stall -5", "no time"),
    ("1 --smaps --max-stall 00000000000005ms", "more digits than a time has"),
    ("1 --smaps --max-stall 00000000000005", "a bare number may have them"),
    ("1 --smaps --max-stall 99999999999999999999", "more than C has"),
    ("1 --smaps --max-stall", "no value"),
    ("1 --jobs 2", "threads for one process"),
    ("1 --skip-kernel", "skip for one process"),
    ("--all --jobs 0", "no thread"),
    ("--all --jobs 4294967296", "2**32 threads"),
    ("--all --jobs 4294967295", "2**32 - 1 threads"),
    ("--all --jobs two", "a word"),
    ("--all --jobs --rss", "an option for a value"),
    ("--all --jobs", "no value"),
    ("--all --jobs 2 --jobs 1", "the last one counts"),
    ("--all --all 1", "a pid and all"),
    ("1 1", "two pids"),
    ("--rss", "no pid"),
    ("0 --rss", "no pid has this number"),
    ("2147483647 --rss", "the highest pid"),
    ("2147483648 --rss", "no pid is so high"),
    ("0000000000000000001 --rss", "zeros before"),
    ("1 --proc", "no path"),
    ("1 --proc=", "an empty path"),
    ("1 --rss=", "a switch takes no value"),
    ("1 --version=5", "no value either"),
    ("1 -v5", "no such option"),
    ("1 --r", "no short form"),
    ("1 --rss-", "a longer one"),
    ("1 - --rss", "no option"),
    ("1 -5", "a number"),
    ("--rss -- 1", "what ends the options"),
    ("1 --detail rss", "the word of another command"),
    ("1 --count 1 --rss", "an option of streams"),
    ("1 --nonsense --version", "wrong before the version"),
    ("show --version", "a command"),
    ("'' --rss", "an empty word"),
]


def native_says(*args, **options):
    """See that the native command, with its sibling, says what Python says."""
    found = [command(*args, **options) for command in (PYTHON, COMMANDS["native"])]
    assert found[1].masked == found[0].masked
    assert (found[1].status, found[1].err) == (found[0].status, found[0].err)
    return found[0].status


@cases(OTHERS, why=1)
def test_other_command_lines(world, case):
    args = ["" if word == "''" else word for word in case[0].split()]
    assert native_says(*args, env={"MEMC_PROC": str(world)}) in (0, 1, 2)


@pytest.mark.parametrize("name", ["é", "\x1b[31m", "new\nline", "\udcff", "b c", "~"])
def test_root_may_have_any_name(tmp_path, name):
    (tmp_path / name / "1").mkdir(parents=True)
    assert native_says("--all", "--totals", "--proc", tmp_path / name) == 0
    assert native_says("1", "--totals", "--proc", tmp_path / f"no {name}") == 1


@pytest.mark.skipif(not IS_ROOT, reason="only root may give a file capabilities")
def test_capability_of_the_file_is_for_proc_alone(alone):
    """A folder that the caller made is left to Python, which has no capability."""
    tool = shutil.which("setcap", path="/usr/sbin:/usr/bin:/sbin")
    if tool is None:
        pytest.skip("setcap is not installed")
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        file = shutil.copy(alone.argv[0], f"{folder}/memc")
        done = subprocess.run([tool, "cap_sys_ptrace+ep", file], check=False)
        if done.returncode:
            pytest.skip("no capability can be given to a file here")
        memc = Command("capable", (*NOBODY, file))
        mine = memc(os.getpid(), "--compact")
        assert (mine.status, mine.err) == (0, b"")
        for more in ((os.getpid(), "--proc", "/proc/"), ("--all", "--proc=/")):
            other = memc(*more)
            assert (other.status, b"/memc-py: " in other.err) == (1, True)
        assert memc(os.getpid(), env={"MEMC_PROC": "/"}).status == 1
