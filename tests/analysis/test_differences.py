"""``memc.diff``: what it takes, and what its answer tells."""

import pytest
from support.cases import cases
from support.family import counters
from support.readers import PURE
from support.text import header, record

import memc
from memc.table.snapshot import Process, Reading, Snapshot, SystemSnapshot

SMAPS = record(0x10000, 0x20000, *counters(8, 6), name=b"[heap]") + record(
    0x40000, 0x50000, *counters(4, 4), perm="r--p", name=b"/a"
)
GROWN = record(0x10000, 0x20000, *counters(20, 10, 4), name=b"[heap]") + record(
    0x40000, 0x50000, *counters(4, 4), perm="r--p", name=b"/a"
)
MAPS = header(0x10000, 0x30000, name=b"[heap]")
NAMES = ("pss", "rss", "private", "swap", "size")


def parse(text, kind="smaps"):
    return PURE.parse_text(text, kind, strict=True)


def snapshot(text=SMAPS, pid=7, **totals):
    reading = Reading(pid, "totals" if totals else "smaps", 0)
    reading.totals = totals
    return Snapshot(parse(text), reading)


def system(*processes):
    made = (Process(pid, name, snapshot(text, pid)) for pid, name, text in processes)
    return SystemSnapshot(0, tuple(made), ())


def test_growth_is_of_each_change_and_of_all():
    diff = memc.diff(parse(SMAPS), parse(GROWN))
    assert [change.kind for change in diff] == ["grew", "same"]
    assert [diff[0].growth(name) for name in NAMES] == [4, 12, 12, 4, 0]
    assert [diff.growth(name) for name in NAMES] == [4, 12, 12, 4, 0]
    assert diff[0].growth("private_dirty_kb") == 12
    assert repr(diff) == "<Diff: 1 grew, 1 same>"
    assert repr(diff[0]) == "<Change grew 10000-20000 heap [heap]>"


def test_change_tells_what_the_region_is():
    change = memc.diff(snapshot(), snapshot(GROWN))[0]
    told = (change.pid, change.pathname, change.type, change.owner.owner)
    assert told == (7, "[heap]", "heap", "malloc main heap")
    assert (change.start, change.end) == (0x10000, 0x20000)
    assert [region.rss_kb for region in (*change.before, *change.after)] == [8, 20]


def test_diff_is_a_sequence():
    diff = memc.diff(parse(SMAPS), parse(GROWN))
    assert len(diff) == 2
    assert diff[-1].pathname == "/a"
    assert [change.kind for change in diff[:1]] == ["grew"]
    with pytest.raises(IndexError):
        diff[2]


def test_what_one_side_does_not_tell_is_none():
    diff = memc.diff(parse(MAPS, "maps"), parse(SMAPS))
    assert [change.kind for change in diff] == ["shrank", "appeared"]
    for change in diff:
        assert [change.growth(name) for name in NAMES[:4]] == [None] * 4
    assert [change.growth("size") for change in diff] == [-64, 64]
    assert [diff.growth(name) for name in NAMES] == [None] * 4 + [0]


def test_unknown_is_not_compared():
    """One region does not tell its PSS after: what is known of it is the same."""
    less = SMAPS.replace(b"Pss: 6 kB\n", b"")
    diff = memc.diff(parse(SMAPS), parse(less))
    assert diff.is_same
    assert [change.growth("pss") for change in diff] == [None, 0]
    assert diff.growth("pss") is None


def test_names_tell_which_amounts_count():
    assert not memc.diff(parse(SMAPS), parse(GROWN)).is_same
    assert memc.diff(parse(SMAPS), parse(GROWN), names=["size_kb"]).is_same


def test_groups_count_what_became_of_regions():
    groups = memc.diff(parse(SMAPS), parse(GROWN)).by("owner")
    assert groups.keys == ["malloc main heap", "mapped file"]
    assert groups.kinds == [{"grew": 1}, {"same": 1}]
    assert [groups.value("pss_kb", i) for i in (0, 1)] == [4, 0]
    assert groups.order("pss_kb") == [0]


def test_region_stays_with_its_owner_of_now():
    """What lies beside it made it a bss, and does not any more."""
    lib = header(0x10000, 0x20000, "r-xp", b"/lib/x.so")
    data = header(0x20000, 0x30000, "rw-p", b"/lib/x.so")
    bss = header(0x30000, 0x40000)
    diff = memc.diff(parse(lib + data + bss, "maps"), parse(lib + bss, "maps"))
    groups = diff.by("owner")
    kinds = dict(zip(groups.keys, groups.kinds, strict=True))
    assert kinds == {
        "library text": {"same": 1},
        "library data": {"gone": 1},
        "anonymous": {"same": 1},
    }


# kinds by pid, before, after, why
SYSTEMS = [
    ({1: {"same"}}, [(1, "a", SMAPS)], [(1, "a", SMAPS)], "the same"),
    (
        {1: {"same"}, 2: {"gone"}, 3: {"appeared"}},
        [(1, "a", SMAPS), (2, "b", SMAPS)],
        [(1, "a", SMAPS), (3, "b", SMAPS)],
        "one ended and one began",
    ),
    (
        {1: {"appeared", "gone"}, 2: {"same"}},
        [(1, "a", SMAPS), (2, "b", SMAPS)],
        [(1, "c", SMAPS), (2, "b", SMAPS)],
        "another name: another process has the pid",
    ),
    ({2: {"gone"}}, [(2, "b", SMAPS)], [], "all ended"),
]


@cases(SYSTEMS, why=3)
def test_processes_are_the_same_by_pid_and_name(case):
    expected, before, after, _ = case
    found = {}
    for change in memc.diff(system(*before), system(*after)):
        found.setdefault(change.pid, set()).add(change.kind)
    assert expected == found


BAD = [
    (TypeError, lambda: (parse(SMAPS), system()), "a process and all"),
    (TypeError, lambda: ([snapshot()], snapshot()), "a list, as load() gives"),
    (TypeError, lambda: (7, 8), "pids"),
    (ValueError, lambda: (snapshot(), snapshot(b"", swap_kb=3)), "totals alone"),
]


@cases(BAD, why=2)
def test_what_cannot_be_compared_is_an_error(case):
    error, make, _ = case
    with pytest.raises(error, match="expected "):
        memc.diff(*make())


def test_wrong_words_are_errors():
    diff = memc.diff(parse(SMAPS), parse(GROWN))
    for ask in (diff.growth, diff[0].growth, diff.by):
        with pytest.raises(ValueError, match=r"expected .*'colour'"):
            ask("colour")
