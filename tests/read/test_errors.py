"""What goes wrong, on all three commands: status, stdout and stderr apart."""

import os
import signal
import subprocess

import pytest
from support import children
from support.boxes import IS_ROOT, ROOT_OF_NOTHING, WITHOUT_RIGHTS, inside
from support.cases import cases
from support.text import page

pytestmark = pytest.mark.kernel

NEEDS = "CAP_PERFMON (CAP_SYS_PTRACE before Linux 6.15)"
SAME_USER = (
    f"permission denied although it is the same user: it is not dumpable; needs {NEEDS}"
)
OTHER_USER = f"permission denied: needs the same user or {NEEDS}"
PRIVILEGED = (
    "permission denied although privileged: a security module or a sandbox refuses it"
)
NO_ROOT = "No such file or directory: not a proc file system, or a copy of one"

# what stderr must name, why, arguments
USAGE = [
    ("pid", "no target", []),
    ("pid", "options alone are no target", ["--smaps"]),
    ("'0'", "pid 0", ["0"]),
    ("'-1'", "a negative pid", ["-1"]),
    ("'abc'", "no number", ["abc"]),
    ("'12x'", "a number and more", ["12x"]),
    ("'1.5'", "a fraction", ["1.5"]),
    ("'+5'", "a sign", ["+5"]),
    ("' 5'", "a blank", [" 5"]),
    ("''", "an empty word", [""]),
    ("'-'", "a dash", ["-"]),
    ("'٣'", "a digit of another script", ["٣"]),
    ("--all", "two pids", ["1", "2"]),
    ("--all", "a pid and --all", ["1", "--all"]),
    ("--all", "--all and a pid", ["--all", "1"]),
    ("'--nope'", "an unknown option", ["1", "--nope"]),
    ("'-x'", "an unknown short option", ["-x", "1"]),
    ("--smaps", "a near miss is told", ["1", "--smap"]),
    ("--compact", "a value for a switch", ["1", "--compact=yes"]),
    ("--proc", "a missing value", ["1", "--proc"]),
    ("--proc", "an empty value", ["1", "--proc", ""]),
    ("--jobs", "a missing value", ["--all", "--jobs"]),
    ("--jobs", "no thread", ["--all", "--jobs", "0"]),
    ("--jobs", "no number", ["--all", "--jobs", "x"]),
    ("--rss and --smaps", "two details", ["1", "--smaps", "--rss"]),
    ("--rss and --uss", "two gentle ones", ["1", "--uss", "--rss"]),
    ("--uss and --totals", "totals are one too", ["--all", "--totals", "--uss"]),
    ("--rss and --totals", "three", ["1", "--smaps", "--totals", "--rss"]),
    ("--max-stall needs --smaps", "a budget for nothing", ["1", "--max-stall", "5"]),
    ("--smaps", "a gentle detail", ["1", "--rss", "--max-stall", "5"]),
    ("--max-stall", "no time at all", ["1", "--smaps", "--max-stall", "0"]),
    ("--max-stall", "a missing value", ["1", "--smaps", "--max-stall"]),
    ("--duty needs --count", "one sample", ["1", "--duty", "5"]),
    ("--incremental needs --count", "no second one", ["1", "--incremental"]),
    ("--duty", "nothing of a CPU", ["1", "--count", "2", "--duty", "0"]),
    ("--duty", "more than a CPU", ["1", "--count", "2", "--duty", "101"]),
    ("--duty", "no number", ["1", "--count", "2", "--duty", "5%"]),
]


@cases(USAGE, why=1)
def test_wrong_command_line_ends_with_2_and_says_what_is_wrong(memc, case):
    named, _, args = case
    result = memc(*args)
    assert (result.status, result.out) == (2, b"")
    what, hint = result.err.decode().splitlines()
    assert named in what
    assert what.startswith("memc: ")
    assert hint == "memc: try 'memc --help'"


def test_process_that_is_no_more_is_one_line(memc):
    pid = children.ended()
    result = memc(pid)
    said = f"memc: process {pid}: no such process\n".encode()
    assert (result.status, result.out, result.err) == (1, b"", said)


@pytest.mark.parametrize("pid", ["2147483648", "99999999999999999999", "9" * 100])
def test_pid_over_any_pid_is_no_process(memc, pid):
    result = memc(pid)
    said = f"memc: process {pid}: no such process\n".encode()
    assert (result.status, result.out, result.err) == (1, b"", said)


@pytest.mark.parametrize("target", ["5", "--all"])
def test_proc_that_is_not_there_is_one_line(memc, tmp_path, target):
    proc = str(tmp_path / "nowhere")
    result = memc(target, "--proc", proc)
    said = f"memc: {proc}: {NO_ROOT}\n".encode()
    assert (result.status, result.out, result.err) == (1, b"", said)


def test_incomplete_copy_says_what_is_missing(memc, tree):
    tree.add(5, maps=page(1))
    result = memc(5, "--smaps", prefix=inside(tree))
    words = "no such file: an old kernel, or an incomplete copy"
    said = f"memc: process 5: smaps: {words}\n".encode()
    assert (result.status, result.out, result.err) == (1, b"", said)


# how the process is started: the user that has it
STRANGERS = [{"user": 65534, "group": 65534, "extra_groups": ()}] if IS_ROOT else []


@pytest.mark.parametrize("detail", ["maps", "smaps"])
def test_same_user_without_rights_is_told_what_is_needed(memc, detail):
    with children.script("undumpable") as child:
        result = memc(
            child.pid,
            f"--{detail}"[: 9 * (detail == "smaps")] or "--compact",
            prefix=WITHOUT_RIGHTS,
        )
    said = f"memc: process {child.pid}: {detail}: {SAME_USER}\n".encode()
    assert (result.status, result.out, result.err) == (1, b"", said)


@pytest.mark.parametrize(
    "who", STRANGERS or [{}], ids=["stranger" if IS_ROOT else "self"]
)
def test_another_user_without_rights_is_told_what_is_needed(memc, who):
    """Only root can start a process of another user; others see their own."""
    with children.waiting(**who) as child:
        result = memc(child.pid, prefix=WITHOUT_RIGHTS)
    said = f"memc: process {child.pid}: maps: {OTHER_USER}\n".encode()
    expected = (1, said) if who else (0, b"")
    assert (result.status, result.err) == expected


def test_the_privileged_are_told_that_more_rights_will_not_help(memc):
    with children.waiting() as child:
        result = memc(child.pid, prefix=ROOT_OF_NOTHING)
    said = f"memc: process {child.pid}: maps: {PRIVILEGED}\n".encode()
    assert (result.status, result.out, result.err) == (1, b"", said)


def test_denied_processes_are_skipped_and_counted(memc, tree):
    tree.add(5, maps=page(1))
    tree.add(6, maps=None)
    for pid in (7, 8):
        (tree.add(pid, maps=page(1), status=b"Uid:\t0\t0\t0\t0\n") / "maps").chmod(0)
    result = memc(
        "--all", "--compact", prefix=(*inside(tree), *without_rights_inside())
    )
    assert result.status == 0
    assert result.err.decode().splitlines()[-2:] == [
        "Collected 1, skipped 3: 2 permission denied, 1 error",
        f"Saw 33 % of the resident memory of all processes: the rest needs {NEEDS}",
    ]
    assert b'"skipped":3' in result.out
    assert b'{"pid":7,"name":"made-up","reason":"denied"}' in result.out
    assert b'{"pid":6,"name":"made-up","reason":"error"}' in result.out


def without_rights_inside():
    """In a namespace everybody is root, and has something to lose."""
    return ("setpriv", "--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all")


OUTPUTS = [
    ["{pid}"],
    ["{pid}", "--smaps", "--full"],
    ["--all"],
    ["--help"],
    ["--version"],
]


@pytest.fixture
def args(request, tree):
    """Give arguments whose document has more than a few bytes."""
    tree.add(5, maps=b"".join(map(page, range(2000))), smaps=page(1))
    return [arg.format(pid=5) for arg in request.param]


@pytest.mark.parametrize("args", OUTPUTS, indirect=True, ids=" ".join)
def test_full_disk_is_one_line_and_1(memc, tree, args):
    with open("/dev/full", "wb") as full:
        result = memc(*args, prefix=inside(tree), stdout=full)
    said = b"memc: cannot write to stdout: No space left on device\n"
    assert result.status == 1
    assert result.err.removeprefix("Scanning 1 process…\n".encode()) == said


@pytest.mark.parametrize("args", OUTPUTS, indirect=True, ids=" ".join)
def test_closed_pipe_ends_it_silently(memc, tree, args):
    reading, writing = os.pipe()
    os.close(reading)
    result = memc(*args, prefix=inside(tree), stdout=writing)
    os.close(writing)
    assert result.status == -signal.SIGPIPE
    assert result.err.removeprefix("Scanning 1 process…\n".encode()) == b""


@pytest.mark.parametrize("args", OUTPUTS, indirect=True, ids=" ".join)
def test_closed_stdout_is_one_line_and_1(memc, tree, args):
    close = ("sh", "-c", 'exec "$@" >&-', "sh")
    result = memc(*args, prefix=(*inside(tree), *close))
    assert (result.status, result.out) == (1, b"")
    lines = result.err.removeprefix("Scanning 1 process…\n".encode())
    assert lines == b"memc: cannot write to stdout: Bad file descriptor\n"


def test_closed_stderr_does_not_matter(memc, tree):
    tree.add(5, maps=page(1))
    close = ("sh", "-c", 'exec "$@" 2>&-', "sh")
    result = memc("--all", prefix=(*inside(tree), *close), stderr=subprocess.DEVNULL)
    assert result.status == 0
    assert result.out.startswith(b'{\n  "timestamp_ms"')
