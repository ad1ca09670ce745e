"""A machine as a sum: made-up ones, of which every line is known."""

import os

import pytest
from hypothesis import given, settings, strategies as st
from support.cases import cases
from support.commands import COMMANDS
from support.machines import MEMINFO, fill, meminfo, rollup, zoneinfo
from support.trees import Tree

import memc
from memc.errors import MemcError

PAGE_KB = os.sysconf("SC_PAGE_SIZE") // 1024
LISTS = 26_000 * PAGE_KB
OWN, FILES = "processes: their own", "processes: files mapped"
SHARED, NOT_MAPPED = (
    "processes: shared memory mapped",
    "shared memory, tmpfs: not mapped",
)
CACHE, SLAB = "file cache: not mapped", "kernel: slab"
KERNEL = "kernel: tables, stacks, vmalloc"
OTHER = "hugetlb, swap cache, zswap, zram"
LINES = {
    OWN: 150_000,
    FILES: 16_000,
    SHARED: 5_000,
    NOT_MAPPED: 45_000,
    CACHE: 134_000 + 20_000,
    SLAB: 51_000,
    KERNEL: 18_000,
    OTHER: 40_960 + 1_000,
    "free": 300_000 + LISTS,
}
PARTS = {
    (OWN, "of those read"): 99_000,
    (OWN, "of others"): 51_000,
    (CACHE, "files"): 134_000,
    (CACHE, "block devices"): 20_000,
    (SLAB, "other reclaimable"): 1_000,
    (KERNEL, "page tables"): 6_000,
    (KERNEL, "vmalloc"): 6_000,
    (OTHER, "hugetlb, used"): 30_720,
    (OTHER, "hugetlb, free"): 10_240,
    (OTHER, "swap cache"): 1_000,
    (OTHER, "zram"): 0,
    ("free", "MemFree"): 300_000,
    ("free", "lists of the CPUs"): LISTS,
}


def check_sum(account):
    """The lines and the rest are the total, and each line is the sum of its parts."""
    known = [line.kb for line in account.lines if line.kb is not None]
    assert sum(known) + account.unexplained_kb == account.total_kb
    assert min([*known, account.unexplained_kb]) >= 0
    for line in account.lines:
        parts = [part.kb for part in line.parts if part.kb is not None]
        assert not line.parts or (sum(parts) if parts else None) == line.kb


def told(account):
    return {line.name: line.kb for line in account.lines}


def codes(account):
    return [note.code for note in account.notes]


def test_lines_are_the_counters_and_add_up(tree):
    account = memc.machine(proc=str(fill(tree)))
    assert told(account) == LINES
    assert account.total_kb == 1_000_000
    assert account.unexplained_kb == 1_000_000 - sum(LINES.values())
    assert (account.processes_read, account.processes_unread) == (2, 0)
    assert account.notes == ()
    found = {
        (line.name, part.name): part.kb for line in account.lines for part in line.parts
    }
    assert {key: found[key] for key in PARTS} == PARTS
    check_sum(account)


# what changes in LINES, notes, why, counters that change, zoneinfo
CHANGES = [
    ({"free": 300_000}, ["unknown", "unknown"], "no zoneinfo", {}, b""),
    ({"free": 300_000}, ["unknown", "unknown"], "a zoneinfo without lists", {},
     b"Node 0\n"),
    ({"free": 300_000}, ["unknown", "unknown"], "a zoneinfo of garbage", {},
     b"  count: 12x\n  count: " + b"9" * 400 + b"\n"),
    ({"free": 300_000 + PAGE_KB}, [], "one list", {}, zoneinfo(1, zspages=0)),
    ({OTHER: 41_960 + 10 * PAGE_KB}, [], "zram, told by the zones", {},
     zoneinfo(1000, 25_000, zspages=10)),
    ({OTHER: 41_960}, [], "zswap is a part of the zones' pages", {"Zswap": 1_000,
     "SwapCached": 0}, zoneinfo(1000, 25_000, zspages=1000 // PAGE_KB)),
    ({KERNEL: 16_000}, ["unknown"], "no Percpu before Linux 4.20", {"Percpu": None},
     None),
    ({KERNEL: 12_000}, ["unknown"], "VmallocUsed was 0 in Linux 4.4 to 5.2",
     {"VmallocUsed": 0}, None),
    ({KERNEL: 12_000}, ["clamped"], "stacks that are not in vmalloc",
     {"VmallocUsed": 3_000}, None),
    ({OTHER: 41_260}, [], "swap cache that processes map, too", {
     "Active(anon)": 90_000, "Inactive(anon)": 80_000, "Unevictable": 30_300}, None),
    ({OTHER: 40_960}, [], "all of it is mapped", {
     "Active(anon)": 90_000, "Inactive(anon)": 80_000, "Unevictable": 30_000}, None),
    ({OTHER: 41_960}, [], "all of it is not mapped", {
     "Active(anon)": 90_000, "Inactive(anon)": 80_000, "Unevictable": 39_000}, None),
    ({SLAB: 50_000}, [], "no KReclaimable before Linux 4.20", {"KReclaimable": None},
     None),
    ({OTHER: 41_960}, [], "no Hugetlb before Linux 4.19", {"Hugetlb": None}, None),
    ({OTHER: 1_000}, [], "a kernel without hugetlb", {"Hugetlb": None,
     "HugePages_Total": None, "HugePages_Free": None, "Hugepagesize": None}, None),
    ({OTHER: 42_960}, [], "a balloon", {"Balloon": 1_000}, None),
    ({NOT_MAPPED: None, CACHE: 200_000 - 16_000 + 20_000}, ["unknown"], "no Shmem",
     {"Shmem": None}, None),
    ({OWN: 99_000}, ["unknown"], "no AnonPages: what was read", {"AnonPages": None},
     None),
    ({CACHE: 20_000}, ["unknown"], "no Cached", {"Cached": None}, None),
    ({"free": LISTS}, ["unknown"], "no MemFree", {"MemFree": None}, None),
    ({OWN: 90_000}, ["clamped"], "processes that have ended meanwhile",
     {"AnonPages": 90_000}, None),
    ({NOT_MAPPED: 0, CACHE: 184_000 - 3_000 + 20_000}, ["clamped"],
     "less shared memory than is mapped", {"Shmem": 3_000}, None),
    ({CACHE: 20_000}, ["clamped"], "files of devices are no page cache",
     {"Cached": 60_000}, None),
]  # fmt: skip


@cases(CHANGES, why=2)
def test_what_is_not_told_is_not_0_and_still_adds_up(tree, case):
    changes, notes, _, counters, zones = case
    fill(tree, info=meminfo(**counters), zones=zones)
    account = memc.machine(proc=str(tree))
    assert told(account) == LINES | changes
    assert codes(account) == notes
    known = sum(kb or 0 for kb in told(account).values())
    assert account.unexplained_kb == 1_000_000 - known
    check_sum(account)


# MemTotal, what is left, why
TOTALS = [
    (780_000 + 103_000, "the swap cache is cut first"),
    (600_000, "more"),
    (1, "all but nothing"),
]


@cases(TOTALS, why=1)
def test_lines_that_tell_more_than_there_is_are_cut_and_noted(tree, case):
    account = memc.machine(proc=str(fill(tree, info=meminfo(MemTotal=case[0]))))
    assert account.total_kb == case[0]
    assert account.unexplained_kb == 0
    assert codes(account) == ["clamped"]
    assert "swap cache" in account.notes[0].text
    check_sum(account)


# what memc says, why, meminfo
BAD = [
    ("No such file or directory", "no meminfo", None),
    ("expected a line such as", "empty", b""),
    ("expected a line such as", "MemTotal is 0", b"MemTotal: 0 kB\n"),
    ("expected a line such as", "not a number", b"MemTotal: 1x kB\n"),
    ("expected a line such as", "below nothing", b"MemTotal: -5 kB\n"),
    (
        "expected a line such as",
        "endless digits",
        b"MemTotal: " + b"9" * 5000,
    ),
    ("not a regular file", "a pipe", "fifo"),
    ("symbolic link", "a link", "link"),
    ("Is a directory", "a folder", "folder"),
]


@cases(BAD, why=1)
def test_machine_without_a_total_is_one_line_and_1(tree, case):
    said, _, data = case
    fill(tree)
    path = tree.path / "meminfo"
    path.unlink()
    if data == "fifo":
        os.mkfifo(path)
    elif data == "link":
        path.symlink_to("/proc/meminfo")
    elif data == "folder":
        path.mkdir()
    elif data is not None:
        path.write_bytes(data)
    with pytest.raises(MemcError, match=said):
        memc.machine(proc=str(tree))
    result = COMMANDS["python"]("machine", "--proc", tree)
    assert (result.status, result.out) == (1, b"")
    assert said in result.err.decode()
    assert result.err.count(b"\n") == 1


# read, unread, own part of those read, notes, why, files of process 12
PROCESSES = [
    (3, 0, 100_000, [], "another one", {"smaps_rollup": rollup(1_000, start=1 << 40)}),
    (2, 1, 99_000, ["degraded"], "no rollup: Linux before 4.14", {}),
    (2, 1, 99_000, ["degraded"], "no Pss_Anon: Linux before 5.3",
     {"smaps_rollup": b"1-2 ---p 0 00:00 0 [rollup]\nPss: 5000 kB\n"}),
    (2, 0, 99_000, [], "no memory: a kernel thread", {"statm": b"0 0 0 0 0 0 0\n"}),
    (2, 1, 99_000, ["degraded"], "garbage", {"smaps_rollup": b"Pss: 9"}),
    (2, 0, 99_000, [], "an empty rollup: it is ending", {"smaps_rollup": b""}),
]  # fmt: skip


@cases(PROCESSES, why=4)
def test_processes_that_tell_nothing_are_counted_as_unread(tree, case):
    read, unread, own, notes, _, files = case
    fill(tree).add(12, **files)
    account = memc.machine(proc=str(tree))
    assert (account.processes_read, account.processes_unread) == (read, unread)
    line = account.line(OWN)
    assert (line.kb, line.part("of those read")) == (150_000, own)
    assert codes(account) == notes
    check_sum(account)


def test_hostile_rollups_are_not_opened(tree):
    fill(tree)
    os.mkfifo(tree.add(12) / "smaps_rollup")
    (tree.add(13) / "smaps_rollup").symlink_to("/dev/zero")
    (tree.path / "14").symlink_to("10")
    account = memc.machine(proc=str(tree))
    assert (account.processes_read, account.processes_unread) == (2, 3)
    check_sum(account)


@pytest.mark.parametrize("kind", ["fifo", "link", "folder", "huge"])
def test_hostile_zoneinfo_is_not_known(tree, kind):
    path = fill(tree).path / "zoneinfo"
    path.unlink()
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "link":
        path.symlink_to("/dev/zero")
    elif kind == "folder":
        path.mkdir()
    else:
        path.touch()
        os.truncate(path, 1 << 40)
    account = memc.machine(proc=str(tree))
    assert account.line("free").part("lists of the CPUs") is None
    assert codes(account) == ["unknown", "unknown"]
    check_sum(account)


TOLD = rollup(9_000, 700, 60).splitlines(keepends=True)
# how the lines of smaps_rollup come, what they tell, why
ROLLUPS = [
    (TOLD, (9_000, 700, 60), "as the kernel writes them"),
    (TOLD[::-1], (9_000, 700, 60), "in another order"),
    (TOLD[:1] + TOLD[2:], (9_000, 700, 60), "no other lines"),
    ([line.replace(b"\n", b"\r\n") for line in TOLD], (9_000, 700, 60), "of a copy"),
    ([*TOLD[:4], b"Locked: 1 kB\n", *TOLD[4:]], (9_000, 700, 60), "another between"),
    (TOLD[:-1], (9_000, 700, 0), "one is not there"),
    ([*TOLD[:-1], b"Pss_Shmem: x kB\n"], (9_000, 700, 0), "one is no number"),
    ([*TOLD[:-1], TOLD[-1].rstrip()], (9_000, 700, 60), "no end of the last line"),
]


@cases(ROLLUPS, why=2)
def test_lines_of_a_process_are_read_however_they_come(tree, case):
    lines, expected, _ = case
    fill(tree)
    tree.remove(10)
    (tree.path / "11" / "smaps_rollup").write_bytes(b"".join(lines))
    account = memc.machine(proc=str(tree))
    own = account.line(OWN).part("of those read")
    assert (own, account.line(FILES).kb, account.line(SHARED).kb) == expected


LINES_OF_FILES = st.sampled_from([meminfo(), zoneinfo(5, zspages=1), rollup(5, 5, 5)])
TEXTS = st.one_of(
    st.binary(max_size=300),
    st.builds(
        lambda text, at, more: text[:at] + more + text[at:],
        LINES_OF_FILES,
        st.integers(0, 400),
        st.binary(max_size=20),
    ),
)


@settings(max_examples=60)
@given(info=TEXTS, zones=TEXTS, text=TEXTS)
def test_any_bytes_are_an_error_or_a_sum(tmp_path_factory, info, zones, text):
    tree = Tree(tmp_path_factory.mktemp("any") / "proc")
    (tree.path / "meminfo").write_bytes(info)
    (tree.path / "zoneinfo").write_bytes(zones)
    tree.add(7, smaps_rollup=text)
    try:
        account = memc.machine(proc=str(tree))
    except MemcError:
        return
    check_sum(account)


def test_no_process_at_all_leaves_their_lines_unknown(tree):
    fill(tree)
    tree.remove(10)
    tree.remove(11)
    account = memc.machine(proc=str(tree))
    assert [told(account)[name] for name in (OWN, FILES, SHARED)] == [
        150_000,
        None,
        None,
    ]
    assert account.line(OWN).part("of those read") is None
    assert told(account)[CACHE] == 150_000 + 20_000
    assert codes(account) == ["unknown"]
    check_sum(account)


STAT = b"%d (a) S %d 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 %d 0 0 0 1 2 3\n"
# own part of those read, why, the parent of 12, its rollup
SHARING = [
    (99_000, "a child between vfork and exec", 10, rollup(80_000, 15_000, 5_000)),
    (179_000, "no child of that one", 1, rollup(80_000, 15_000, 5_000)),
    (179_000, "a child of another size", 10, rollup(80_000, 15_000, 4_000)),
]


@cases(SHARING, why=1)
def test_one_memory_is_counted_once(tree, case):
    own, _, parent, text = case
    fill(tree, info=meminfo(AnonPages=200_000))
    (tree.path / "10" / "stat").write_bytes(STAT % (10, 1, 100))
    tree.add(12, smaps_rollup=text, stat=STAT % (12, parent, 200))
    account = memc.machine(proc=str(tree))
    assert account.line(OWN).part("of those read") == own
    assert account.processes_read == 3


@pytest.mark.parametrize("name", [name for name in MEMINFO if name != "MemTotal"])
def test_any_counter_may_be_missing_or_huge(tree, name):
    fill(tree)
    for value in (None, 0, 10**14):
        (tree.path / "meminfo").write_bytes(meminfo(**{name: value}))
        check_sum(memc.machine(proc=str(tree)))


def test_repr_tells_the_sum(tree):
    account = memc.machine(proc=str(fill(tree)))
    assert repr(account).startswith("<Account of 1000000 kB: 9 lines, ")
    assert repr(account.line("free")) == f"<Line free: {300_000 + LISTS} kB>"
    assert account.line("nothing") is None
