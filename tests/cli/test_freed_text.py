"""The lines of ``memc show --freed``, made of figures that the tests choose."""

from types import SimpleNamespace

from memc.cli.show.freed_text import lines

FIGURES = {
    "rss_kb": 900,
    "private_kb": 100,
    "at_least_kb": 120,
    "at_most_kb": 800,
    "is_exact": False,
    "anonymous_kb": 100,
    "page_tables_kb": 16,
    "kernel_kb": 4,
    "shared_kb": 0,
    "swap_kb": 0,
    "hugetlb_kb": 0,
    "cache_kb": 0,
    "stays": (),
    "notes": (),
}


def member(pid, *, is_unread):
    return SimpleNamespace(pid=pid, name="a", over="", is_unread=is_unread)


def test_part_of_those_that_were_read_says_so():
    """What could not be read may have shared memory, too: 0 is not of all."""
    members = [member(7, is_unread=False), member(8, is_unread=True)]
    freed = SimpleNamespace(**FIGURES)
    text = [*lines(freed, members, width=80, style=lambda line, _code: line)]
    parts = [line for line in text if "of the 1 that could be read" in line]
    assert [line.split()[:3] for line in parts] == [
        ["100K", "their", "own"],
        ["0", "shared", "memory"],
    ]


def test_all_that_were_read_need_no_words():
    members = [member(7, is_unread=False), member(8, is_unread=False)]
    text = [
        *lines(
            SimpleNamespace(**FIGURES), members, width=80, style=lambda line, _: line
        )
    ]
    assert not [line for line in text if "could be read" in line]
