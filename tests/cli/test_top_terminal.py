"""memc top on a real terminal: it starts, follows its size, and leaves no trace."""

import os
import re
import signal

import pytest
from support import children
from support.cases import cases
from support.tmux import terminal

ENDS = [
    (lambda screen: screen.keys("q"), 0, "q"),
    (lambda screen: screen.keys("F10"), 0, "F10"),
    (lambda screen: screen.keys("C-c"), 0, "Ctrl-C"),
    (lambda screen: os.kill(screen.pid, signal.SIGINT), 130, "SIGINT"),
    (lambda screen: os.kill(screen.pid, signal.SIGTERM), 143, "SIGTERM"),
    (lambda screen: os.kill(screen.pid, signal.SIGHUP), 129, "SIGHUP"),
]


@pytest.fixture
def screen(tmp_path):
    with terminal(tmp_path) as made:
        yield made


def modes(screen):
    return [
        screen.tells(mode) for mode in ("alternate_on", "cursor_flag", "mouse_any_flag")
    ]


@pytest.mark.parametrize("end", ENDS, ids=[end[2] for end in ENDS])
def test_the_terminal_is_as_before_however_it_ends(screen, end):
    stop, status, _ = end
    screen.type("echo what was there before")
    screen.memc("top", str(os.getpid()))
    screen.wait("[live]")
    assert "what was there before" not in screen.text
    assert screen.tells("alternate_on") == "1"
    stop(screen)
    assert screen.wait_for_status() == status
    assert "what was there before" in screen.text
    assert "Traceback" not in screen.text
    assert modes(screen) == ["0", "1", "0"]
    screen.type("stty -a | grep -c ' icanon.* echo '")
    screen.wait("\n1\n")  # lines are edited, and keys are seen


def test_it_follows_the_size_of_the_terminal(screen):
    # What a shell told of another size, when it began, is not asked.
    screen.memc("top", str(os.getpid()), before="COLUMNS=44 LINES=10")
    screen.wait("5 MIN")
    screen.resize(60, 20)
    screen.wait(lambda text: "5 MIN" not in text and "PID" in text)
    screen.resize(30, 8)
    screen.wait(lambda text: "PID" not in text and "NAME" in text)
    screen.resize(10, 3)
    screen.wait("at least")
    screen.resize(120, 40)
    screen.wait("5 MIN")
    screen.keys("q")
    assert screen.wait_for_status() == 0


def test_it_shows_what_a_process_holds(screen):
    screen.memc("top", str(os.getpid()))
    screen.wait("malloc")
    screen.keys("r")
    screen.wait("regions")
    screen.wait("rw-p")
    screen.keys("F1")
    screen.wait("go to a name or command line")
    screen.keys("Escape")
    screen.wait("[live]")
    screen.keys("q")
    assert screen.wait_for_status() == 0


def test_a_process_that_ends_is_told_of_until_it_is_left(screen):
    with children.waiting() as child:
        screen.memc("top", str(os.getpid()), str(child.pid))
        screen.wait(f" {child.pid} ")
        screen.wait(lambda text: "2/2" in text or "1/2" in text)
        screen.keys("End")
        screen.wait(lambda text: re.search(rf"^> +{child.pid} ", text, re.MULTILINE))
    screen.wait("[ended]")
    screen.keys("Home")
    screen.wait(lambda text: "[ended]" not in text)
    screen.keys("q")
    assert screen.wait_for_status() == 0


INSTEAD = [
    (["top"], "TERM=dumb", 2, "--once", "a terminal that cannot move its cursor"),
    (["top", "--once"], "TERM=dumb", 0, "NAME", "--once needs no more"),
    (["top", "--once"], "", 0, "NAME", "--once, on a terminal that could"),
]


@cases(INSTEAD, why=4)
def test_text_needs_no_terminal(case, screen):
    args, before, status, words, _ = case
    screen.memc(*args, str(os.getpid()), before=before)
    assert screen.wait_for_status() == status
    assert words in screen.text
    assert screen.tells("alternate_on") == "0"
