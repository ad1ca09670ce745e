"""The loop of ``memc push``: what is told of failures, and what ends it."""

import threading
import time

import pytest
from support.crowd_scans import crowd_scan

from memc.cli.push import loop as module
from memc.cli.push.loop import Loop
from memc.errors import MemcError
from memc.serve.push_error import PushError

SCAN = crowd_scan(groups=3, owners=2)._replace(cost_ns=0)  # within each duty
DOWN = PushError("connection refused")
OK = None


class Scanner:
    """Scans as a test says: an error is raised."""

    def __init__(self, *turns):
        self.turns = [*turns]
        self.times = []

    def scan(self):
        self.times.append(time.monotonic())
        turn = self.turns.pop(0) if self.turns else SCAN
        if isinstance(turn, Exception):
            raise turn
        return turn


class Pusher:
    """Pushes as a test says: an error is raised, and a function called."""

    def __init__(self, *turns):
        self.turns = [*turns]
        self.pushed = []
        self.is_closed = False

    def push(self, scan):
        self.pushed.append(scan)
        turn = self.turns.pop(0) if self.turns else OK
        if callable(turn):
            turn()
        elif turn is not None:
            raise turn

    def close(self):
        self.is_closed = True


@pytest.fixture
def said():
    return []


@pytest.fixture
def run(said, monkeypatch):
    """Run a loop in this thread, which keeps its signals."""
    monkeypatch.setattr(module, "ENDING", ())

    def run_loop(pusher, count, *, scanner=None, interval_ms=1, duty=100):
        made = Loop(
            scanner or Scanner(),
            pusher,
            interval_ms=interval_ms,
            duty=duty,
            where="http://h:1",
            say=said.append,
            count=count,
        )
        return made.run()

    return run_loop


CANNOT = "cannot push to http://h:1: connection refused"
AGAIN = "pushing to http://h:1 works again; it failed "
ODD = ValueError("odd")

# What becomes of each push, what is said, and the exit status.
STORIES = [
    ("all is well", [OK, OK], [], 0),
    ("once", [OK], [], 0),
    ("down, once", [DOWN], [CANNOT], 1),
    ("down", [DOWN, DOWN, DOWN], [CANNOT], 1),
    ("told once, for all reasons", [DOWN, PushError("HTTP 503")], [CANNOT], 1),
    ("works again", [DOWN, OK, OK], [CANNOT, f"{AGAIN}once"], 1),
    ("works after a while", [OK, DOWN, DOWN, OK], [CANNOT, f"{AGAIN}2 times"], 1),
    (
        "twice",
        [DOWN, OK, DOWN, OK],
        [CANNOT, f"{AGAIN}once", CANNOT, f"{AGAIN}once"],
        1,
    ),
    ("not foreseen", [ODD], ["cannot push to http://h:1: ValueError: odd"], 1),
]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story[0])
def test_a_failure_is_told_once_and_so_is_its_end(run, said, story):
    _, turns, words, expected = story
    pusher = Pusher(*turns)
    assert run(pusher, len(turns)) == expected
    assert said == words
    assert len(pusher.pushed) == len(turns)  # nothing is kept and sent later
    assert pusher.is_closed


def test_each_scan_is_pushed_once_and_none_is_kept(run):
    scans = [SCAN._replace(timestamp_ms=each) for each in range(4)]
    pusher = Pusher(OK, DOWN, OK, OK)
    run(pusher, 4, scanner=Scanner(*scans))
    assert [scan.timestamp_ms for scan in pusher.pushed] == [0, 1, 2, 3]


def test_a_scan_that_fails_is_not_pushed_and_the_next_one_is(run, said):
    pusher = Pusher()
    assert run(pusher, 2, scanner=Scanner(MemcError("no /proc"), SCAN)) == 1
    assert pusher.pushed == [SCAN]
    assert said == []  # the scanner tells it


def test_a_receiver_that_asked_for_peace_is_left_alone(run, said):
    pusher = Pusher(PushError("HTTP 429", wait_s=60))
    assert run(pusher, 3) == 1
    assert len(pusher.pushed) == 1
    assert len(said) == 1


def test_a_receiver_that_asked_for_peace_is_pushed_to_after_it(run, said):
    pusher = Pusher(PushError("HTTP 429", wait_s=0.01))
    scanner = Scanner()
    run(pusher, 2, scanner=scanner, interval_ms=500)
    assert len(pusher.pushed) == 2
    assert said[-1] == f"{AGAIN}once"


def test_nobody_may_ask_for_peace_for_ever(run, monkeypatch):
    monkeypatch.setattr(module, "WAIT_MAX_S", 0)
    pusher = Pusher(PushError("HTTP 429", wait_s=1e9))
    run(pusher, 2)
    assert len(pusher.pushed) == 2


def test_a_push_without_end_holds_up_no_scan_and_no_second_one_begins(
    run, said, monkeypatch
):
    monkeypatch.setattr(module, "TIMEOUT_S", 0.05)
    let_go = threading.Event()
    pusher, scanner = Pusher(let_go.wait), Scanner()
    try:
        assert run(pusher, 4, scanner=scanner) == 1
    finally:
        let_go.set()
    assert len(scanner.times) == 4
    assert len(pusher.pushed) == 1
    assert said == ["cannot push to http://h:1: no answer in 0.05 s"]


def test_a_push_that_ends_after_all_makes_room_for_the_next(run, said, monkeypatch):
    monkeypatch.setattr(module, "TIMEOUT_S", 0.05)
    let_go = threading.Event()
    scanner, pusher = Scanner(), Pusher(let_go.wait)
    scan = scanner.scan

    def scan_and_let_go():
        if len(scanner.times) == 2:
            let_go.set()
            time.sleep(0.05)
        return scan()

    scanner.scan = scan_and_let_go
    run(pusher, 4, scanner=scanner, interval_ms=50)
    assert len(pusher.pushed) >= 2
    assert said[1].startswith(AGAIN)


@pytest.mark.parametrize(
    ("interval_ms", "duty", "cost_s", "after_s"),
    [
        (60_000, 5, 0.4, 60),
        (60_000, 5, 6.0, 120),
        (1_000, 100, 3.0, 3),
        (1_000, 0.5, 0.1, 20),
        (1_000, 5, 0.0, 1),  # the scan failed
    ],
)
def test_the_next_scan_waits_for_its_time_and_for_the_duty(
    interval_ms, duty, cost_s, after_s
):
    made = Loop(
        Scanner(), Pusher(), interval_ms=interval_ms, duty=duty, where="", say=print
    )
    assert made.after_s(cost_s) == pytest.approx(after_s)
