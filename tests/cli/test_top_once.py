"""memc top --once, and what memc top refuses: what it prints without a terminal."""

import os
import sys

import pytest
from support import children
from support.cases import cases
from support.commands import COMMANDS, Result
from support.obeying import Child
from support.terminal import all_shown, run_on_terminal

MEMC = COMMANDS["python"]
WITHOUT = """
import sys
sys.modules["textual"] = sys.modules["rich"] = None
from memc.cli.main import main
sys.exit(main())
"""
NAME = "import ctypes; ctypes.CDLL(None).prctl(15, {!r}, 0, 0, 0)"
SPAWN = "import subprocess; kept = [subprocess.Popen(['/bin/cat'], stdin=-1)]"


@pytest.fixture
def child():
    child = Child()
    yield child
    child.close()


def once(*args, **options) -> Result:
    return MEMC("top", "--once", *args, **options)


def rows(result):
    """Give the words of each line below the heads."""
    assert (result.status, result.err) == (0, b"")
    lines = result.out.decode().splitlines()
    heads = next(at for at, line in enumerate(lines) if "NAME" in line.split())
    return [line.split() for line in lines[heads + 1 :]]


def test_every_process_is_there(child):
    child.run(SPAWN)
    shown = rows(once("--tree", os.getpid()))
    tree = {str(os.getpid()), str(child.pid)}
    assert tree <= {words[0] for words in shown}
    parents = {words[1] for words in shown if words[0] == str(child.pid)}
    assert parents == {"python"} or parents == {os.path.basename(sys.executable)}
    child.run("kept[0].kill(); kept[0].communicate()")


def test_a_zombie_is_there_and_has_no_amounts():
    with children.zombie() as pid:
        (words,) = rows(once(pid))
    assert words[:2] == [str(pid), "true"]
    assert words[2:] == ["[zombie]", "-", "-", "-", "-", "-", "-"]


def test_all_processes_are_there_without_a_target():
    with children.zombie() as pid, children.waiting() as child:
        shown = {words[0] for words in rows(once())}
        assert {str(pid), str(child.pid), str(os.getpid())} <= shown


def test_text_has_80_columns_and_no_escape_sequences_when_piped():
    text = once("--tree", os.getpid()).out.decode()
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 80
    assert all(line == line.rstrip() for line in text.splitlines())
    assert text.endswith("\n")


def test_text_is_as_wide_as_the_terminal():
    got = run_on_terminal(MEMC, "top", "--once", os.getpid(), COLUMNS="200")
    lines = got.decode().splitlines()
    assert b"\x1b" not in got
    assert "USER" in lines[1].split()
    assert max(map(len, lines)) <= 200


def test_it_needs_no_textual(child):
    done = MEMC.__class__("bare", (sys.executable, "-c", WITHOUT))
    assert rows(done("top", "--once", child.pid))[0][0] == str(child.pid)


def test_names_of_others_cannot_write_to_the_terminal(child):
    child.run(NAME.format(b"\x1b[2J\xff\n"))
    (words,) = rows(once(child.pid))
    assert words[1] == "\\x1b[2J\\xff\\x0a"


def test_a_process_that_ends_meanwhile_is_no_error(child):
    """Two looks are taken: the second one finds nobody."""
    child.run("import threading; threading.Timer(0.05, __import__('os')._exit, [0])")
    child.process.stdin.write(
        "threading.Timer(.2, __import__('os')._exit, [0]).start()"
    )
    child.process.stdin.write("\n")
    child.process.stdin.flush()
    result = once("--sort", "growth", "--interval", "2s", child.pid)
    assert result.status in (0, 1)
    assert b"Traceback" not in result.err


SORTS = ["rss", "swap", "anon", "file"]


@pytest.mark.parametrize("sort", SORTS)
def test_the_largest_is_first(sort):
    def kb(text):
        units = {"K": 1, "M": 1 << 10, "G": 1 << 20}
        known = text[-1] in units
        return float(text[:-1]) * units[text[-1]] if known else float(text)

    result = once("--tree", os.getpid(), "--sort", sort)
    heads = next(x for x in result.out.decode().splitlines() if "NAME" in x.split())
    titles = heads.split()
    at = titles.index(f"▼{sort.upper()}") - len(titles)
    found = [words[at] for words in rows(result) if words[at] != "-"]
    amounts = [kb(text) for text in found]
    assert amounts == sorted(amounts, reverse=True)
    assert amounts


# arguments, how the pids of parent and child are ordered, why
ORDERS = [
    (["--sort", "pid"], 1, "pids begin with the first"),
    (["--sort", "pid", "--reverse"], -1, "and turn around"),
]


@cases(ORDERS, why=2)
def test_order(case, child):
    args, step, _ = case
    pids = [int(words[0]) for words in rows(once(*args, os.getpid(), child.pid))]
    assert pids == sorted([os.getpid(), child.pid])[::step]


def test_growth_and_faults_take_two_looks(child):
    child.run("import threading; e = threading.Event()")
    (words,) = rows(once("--sort", "faults", "--interval", "100ms", child.pid))
    assert words[-1] != "-"


def test_the_uss_is_read_of_all_if_it_is_asked_for(child):
    shown = rows(once("--sort", "uss", child.pid, os.getpid()))
    assert "-" not in [words[-1] for words in shown]


def test_groups_have_counts(child):
    child.run(SPAWN)
    shown = rows(once("--by", "user", "--tree", child.pid))
    assert [words[0] for words in shown] == ["2"]
    child.run("kept[0].kill(); kept[0].communicate()")


# arguments, status, words, why
WRONG = [
    (["--once", "--name", "no such name"], 1, "no process with a name", "nobody"),
    (["--once", "nginx"], 1, "--name nginx", "a name is no target"),
    (["--once", "/etc/passwd"], 2, "memc show reads other files", "another file"),
    (["--once", "0"], 2, "expected a positive number", "no pid"),
    (["--once", "--at", "14:03"], 2, "live processes have no past", "no recording"),
    (["--once", "--interval", "1ms"], 2, "100 ms or more", "nobody can see that"),
    (["--once", "--duty", "0"], 2, "above 0, up to 100", "then nothing is read"),
    (["--once", "--sort", "size"], 2, "--sort", "no column"),
    (["--once", "--by", "owner"], 2, "--by", "owners are below, by Enter"),
    ([], 2, "stdin is no terminal: --once", "no terminal"),
    (["--once", "--proc", "/nothing"], 1, "No such file or directory", "no /proc"),
]


@cases(WRONG, why=3)
def test_what_cannot_be_shown_is_refused(case):
    args, status, words, _ = case
    result = MEMC("top", *args)
    assert (result.status, result.out) == (status, b"")
    assert words in result.err.decode()


def test_a_pid_that_nobody_has_is_refused():
    result = once(children.ended())
    assert result.status == 1
    assert b"no such process" in result.err


@pytest.fixture
def on_terminal():
    """Give a function that runs memc top with a terminal, and what it printed."""

    def run(memc, *args, without=(), **env):
        ours, theirs = os.openpty()
        streams = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
        for name in without:
            streams.pop(name)
        env = {"TERM": "xterm", **env}
        result = memc("top", *args, env=env, **streams)
        os.close(theirs)
        return result.status, (all_shown(ours) + (result.err or b"")).decode()

    return run


# environment, streams that are no terminal, words, why
NO_TERMINAL = [
    ({"TERM": "dumb"}, [], "cannot move its cursor", "dumb"),
    ({"TERM": ""}, [], "cannot move its cursor", "nobody knows which"),
    ({}, ["stdout"], "stdout is no terminal", "a pipe"),
    ({}, ["stderr"], "stderr is no terminal", "the application draws there"),
    ({}, ["stdin"], "stdin is no terminal", "no keys"),
]


@cases(NO_TERMINAL, why=3)
def test_what_is_no_terminal_is_refused_with_what_to_do(case, on_terminal):
    env, without, words, _ = case
    status, text = on_terminal(MEMC, without=without, **env)
    assert status == 2
    assert words in text
    assert "--once" in text


def test_nobody_is_watched_on_a_terminal(on_terminal):
    status, text = on_terminal(MEMC, "--name", "no such name")
    assert status == 1
    assert text == "memc: no process with a name that matches 'no such name'\r\n"


def test_a_missing_package_is_told_in_one_line(on_terminal):
    bare = MEMC.__class__("bare", (sys.executable, "-c", WITHOUT))
    status, text = on_terminal(bare)
    assert status == 1
    assert text.split("\r\n") == [
        "memc: memc top needs textual: pip install 'memc[top]'",
        "",
    ]
