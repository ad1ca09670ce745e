"""The messages of a scan of all processes, and its line of progress on a terminal."""

import os

import pytest

from memc.cli import output
from memc.cli.common import progress
from memc.table.snapshot import Skipped


@pytest.fixture
def told(monkeypatch):
    """Collect what goes to stderr, and let each look at the clock take 60 ms."""
    words = []
    monkeypatch.setattr(progress, "tell", words.append)
    clock = iter(range(0, 10**12, 60_000_000))
    monkeypatch.setattr(progress.time, "monotonic_ns", lambda: next(clock))
    return words


def scan(total):
    show = progress.Progress()
    for done in range(total + 1):
        show(done, total)


def test_progress_is_shown_on_a_terminal_and_wiped_in_the_end(told, monkeypatch):
    monkeypatch.setattr(os, "isatty", lambda fd: fd == output.STDERR)
    scan(6)
    first, *middle, last = told
    assert first == "Scanning 6 processes…\n"
    assert middle
    assert all(line.startswith("\r") and "\n" not in line for line in middle)
    assert all("of 6" in line for line in middle)
    assert last == "\r\x1b[K"


def test_no_progress_is_shown_where_stderr_is_no_terminal(told, monkeypatch):
    monkeypatch.setattr(os, "isatty", lambda _fd: False)
    scan(6)
    assert told == ["Scanning 6 processes…\n"]


def test_scan_of_none_is_told_once(told, monkeypatch):
    monkeypatch.setattr(os, "isatty", lambda _fd: False)
    show = progress.Progress()
    show(0, 0)
    show(0, 0)
    assert told == ["Scanning 0 processes…\n"]


def test_one_process_is_not_called_processes(told, monkeypatch):
    monkeypatch.setattr(os, "isatty", lambda _fd: False)
    scan(1)
    assert told == ["Scanning 1 process…\n"]


@pytest.mark.parametrize(
    ("expected", "reasons"),
    [
        ("Collected 397, skipped 0", []),
        ("Collected 397, skipped 2: permission denied", ["denied"] * 2),
        ("Collected 397, skipped 1: ended", ["gone"]),
        ("Collected 397, skipped 1: error", ["error"]),
        (
            "Collected 397, skipped 4: 2 permission denied, 1 ended, 1 error",
            ["gone", "denied", "error", "denied"],
        ),
    ],
)
def test_summary_tells_how_many_and_why(expected, reasons):
    skipped = tuple(Skipped(7, "name", reason) for reason in reasons)
    assert progress.summary(397, skipped) == expected
