"""Who is recorded: the processes of a choice, also those that begin later."""

import re

import pytest

from memc.record import chosen as module
from memc.record.chosen import Chosen
from memc.record.followed import Followed, Seen
from memc.record.framed import Framed
from memc.record.options import Regions
from memc.targets.choice import Choice


class Crowd:
    """Made-up processes, and what a look at them finds."""

    def __init__(self):
        self.alive = {}
        self.seen = Seen()

    def add(self, pid, parent=1, name="a", rss=0):
        followed = Followed(pid)
        followed.parent, followed.name = parent, name.encode()
        followed.rss_pages = rss
        self.alive[pid] = followed
        self.seen.started.append(followed)
        return followed

    def exec(self, pid, name):
        self.alive[pid].name = name.encode()
        self.seen.executed.append(self.alive[pid])

    def end(self, pid):
        self.seen.ended.append(self.alive.pop(pid))

    def look(self):
        seen, self.seen = self.seen, Seen()
        seen.alive = [*self.alive.values()]
        return seen


@pytest.fixture
def crowd():
    return Crowd()


@pytest.fixture
def choose(monkeypatch, crowd):
    """Give a function that makes a Chosen, whose only test is of the name."""

    def passes(_root, pid, tests):
        name = crowd.alive[pid].name.decode()
        return all(test.search(name) for test in tests)

    def tests_of(choice):
        return [choice.name] if choice.name else []

    monkeypatch.setattr(module, "passes", passes)
    monkeypatch.setattr(module, "tests_of", tests_of)

    def make(**options):
        choice = Choice()
        for name, value in options.items():
            setattr(choice, name, value)
        return Chosen(choice, None)

    return make


def pids(followed):
    return sorted(each.pid for each in followed)


def test_name_is_judged_when_a_process_begins_and_runs_another_program(crowd, choose):
    chosen = choose(name=re.compile("^java$"))
    crowd.add(5, name="java")
    crowd.add(6, name="sh")
    seen = chosen.choose(crowd.look())
    assert pids(seen.alive) == pids(seen.started) == [5]
    crowd.add(7, name="java")
    crowd.exec(6, "java")
    crowd.exec(5, "sh")
    seen = chosen.choose(crowd.look())
    assert pids(seen.alive) == [6, 7]
    assert (pids(seen.started), pids(seen.executed)) == ([7], [6])
    assert pids(chosen.parted) == [5]
    crowd.end(6)
    seen = chosen.choose(crowd.look())
    assert (pids(seen.alive), pids(seen.ended)) == ([7], [6])


def test_process_that_nothing_told_of_is_met_later(crowd, choose):
    chosen = choose(name=re.compile("^java$"))
    followed = crowd.add(5, name="sh")
    assert chosen.choose(crowd.look()).alive == []
    followed.name = b"java"  # as a user or a control group, which no event tells
    looks = [pids(chosen.choose(crowd.look()).alive) for _ in range(module.AGAIN)]
    assert looks[-1] == [5]


def test_tree_has_the_descendants_that_begin_later_and_stay(crowd, choose):
    chosen = choose(trees=[5])
    crowd.add(5)
    crowd.add(6, parent=5)
    crowd.add(7)
    assert pids(chosen.choose(crowd.look()).alive) == [5, 6]
    crowd.add(8, parent=6)
    crowd.add(9, parent=7)
    assert pids(chosen.choose(crowd.look()).alive) == [5, 6, 8]
    crowd.end(5)
    crowd.end(6)
    crowd.alive[8].parent = 1
    crowd.add(10, parent=8)
    assert pids(chosen.choose(crowd.look()).alive) == [8, 10]


def test_named_pid_is_the_process_that_has_it_at_first(crowd, choose):
    chosen = choose(pids=[5], trees=[6])
    for pid in (5, 6):
        crowd.add(pid)
    assert pids(chosen.choose(crowd.look()).alive) == [5, 6]
    crowd.add(7, parent=5)
    crowd.end(6)
    crowd.add(6)
    assert pids(chosen.choose(crowd.look()).alive) == [5]


# What --regions says, and the processes whose regions are kept.
REGIONS = {
    "nothing: those that were named": ([], [5], [5]),
    "a pid": (["6"], [5], [6]),
    "a name": (["/^b/"], [], [6, 7]),
    "who grew most": (["top:1"], [], [7]),
    "several": ([5, "top:1"], [], [5, 7]),
}


@pytest.mark.parametrize(("words", "named", "kept"), REGIONS.values(), ids=REGIONS)
def test_regions_are_kept_of(crowd, words, named, kept):
    framed = Framed([Regions(word) for word in words], named)
    crowd.add(5, rss=100)
    crowd.add(6, name="b", rss=1000)
    crowd.add(7, name="bc", rss=10)
    framed.look(crowd.look(), 0)
    crowd.alive[7].rss_pages = 500
    crowd.alive[5].rss_pages = 90
    framed.look(crowd.look(), 1000)
    assert pids(filter(framed.is_kept, crowd.alive.values())) == kept
    crowd.end(5)
    crowd.add(5, rss=50)  # another process
    framed.look(crowd.look(), 2000)
    again = pids(filter(framed.is_kept, crowd.alive.values()))
    assert again == [pid for pid in kept if pid != 5]


def test_who_grew_most_is_over_ten_minutes(crowd):
    framed = Framed([Regions("top:1")], [])
    crowd.add(5, rss=100)
    crowd.add(6, rss=100)
    for minute in range(25):
        crowd.alive[5].rss_pages = 1000 if minute > 2 else 100  # it grew once
        crowd.alive[6].rss_pages += 5
        framed.look(crowd.look(), minute * 60_000)
        if minute == 5:
            assert framed.is_kept(crowd.alive[5])
    assert framed.is_kept(crowd.alive[6])
    assert not framed.is_kept(crowd.alive[5])
