"""The one object that says how to read: what it refuses, and where it is the same."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest
from support import children
from support.cases import cases

import memc
from memc.errors import ProcessGone
from memc.read.options import Options, check_pid
from memc.table.fields import DETAILS, PID_MAX

# words of the message, why, arguments
BAD = [
    ("detail: expected .*'maps' .*, not 'all'", "an unknown detail", {"detail": "all"}),
    ("detail: expected .*, not ''", "no detail", {"detail": ""}),
    ("detail: expected .*, not None", "None is no detail", {"detail": None}),
    (r"detail: expected .*, not \[\]", "a list has no hash", {"detail": []}),
    ("max_stall_ms: expected 1 or more, not 0", "no budget", {"max_stall_ms": 0}),
    ("max_stall_ms: expected 1 or more, not -5", "less", {"max_stall_ms": -5}),
    ("jobs: expected 1 or more, not 0", "no thread", {"jobs": 0}),
    ("jobs: expected 1 or more, not -1", "fewer", {"jobs": -1}),
]


@cases(BAD, why=1)
def test_bad_value_is_refused_by_its_name(case):
    words, _, arguments = case
    with pytest.raises(ValueError, match=f"^{words}$"):
        Options(**arguments)


# what takes options, and the arguments that it has of them
TAKERS = [
    (lambda **options: memc.snapshot(7, **options), {"detail", "max_stall_ms"}),
    (memc.snapshot_all, {"detail", "max_stall_ms", "jobs"}),
    (lambda **options: memc.Sampler(7, **options), {"detail", "max_stall_ms"}),
]
PUBLIC = [
    pytest.param(take, words, arguments, id=f"{name}-{why}")
    for (take, known), name in zip(TAKERS, ("one", "all", "sampler"), strict=True)
    for words, why, arguments in BAD
    if arguments.keys() <= known
]


@pytest.mark.parametrize(("take", "words", "arguments"), PUBLIC)
def test_all_that_reads_refuses_it_in_the_same_words(tree, take, words, arguments):
    with pytest.raises(ValueError, match=f"^{words}$"):
        take(proc=str(tree), **arguments)


@pytest.mark.parametrize("detail", DETAILS)
def test_every_detail_is_taken(detail):
    assert Options(detail).detail == detail


def test_what_is_not_told_is_as_little_as_can_be():
    options = Options()
    assert {name: getattr(options, name) for name in Options.__slots__} == {
        "after": None,
        "cgroups": False,
        "cmdlines": False,
        "detail": "maps",
        "held": None,
        "is_reused": False,
        "jobs": None,
        "keep_open": False,
        "last": None,
        "late": 0,
        "max_age_ms": 5000,
        "max_stall_ms": None,
        "proc": "/proc",
        "progress": None,
        "skip_kernel": False,
    }


# error, words of the message, why, pid
PIDS = [
    (TypeError, "pid: expected an int, not str", "text", "7"),
    (TypeError, "pid: expected an int, not NoneType", "nothing", None),
    (TypeError, "pid: expected an int, not float", "a fraction", 7.5),
    (ValueError, "pid: expected 1 or more, not 0", "nobody", 0),
    (ValueError, "pid: expected 1 or more, not -1", "a group of processes", -1),
    (ProcessGone, f"process {PID_MAX + 1}: no such process", "over any", PID_MAX + 1),
]


@cases(PIDS, why=2)
def test_bad_pid_is_refused_by_its_name(case):
    error, words, _, pid = case
    with pytest.raises(error, match=f"^{words}$"):
        check_pid(pid)


@pytest.mark.parametrize("pid", [1, PID_MAX])
def test_pid_that_a_process_may_have_is_taken(pid):
    assert check_pid(pid) is None


# what is said, why, the options
TYPES = [
    ("jobs: expected an int, not '2'", "a text", {"jobs": "2"}),
    ("jobs: expected an int, not 1.5", "a fraction", {"jobs": 1.5}),
    ("max_stall_ms: expected an int, not '9'", "a text, too", {"max_stall_ms": "9"}),
    ("max_age_ms: expected an int, not None", "no age", {"max_age_ms": None}),
    ("proc: expected a str, not 7", "a number", {"proc": 7}),
    ("proc: expected a str, not None", "nothing", {"proc": None}),
]


@cases(TYPES, why=1)
def test_option_of_another_type_is_refused_by_its_name(case):
    said, _, words = case
    with pytest.raises(TypeError, match=f"^{said}$"):
        Options("maps", **words)


@pytest.mark.parametrize("name", ["cgroups", "cmdlines", "keep_open", "skip_kernel"])
@pytest.mark.parametrize("value", [None, 0, 2, "", "yes", [], [5]])
def test_a_switch_is_true_or_false_as_python_sees_it(name, value):
    """C would refuse 2 and texts."""
    assert getattr(Options(**{name: value}), name) is bool(value)


def test_threads_that_name_a_detail_alone_do_not_meet():
    with children.waiting() as one, children.waiting() as other:
        pids = [one.pid, other.pid, os.getpid()] * 100
        with ThreadPoolExecutor(6) as pool:
            found = [*pool.map(lambda pid: memc.snapshot(pid).pid, pids)]
    assert found == pids


@pytest.mark.parametrize("failing", [2**22, 10**9])
def test_call_that_fails_leaves_nothing_for_the_next(failing):
    for detail in (*DETAILS, *DETAILS):
        with pytest.raises(ProcessGone):
            memc.snapshot(failing, detail=detail)
        snap = memc.snapshot(os.getpid(), detail=detail)
        assert (snap.pid, snap.detail) == (os.getpid(), detail)


def test_what_equals_a_default_is_looked_at_all_the_same():
    memc.snapshot(os.getpid())
    with pytest.raises(TypeError, match=r"max_age_ms: expected an int, not 5000\.0"):
        memc.snapshot(os.getpid(), max_age_ms=5000.0)
