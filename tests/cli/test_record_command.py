"""``memc record -- COMMAND``: from before its begin to its end, and what it took."""

import json
import os
import re
import signal
import subprocess
import sys

import pytest
from support.cases import cases
from support.commands import COMMANDS
from support.family import fill
from support.recorders import QUICK, Recorder, query, wait_until
from support.trees import Tree

PYTHON = sys.executable
PEAK = re.compile(
    r"peak RSS ([\d.]+) MiB in 1 process at \d\d:\d\d:\d\d, [\d.]+ s after"
)
# Is there a row of usage of this small program, once it has begun?  In the middle of
# exec it has the name and still the memory of Python, and then a few pages.
SEEN = "select 1 from usage where name='{}' and rss_kb between 1024 and 4095 limit 1"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "x.memc"


def record(path, *args, command, **options):
    words = ["record", "-o", path, *QUICK, *args, "--", *command]
    return COMMANDS["python"](*words, **options)


# the exit status, why, the command
STATUSES = [
    (0, "done", ["true"]),
    (3, "its own", ["sh", "-c", "exit 3"]),
    (2, "its own, which is ours for a wrong word", ["sh", "-c", "exit 2"]),
    (128 + signal.SIGKILL, "a signal", ["sh", "-c", "kill -KILL $$"]),
    (128 + signal.SIGTERM, "a signal", ["sh", "-c", "kill -TERM $$"]),
]


@cases(STATUSES, why=1)
def test_status_is_that_of_the_command(case, path):
    status, _, command = case
    result = record(path, command=command)
    assert (result.status, result.out) == (status, b"")
    assert result.err.startswith(b"peak RSS ")
    notes = query(path, "select detail from event where kind='note'")
    assert [json.loads(note) for (note,) in notes] == [
        {"text": f"the command ended with status {status}"}
    ]


# the exit status, what memc says, why, the command
FAILURES = [
    (127, "cannot start memc-no-such: no such command in PATH", "not in PATH",
     ["memc-no-such"]),
    (127, "cannot start /no/such: No such file or directory", "no such file",
     ["/no/such"]),
    (127, "cannot start /etc/passwd/x: Not a directory", "no folder",
     ["/etc/passwd/x"]),
    (126, "cannot start /etc/passwd: Permission denied", "no program",
     ["/etc/passwd"]),
    (126, "cannot start /: Permission denied", "a folder", ["/"]),
    (127, "it, or the interpreter that its first line names", "no interpreter",
     ["{}/script"]),
    (126, "Exec format error", "no kind of program", ["{}/empty"]),
]  # fmt: skip


@cases(FAILURES, why=2)
def test_command_that_cannot_be_started_is_126_or_127(case, tmp_path, path):
    status, said, _, command = case
    for name, text in (("script", "#!/no/such/interpreter\n"), ("empty", "")):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    result = record(path, command=[word.format(tmp_path) for word in command])
    assert (result.status, result.out) == (status, b"")
    assert result.err.startswith(b"memc: cannot start ")
    assert said in result.err.decode()
    assert result.err.count(b"\n") == 1


def test_first_look_is_before_the_command_begins(path):
    """So that nothing of it is missed; it is memc's child until then."""
    command = [PYTHON, "-c", "import time; print(time.time_ns() // 1_000_000)"]
    result = record(path, command=command)
    first = query(path, "select min(t_ms) from tick")[0][0]
    assert first <= int(result.out)
    assert query(path, f"select count(*) from process where first_ms={first}") == [(1,)]


def test_summary_tells_the_peak_and_the_owners_then(path, tmp_path):
    code = (
        "import mmap, os, time\n"
        "held = mmap.mmap(-1, 64 << 20)\n"
        "for _ in range(64): held.write(b'1' * (1 << 20))\n"
        f"while not os.path.exists({str(tmp_path / 'go')!r}): time.sleep(0.01)\n"
    )
    options = "--duty", "50", "--detail=smaps", "--max-stall", "10000"
    owner = "select count(*) from owner where rss_kb >= 65536"
    with Recorder(path, *options, command=[PYTHON, "-c", code]) as recorder:
        wait_until(lambda: query(path, owner) not in ([], [(0,)]))
        (tmp_path / "go").touch()
        status, _, said = recorder.end()
    first, *lines = said.splitlines()
    assert status == 0
    assert 64 <= float(PEAK.match(first)[1]) < 140
    amounts = [re.fullmatch(r" +([\d.]+) (KiB|MiB)  (.+)", line) for line in lines]
    amounts = [match for match in amounts if match]
    assert 64 <= float(amounts[0][1]) < 80
    assert 1 < len(amounts) <= 5
    assert any(re.fullmatch(r"  PSS [\d.]+ MiB", line) for line in lines)


def test_summary_after_a_rotation_is_of_the_new_file_and_says_so(path, tmp_path):
    """The command changes nothing after the rotation: the first look there counts."""
    moved = tmp_path / "x.memc.1"
    with Recorder(path, command=["sleep", "1000"]) as recorder:
        wait_until(lambda: query(path, SEEN.format("sleep")))
        path.rename(moved)
        recorder.send(signal.SIGHUP)
        wait_until(path.exists)
        wait_until(lambda: query(path, SEEN.format("sleep")))
        recorder.send(signal.SIGTERM)
        status, _, said = recorder.end()
    first, second, *_ = said.splitlines()
    assert status == 128 + signal.SIGTERM
    assert re.match(
        r"peak RSS [\d.]+ MiB in 1 process at .*, of what is seen since", first
    )
    assert second.endswith("is in the file that was moved away or deleted")


def test_memory_of_memc_before_the_begin_is_not_the_commands(path):
    with Recorder(path, command=["sleep", "1000"]) as recorder:
        wait_until(lambda: query(path, SEEN.format("sleep")))
        recorder.send(signal.SIGTERM)
        status, _, said = recorder.end()
    assert status == 128 + signal.SIGTERM
    words = PEAK.match(said)
    assert words, said
    assert float(words[1]) < 4, "sleep, not Python"


def test_command_that_ends_at_once_has_the_kernels_count(path):
    code = "held = bytearray(90 << 20)"
    words = ["record", "-o", path, "--interval", "1h", "--", PYTHON, "-c", code]
    result = COMMANDS["python"](*words)
    pattern = r"peak RSS ([\d.]+) MiB in one process, as the kernel counts: it ended"
    assert 90 <= float(re.match(pattern, result.err.decode())[1]) < 130
    result = COMMANDS["python"](*words[:-3], "true")
    assert result.err.startswith(b"peak RSS not seen: it ended before memc looked")


def test_summary_counts_children(path, tmp_path):
    code = (
        "import os, time\n"
        "held = bytearray(40 << 20)\n"
        f"while not os.path.exists('{tmp_path}/go'): time.sleep(0.01)\n"
    )
    script = f'{PYTHON} -c "{code}" & {PYTHON} -c "{code}"; wait'
    large = "select count(distinct process) from usage where rss_kb > 40960"
    with Recorder(path, command=["sh", "-c", script]) as recorder:
        wait_until(lambda: query(path, large) == [(2,)])
        (tmp_path / "go").touch()
        status, _, said = recorder.end()
    assert status == 0
    words = re.match(r"peak RSS ([\d.]+) MiB in 3 processes", said)
    assert float(words[1]) > 80


def test_quiet_says_nothing(path):
    result = record(path, "--quiet", command=["sh", "-c", "exit 3"])
    assert (result.status, result.out, result.err) == (3, b"", b"")


def test_only_the_command_and_its_descendants_are_recorded(path, tmp_path):
    script = f"sleep 1000 & while [ ! -e {tmp_path}/go ]; do sleep 0.1; done; kill $!"
    with Recorder(path, command=["sh", "-c", script]) as recorder:
        wait_until(lambda: query(path, SEEN.format("sleep")))
        (tmp_path / "go").touch()
        assert recorder.end()[0] == 0
    names = {name for (name,) in query(path, "select distinct name from process")}
    assert {"sh", "sleep"} <= names
    assert names <= {"sh", "sleep", "python", "python3", "memc-py", "memc"}


def test_output_and_input_are_the_commands_own(path):
    command = ["sh", "-c", "cat; echo err >&2"]
    words = ["record", "-o", path, "--quiet", "--", *command]
    argv = [*COMMANDS["python"].argv, *map(str, words)]
    done = subprocess.run(argv, input=b"in", capture_output=True, check=True, cwd="/")
    assert (done.stdout, done.stderr) == (b"in", b"err\n")


def test_command_begins_as_if_memc_were_not_there(path):
    """No signal is blocked or ignored, no file open, no limit raised.

    Signals 32 and 33 are the C library's own; posix_spawn(3) leaves them ignored.
    """
    code = (
        "import json, os, resource, signal\n"
        "fds = [f'/proc/self/fd/{n}' for n in os.listdir('/proc/self/fd')]\n"
        "names = [os.readlink(fd) for fd in fds if os.path.exists(fd)]\n"
        "status = dict(line.split(':', 1) for line in open('/proc/self/status'))\n"
        "masks = [status[name].strip() for name in ('SigBlk', 'SigIgn')]\n"
        "masks = [int(mask, 16) & ~(0b11 << 31) for mask in masks]\n"
        "print(json.dumps([masks, [n for n in names if 'x.memc' in n],"
        " resource.getrlimit(resource.RLIMIT_NOFILE), sorted(os.environ)]))\n"
    )
    command = [PYTHON, "-S", "-E", "-c", code]
    env = COMMANDS["python"].environment()
    alone = subprocess.run(command, capture_output=True, check=True, env=env)
    result = record(path, "--quiet", command=command)
    assert json.loads(result.out) == json.loads(alone.stdout)


def test_sigterm_is_handed_on_and_the_command_may_take_its_time(path, tmp_path):
    script = (
        f"trap 'sleep 0.1; exit 7' TERM; touch {tmp_path}/up; "
        "while :; do sleep 0.05; done"
    )
    with Recorder(path, command=["sh", "-c", script]) as recorder:
        wait_until((tmp_path / "up").exists)
        recorder.send(signal.SIGTERM)
        status, _, said = recorder.end()
    assert status == 7
    assert said.startswith("peak ")
    assert query(path, "select why from run") == [("ended",)]


def test_sigint_of_a_terminal_is_not_handed_on_twice(path, tmp_path):
    """The kernel sends it to all processes on the terminal."""
    code = (
        "import signal, sys, time\n"
        "got = []\n"
        "signal.signal(signal.SIGINT, lambda *_: got.append(1))\n"
        f"open({str(tmp_path / 'up')!r}, 'w').close()\n"
        "while not got: time.sleep(0.01)\n"
        "time.sleep(0.3)\n"
        "sys.exit(10 + len(got))\n"
    )
    lead = (
        "import fcntl, os, sys, termios\n"
        "fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
        "os.execv(sys.argv[1], sys.argv[1:])"
    )
    ours, theirs = os.openpty()
    with Recorder(
        path,
        prefix=(PYTHON, "-c", lead),
        command=[PYTHON, "-c", code],
        start_new_session=True,
        stdin=theirs,
    ) as recorder:
        os.close(theirs)
        wait_until((tmp_path / "up").exists)
        os.write(ours, b"\x03")  # Ctrl-C
        status, _, said = recorder.end()
    os.close(ours)
    assert (status, said[:5]) == (11, "peak ")


def test_sigint_that_memc_alone_got_is_handed_on(path, tmp_path):
    script = f"trap 'exit 9' INT; touch {tmp_path}/up; while :; do sleep 0.05; done"
    with Recorder(path, command=["sh", "-c", script]) as recorder:
        wait_until((tmp_path / "up").exists)
        recorder.send(signal.SIGINT)
        assert recorder.end()[0] == 9


def test_command_goes_on_after_for(path, tmp_path):
    command = ["sh", "-c", f"while [ ! -e {tmp_path}/go ]; do sleep 0.05; done; exit 5"]
    with Recorder(path, "--for", "50ms", command=command) as recorder:
        wait_until(lambda: query(path, "select why from run") == [("time",)])
        (tmp_path / "go").touch()
        status, _, said = recorder.end()
    assert (status, said[:5]) == (5, "peak ")


def test_command_does_not_begin_if_it_cannot_be_recorded(path, tmp_path):
    path.write_text("a text")
    result = record(path, command=["touch", tmp_path / "begun"])
    assert result.status == 1
    assert b"not a recording of memc" in result.err
    assert not (tmp_path / "begun").exists()
    wrong = record(path, "--regions", "x", command=["touch", tmp_path / "begun"])
    assert wrong.status == 2
    assert not (tmp_path / "begun").exists()


def test_others_are_recorded_beside_the_command(path):
    with Recorder(path, os.getpid(), command=["sleep", "1000"]) as recorder:
        wait_until(lambda: query(path, SEEN.format("sleep")))
        recorder.send(signal.SIGTERM)
        _, _, said = recorder.end()
    pids = {pid for (pid,) in query(path, "select distinct pid from usage")}
    assert os.getpid() in pids
    words = PEAK.match(said)
    assert words, said
    assert float(words[1]) < 4, "the peak is that of the command alone"


def test_command_is_not_looked_for_in_another_proc(path, tmp_path):
    """Its pid would be another process there, as on the host of a container."""
    fill(Tree(tmp_path / "proc"))
    begun = tmp_path / "begun"
    result = record(path, "--proc", tmp_path / "proc", command=["touch", begun])
    assert result.status == 2
    assert b"COMMAND has another pid there" in result.err
    assert not begun.exists()
    assert not path.exists()
