"""What happens between the two readings of a gate: processes come, go and grow."""

import re

import pytest
from support import children
from support.family import status
from support.trees import PAGE_KB, STATM

from memc.limits.gate import Gate
from memc.limits.limits import GrowthLimit
from memc.targets.choice import Choice

pytestmark = pytest.mark.kernel

NO_GROWTH = GrowthLimit("rss", 0, 1)
BIGGER = b"100 75 10 1 0 50 0\n"


@pytest.fixture
def gate(backend, monkeypatch):
    """Give a gate for growth, in whose wait something happens."""

    def run(choice, meanwhile, *, total=False):
        monkeypatch.setattr("memc.limits.readings.time.sleep", lambda _: meanwhile())
        made = Gate(choice, [NO_GROWTH], backend)
        made.run(apart_s=1, total=total)
        found = [
            (c.target and c.target.pid, c.value.kb, c.is_over) for c in made.checked
        ]
        return found, [error.text for error in made.errors]

    return run


def choice(*pids, proc="/proc", name=None):
    made = Choice(proc=str(proc))
    made.pids = [*pids]
    made.name = name and re.compile(name)
    return made


def test_growth_of_each_is_from_one_reading_to_the_other(gate, tree):
    folder = tree.add(5, status=status(0, 1))
    tree.add(6, status=status(0, 1))

    def grow():
        (folder / "statm").write_bytes(BIGGER)

    found, errors = gate(choice(5, 6, proc=tree), grow)
    assert found == [(5, 50 * PAGE_KB, True), (6, 0, False)]
    assert errors == []


def test_growth_of_all_counts_who_comes_and_goes(gate, tree):
    tree.add(5, status=status(0, 1))
    tree.add(6, status=status(0, 1), statm=BIGGER)

    def change():
        tree.remove(5)
        tree.add(7, status=status(0, 1), statm=BIGGER)

    found, errors = gate(choice(proc=tree, name="."), change, total=True)
    assert found == [(None, 50 * PAGE_KB, True)]
    assert errors == []


def test_who_comes_has_no_growth_and_who_goes_has_none_left(gate, tree):
    tree.add(5, status=status(0, 1))
    tree.add(6, status=status(0, 1))

    def change():
        tree.remove(5)
        tree.add(7, status=status(0, 1), statm=BIGGER)

    found, errors = gate(choice(proc=tree, name="."), change)
    assert found == [(6, 0, False)]
    assert errors == []


def test_limit_that_judged_nobody_is_an_error(gate, tree):
    tree.add(5, status=status(0, 1))

    def change():
        tree.remove(5)
        tree.add(7, status=status(0, 1))

    found, errors = gate(choice(proc=tree, name="."), change)
    words = "no process with a name that matches '.'"
    assert (found, errors) == ([], [f"--max-growth found no process to judge: {words}"])


def test_named_process_that_ends_is_an_error(gate):
    with children.waiting() as child, children.waiting() as other:

        def end():
            child.kill()
            child.wait()

        children.stop(other)
        found, errors = gate(choice(child.pid, other.pid), end)
    assert found == [(other.pid, 0, False)]
    assert errors == [f"process {child.pid}: ended between the two readings"]


def test_named_process_that_becomes_a_zombie_is_an_error(gate):
    with children.waiting() as child:

        def end():
            child.kill()
            children.wait_for_end(child.pid)

        found, errors = gate(choice(child.pid), end)
    assert found == []
    words = "has no memory: it has ended and is a zombie"
    assert errors == [f"process {child.pid} sh: {words}"]


def began(ticks):
    """Give a stat of a process that began at that time."""
    return b"5 (a) b) c) S %s%d 0\n" % (b"0 " * 18, ticks)


@pytest.mark.parametrize("is_named", [True, False])
def test_process_that_was_given_the_pid_meanwhile_is_not_compared(gate, tree, is_named):
    folder = tree.add(5, status=status(0, 1), stat=began(1))
    tree.add(6, status=status(0, 1), stat=began(1))
    meant = choice(5, 6, proc=tree) if is_named else choice(proc=tree, name=".")

    def replace():
        (folder / "stat").write_bytes(began(1000))
        (folder / "statm").write_bytes(BIGGER)

    found, errors = gate(meant, replace)
    assert found == [(6, 0, False)]
    assert errors == ["process 5: ended between the two readings"] * is_named


def test_named_process_that_could_not_be_read_before_is_an_error(gate, tree):
    tree.add(6, status=status(0, 1))
    found, errors = gate(
        choice(5, 6, proc=tree), lambda: tree.add(5, status=status(0, 1))
    )
    assert found == [(6, 0, False)]
    assert errors == ["process 5: could not be read the first time"]


def test_figure_that_was_not_known_before_is_an_error(gate, tree):
    folder = tree.add(5, status=status(0, 1), statm=None)

    def tell():
        (folder / "statm").write_bytes(STATM)

    found, errors = gate(choice(5, proc=tree), tell)
    assert found == []
    assert errors == ["process 5 made-up: rss cannot be judged: it is not known"]
