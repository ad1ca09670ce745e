"""What threads keep for each other may be forgotten by one while another asks."""

import threading
from types import SimpleNamespace

import pytest

import memc
from memc.analysis import twice_mapped
from memc.analysis.twice_mapped import twice_mapped as find_twice
from memc.owners import mapped, mapped_runtimes, texts
from memc.read import native_columns
from memc.targets import facts

# The modules that keep answers, and the names under which they do.
KEPT = [
    (twice_mapped, "_answers"),
    (mapped, "_words"),
    (texts, "_known"),
    (native_columns, "_known"),
    (native_columns, "_numbers"),
    (native_columns, "_shapes"),
    (facts, "_commands"),
]


class Forgetful(dict):
    """Forgets at once, as if another thread had cleared it."""

    def __setitem__(self, key, value):
        pass


def told(proc, pid):
    """Return what is found out of a process with the help of earlier answers."""
    snap = memc.snapshot(pid, detail="smaps", proc=proc)
    owners = [(one.owner, one.why) for one in snap.find_owners()]
    return owners, mapped_runtimes(snap), find_twice(snap)


@pytest.mark.parametrize(("module", "name"), KEPT)
def test_an_answer_that_is_forgotten_is_found_again(copy, monkeypatch, module, name):
    expected = told(copy.proc, copy.pid)
    assert isinstance(getattr(module, name), dict)
    monkeypatch.setattr(module, name, Forgetful())
    assert told(copy.proc, copy.pid) == expected


def test_facts_that_another_thread_adds_end_no_comparison():
    known = texts.Texts()
    known.far = dict.fromkeys(((0, 1), (1, 2), (2, 3)), True)

    def is_far(row, program):
        known.far[row + 9, program] = True
        return True

    assert known.is_as_far(SimpleNamespace(is_far=is_far))


def test_threads_that_read_the_same_process_tell_the_same(copy, monkeypatch):
    for module in {module for module, _ in KEPT}:
        monkeypatch.setattr(module, "COUNT_MAX", 1)
    expected = told(copy.proc, copy.pid)
    found = []

    def work():
        found.extend([told(copy.proc, copy.pid) for _ in range(20)])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 80
    assert all(one == expected for one in found)
