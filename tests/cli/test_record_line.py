"""The status line of ``memc record``: what it says, and where it is not."""

import os
import time

import pytest
from support.cases import cases
from support.commands import COMMANDS
from support.terminal import all_shown, run_on_terminal

from memc.cli.record import line
from memc.cli.record.line import Line, text_of

PARTS = {
    "time": "14:03:05",
    "size": "12.3 MiB",
    "processes": "412 processes",
    "cpu": "0.15% CPU",
    "gaps": "2 gaps",
}
WHOLE = "14:03:05  412 processes  12.3 MiB in a.memc  0.15% CPU  2 gaps"

# the line, why, its width, what differs, FILE
LINES = [
    (WHOLE, "all fits", 79, {}, "a.memc"),
    (WHOLE, "a wide terminal", 199, {}, "a.memc"),
    (WHOLE.removesuffix("  2 gaps"), "no gaps", 79, {"gaps": ""}, "a.memc"),
    ("14:03:05  412 processes  12.3 MiB  2 gaps", "no room for the CPU", 41, {},
     "a.memc"),
    ("14:03:05  12.3 MiB  2 gaps", "nor for the processes", 39, {}, "a.memc"),
    ("14:03:05  412 processes  12.3 MiB", "40 columns", 39, {"gaps": ""}, "a.memc"),
    ("14:03:05", "no room", 10, {}, "a.memc"),
    ("14…:05", "hardly any room", 6, {}, "a.memc"),
    (WHOLE, "the name of a long path", 79, {}, "/a/long/path/to/its/folder/a.memc"),
    ("14:03:05  412 processes  12.3 MiB in very-v…y-long.memc  0.15% CPU  2 gaps",
     "a long name", 74, {}, "very-very-very-very-long.memc"),
    (WHOLE.replace("a.memc", r"\x1b[2J"), "a hostile name", 79, {}, "\x1b[2J"),
]  # fmt: skip


@cases(LINES, why=1)
def test_line_has_what_fits(case):
    expected, _, width, parts, path = case
    text = text_of(PARTS | parts, path, width)
    assert text == expected
    assert len(text) <= width


class Session:
    """A session that somebody else runs."""

    path, processes, gaps, cpu_ns = "a.memc", 1, 0, 0

    def size(self):
        return 4096


@pytest.fixture
def told(monkeypatch):
    """Give what a line wrote, on a terminal of 80 columns."""
    written = []
    monkeypatch.setattr(line, "tell", written.append)
    monkeypatch.setattr(line, "say", lambda text: written.append(f"memc: {text}\n"))
    monkeypatch.setattr(line, "terminal_width", lambda _: 80)
    monkeypatch.setattr(os, "isatty", lambda _: True)
    monkeypatch.setattr(time, "strftime", lambda _: "14:03:05")
    return written


def test_shorter_line_covers_the_one_before(told):
    session, shown = Session(), Line(quiet=False)
    session.processes = 1000
    shown.show(session)
    session.processes = 1
    shown.show(session)
    long, short = told
    assert long == "\r14:03:05  1,000 processes  4 KiB in a.memc"
    assert short.startswith("\r14:03:05  1 process  4 KiB in a.memc  0.00% CPU")
    session.cpu_ns = 10**18
    shown.show(session)
    shown.show(Session())
    assert len(told[-1]) == len(told[-2])


def test_first_look_counts_as_no_cpu(told):
    session, shown = Session(), Line(quiet=False)
    session.cpu_ns = 10**12  # it met all processes
    shown.show(session)
    shown.show(session)
    assert "CPU" not in told[0]
    assert "0.00% CPU" in told[1]


def test_message_takes_the_place_of_the_line(told):
    shown = Line(quiet=False)
    shown.show(Session())
    width = len(told[0]) - 1
    shown.say("the disk is full")
    assert told[1:] == ["\r" + " " * width, "\r", "memc: the disk is full\n"]
    shown.show(Session())
    shown.end()
    shown.end()
    assert told[-1] == "\n"
    assert told[-2] != "\n"


def test_quiet_has_messages_and_no_line(told):
    shown = Line(quiet=True)
    shown.show(Session())
    shown.say("the disk is full")
    shown.end()
    assert told == ["memc: the disk is full\n"]


def test_line_is_on_a_terminal_only(tmp_path):
    args = ["record", "-o", tmp_path / "x.memc", os.getpid(), "--count", 1]
    memc = COMMANDS["python"]
    result = memc(*args)
    assert (result.status, result.out, result.err) == (0, b"", b"")
    ours, theirs = os.openpty()
    assert memc(*args, stderr=theirs, env={"COLUMNS": "80"}).status == 0
    os.close(theirs)
    shown = all_shown(ours).decode()
    assert "1 process" in shown
    assert " in x.memc" in shown
    assert shown.endswith("\r\n")
    assert run_on_terminal(memc, *args) == b"", "stdout says nothing"


def test_job_in_the_background_does_not_draw(told, monkeypatch):
    shown = Line(quiet=False)
    monkeypatch.setattr(os, "tcgetpgrp", lambda _: os.getpgrp() + 1)
    shown.show(Session())
    shown.end()
    assert told == []
    monkeypatch.setattr(os, "tcgetpgrp", lambda _: os.getpgrp())
    shown.show(Session())
    assert len(told) == 1
