"""Control groups as a sum: made-up ones of both versions."""

import os

import pytest
from support.cases import cases
from support.groups import Made
from support.machines import fill, rollup

import memc
from memc.accounts import group as module
from memc.errors import MemcError

KB = 1024
OWN, FILES = "processes: their own", "processes: files mapped"
SHARED = "processes: shared memory mapped"
NOT_MAPPED = "shared memory, tmpfs: not mapped"
CACHE = "file cache: not mapped"
WEB = "/system.slice/web.service"
STAT_1 = {"cache": 300_000, "rss": 80_000, "shmem": 45_000, "inactive_file": 200_000}
STAT_2 = {
    "anon": 80_000,
    "file": 300_000,
    "shmem": 45_000,
    "inactive_file": 200_000,
    "kernel": 12_000,
    "pagetables": 3_000,
    "sec_pagetables": 100,
    "kernel_stack": 1_000,
    "percpu": 200,
    "vmalloc": 300,
    "slab": 4_000,
    "sock": 2_000,
}
LINES = {OWN: 80_000, FILES: 15_000, SHARED: 5_000, NOT_MAPPED: 40_000, CACHE: 240_000}


def stat(values, before=""):
    return "".join(f"{before}{k} {v * KB}\n" for k, v in values.items()).encode()


def in_bytes(kb):
    return b"%d\n" % (kb * KB)


def line_of(version, path=WEB):
    start = "0::" if version == 2 else "4:memory:"
    return f"{start}{path}\n".encode()


@pytest.fixture
def make(tree, tmp_path, monkeypatch):
    """Give a function that makes groups and a process of 100,000 kB in one of them."""
    fill(tree)
    status = b"Name:\ta\nVmPTE:\t     300 kB\nThreads:\t4\n"
    (tree.path / "10" / "status").write_bytes(status)

    def write(version, *, path=WEB, root=True):
        made = Made(tmp_path / f"groups{version}", version)
        if root:
            made.root()
        monkeypatch.setattr(module, "read_mounts", lambda _: [made.mount])
        (tree.path / "10" / "cgroup").write_bytes(line_of(version, path))
        (tree.path / "11" / "cgroup").write_bytes(line_of(version, "/other"))
        return made

    return write


def web(made, limit=None, path=WEB, **changes):
    """Make the group, whose lines are `LINES`."""
    if made.version == 1:
        files = {
            "usage": 393_000 * KB,
            "memory_kmem_usage_in_bytes": in_bytes(12_600),
            "memory_stat": stat(dict.fromkeys(STAT_1, 1)) + stat(STAT_1, "total_"),
            "memory_max_usage_in_bytes": in_bytes(500_000),
            "memory_oom_control": b"oom_kill_disable 0\noom_kill 3\n",
            "memory_failcnt": b"7\n",
        }
    else:
        files = {
            "usage": 394_500 * KB,
            "memory_stat": stat(STAT_2),
            "memory_peak": in_bytes(500_000),
            "memory_events": b"high 5\nmax 7\noom_kill 3\n",
        }
    made.group(path, limit, **{**files, **changes})


def told(account):
    return {line.name: line.kb for line in account.lines}


def check_sum(account):
    known = [line.kb for line in account.lines if line.kb is not None]
    assert sum(known) + account.unexplained_kb == account.total_kb
    assert min([*known, account.unexplained_kb]) >= 0


# the kernel's line and its parts, what is left, the version
KERNELS = [
    ({"page tables": 300, "stacks, estimated": 64, "slab, pipes, sockets": 12_236},
     400, 1),
    ({"page tables": 3_100, "stacks": 1_000, "per CPU": 200, "vmalloc": 300,
      "slab": 4_000, "other": 3_400, "network buffers": 2_000}, 500, 2),
]  # fmt: skip


@pytest.mark.parametrize("case", KERNELS, ids=lambda case: f"version {case[2]}")
def test_usage_is_the_sum_of_its_lines(make, tree, case):
    parts, left, version = case
    web(make(version), limit=800_000 * KB)
    account = memc.machine(proc=str(tree), cgroup="web.service")
    line = account.line("kernel")
    assert {part.name: part.kb for part in line.parts} == parts
    assert told(account) == LINES | {"kernel": sum(parts.values())}
    assert account.unexplained_kb == left
    assert (account.processes_read, account.processes_unread) == (1, 0)
    assert account.notes == ()
    check_sum(account)
    (group,) = account.groups
    assert (group.path, group.version, group.peak_kb) == (WEB, version, 500_000)
    assert group.working_set_kb == account.total_kb - 200_000
    assert group.events["oom_kill"] == 3
    first = group.limits[0]
    assert (first.path, first.name, first.kb) == (WEB, "max", 800_000)


# limits in order (path, name, kB), why, version, files of the group, of that above
LIMITS = [
    ([], "none: 2^63 without a page", 1, {}, {}),
    ([], "none: max", 2, {}, {}),
    ([("/system.slice", "max", 500_000)], "of the group above", 1, {},
     {"limit": 500_000 * KB}),
    ([("/system.slice", "max", 500_000)], "of the group above, version 2", 2, {},
     {"limit": 500_000 * KB}),
    ([(WEB, "max", 400_000), ("/system.slice", "max", 500_000)], "both", 1,
     {"limit": 400_000 * KB}, {"limit": 500_000 * KB}),
    ([(WEB, "high", 1_000), (WEB, "swap.max", 0)], "others", 2,
     {"memory_high": in_bytes(1_000), "memory_swap_max": b"0\n"}, {}),
    ([(WEB, "min", 5), (WEB, "low", 6)], "protection", 2,
     {"memory_min": in_bytes(5), "memory_low": in_bytes(6)}, {}),
    ([(WEB, "memsw.max", 9)], "memory and swap", 1,
     {"memory_memsw_limit_in_bytes": in_bytes(9)}, {}),
    ([], "garbage", 2, {"memory_max": b"12x\n"}, {}),
    ([], "endless digits", 1, {"memory_limit_in_bytes": b"9" * 5000}, {}),
]  # fmt: skip


@cases(LIMITS, why=1)
def test_limits_of_a_group_and_of_all_above(make, tree, case):
    expected, _, version, own, above = case
    made = make(version)
    made.group("/system.slice", above.get("limit"), usage=394_500 * KB)
    web(made, **own)
    (group,) = memc.machine(proc=str(tree), cgroup=WEB).groups
    found = [(x.path, x.name, x.kb) for x in group.limits if x.kb is not None]
    assert sorted(found) == sorted(expected)
    assert group.sees_all


# lines that change, code of the note, why, version, changes of memory.stat
STRANGE = [
    ({OWN: 70_000}, "elsewhere", "touched first by another group", 1, {"rss": 70_000}),
    ({FILES: 10_000, CACHE: 0}, "elsewhere", "files that another group read", 1,
     {"cache": 55_000}),
    ({SHARED: 1_000, NOT_MAPPED: 0, CACHE: 284_000}, "elsewhere",
     "shared memory of another", 2, {"shmem": 1_000}),
    ({OWN: 82_000}, "elsewhere", "memory of a process that moved away", 2,
     {"anon": 82_000}),
    ({OWN: 80_000}, "unknown", "no anon: what processes have", 2, {"anon": None}),
    ({NOT_MAPPED: None, CACHE: 285_000}, "unknown", "no shmem", 1, {"shmem": None}),
    ({"swap cache": 6_000, CACHE: 234_000}, "", "swap cache is in file", 2,
     {"swapcached": 6_000}),
    ({"swap cache": 6_000, CACHE: 234_000}, "", "swap cache is in cache", 1,
     {"swapcached": 6_000}),
    ({"swap cache": 1_500, CACHE: 234_000}, "", "swap cache that is mapped, too", 2,
     {"swapcached": 6_000, "active_anon": 120_000, "inactive_anon": 6_000,
      "unevictable": 500}),
    ({"hugetlb": 4_096}, "", "hugetlb is charged if the mount says so", 2,
     {"hugetlb": 4_096}),
    ({"kernel": 10_600}, "", "no sum of the kernel before Linux 5.18", 2,
     {"kernel": None}),
]  # fmt: skip


@cases(STRANGE, why=2)
def test_what_does_not_fit_is_told_in_words(make, tree, case):
    lines, code, _, version, changes = case
    made = make(version)
    values = {**(STAT_1 if version == 1 else STAT_2), **changes}
    values = {name: value for name, value in values.items() if value is not None}
    web(made, usage=500_000 * KB, memory_stat=stat(values, "total_" * (version == 1)))
    account = memc.machine(proc=str(tree), cgroup=WEB)
    found = told(account)
    assert {name: found[name] for name in lines} == lines
    assert [note.code for note in account.notes] == [code] * bool(code)
    check_sum(account)


# the group that is meant, why, pattern, path of the process
PATTERNS = [
    (WEB, "a part of the path", "web.service", WEB),
    (WEB, "a group below is counted with it", "web.service", f"{WEB}/worker"),
    ("/system.slice", "a whole slice", "system.slice", WEB),
    (WEB, "from the top", "/system.slice/web.service", WEB),
    (WEB, "wildcards for the whole path", "*/web.*", WEB),
    (WEB, "wildcards: the uppermost", "*/web.*", f"{WEB}/worker"),
    ("/", "the root", "/", WEB),
]


@cases(PATTERNS, why=1)
def test_pattern_means_what_it_means_for_processes(make, tree, case):
    expected, _, pattern, path = case
    made = make(1, path=path)
    for folder in ("/system.slice", WEB, f"{WEB}/worker"):
        made.group(folder)
    account = memc.machine(proc=str(tree), cgroup=pattern)
    assert [group.path for group in account.groups] == [expected]
    assert account.processes_read == (2 if expected == "/" else 1)
    assert account.title == f"used by control group {expected}"


def test_groups_are_added_up(make, tree):
    made = make(2)
    web(made)
    web(made, path="/other")
    account = memc.machine(proc=str(tree), cgroup=["web.service", "other"])
    assert account.total_kb == 2 * 394_500
    assert [group.path for group in account.groups] == ["/other", WEB]
    assert account.processes_read == 2
    assert told(account)[OWN] == 160_000
    check_sum(account)


def test_group_that_was_removed_is_left_out_of_the_sum(make, tree):
    """A zombie keeps its path, and the kernel says that it is deleted."""
    web(make(2))
    tree.add(13, cgroup=line_of(2, f"/gone{WEB} (deleted)"), statm=b"0 0 0 0 0 0 0\n")
    (tree.path / "11" / "cgroup").write_bytes(line_of(2, "/x/web.service"))
    account = memc.machine(proc=str(tree), cgroup="*web.service*")
    assert account.total_kb == 394_500
    assert account.title == f"used by control group {WEB}"
    assert account.processes_read == 1
    assert [note.code for note in account.notes] == ["unknown", "unknown"]
    assert "was removed" in account.notes[0].text
    assert told(account) == LINES | {"kernel": 14_000}


def test_swap_cache_is_cut_first_if_its_pages_are_those_of_processes(make, tree):
    web(make(2), memory_stat=stat({**STAT_2, "anon": 85_000, "swapcached": 6_000}))
    account = memc.machine(proc=str(tree), cgroup="web.service")
    assert account.line("swap cache").kb == 1_500
    assert account.unexplained_kb == 0
    check_sum(account)


def test_group_without_processes_is_found(make, tree):
    """What is left of a container: file cache."""
    made = make(1)
    values = {"cache": 80_000, "rss": 0, "shmem": 0}
    made.group(
        "/docker/abc",
        usage=81_000 * KB,
        memory_kmem_usage_in_bytes=in_bytes(500),
        memory_stat=stat(values, "total_"),
    )
    account = memc.machine(proc=str(tree), cgroup="abc")
    assert (account.total_kb, account.processes_read) == (81_000, 0)
    assert told(account)[CACHE] == 80_000
    check_sum(account)


def test_no_group_is_an_error(make, tree):
    web(make(2))
    with pytest.raises(MemcError, match=r"^no control group 'db\.service', with or"):
        memc.machine(proc=str(tree), cgroup="db.service")


# words of the note, why, what to do with the made-up groups
UNKNOWN = [
    ("a copy of /proc has no files of control groups", "a copy", "copy"),
    ("the control groups of version 2 are not mounted here", "no mount", "none"),
    ("the control groups of version 2 are not mounted here", "only version 1", 1),
    ("no such group", "it was removed", "removed"),
    ("its usage of memory is not told here", "usage is garbage", "garbage"),
    ("its usage of memory is not told here", "usage is a pipe", "pipe"),
]


@cases(UNKNOWN, why=1)
def test_usage_that_is_not_known_leaves_what_the_processes_have(
    make, tree, tmp_path, monkeypatch, case
):
    words, _, what = case
    made = make(2)
    if what == "copy":
        monkeypatch.undo()
    elif what == "none":
        monkeypatch.setattr(module, "read_mounts", lambda _: [])
    elif what == 1:
        other = Made(tmp_path / "other", 1)
        monkeypatch.setattr(module, "read_mounts", lambda _: [other.mount])
    elif what in ("garbage", "pipe"):
        web(made, usage=0, memory_current=b"lots\n" if what == "garbage" else None)
        if what == "pipe":
            path = made.folder / WEB[1:] / "memory.current"
            path.unlink(missing_ok=True)
            os.mkfifo(path)
    account = memc.machine(proc=str(tree), cgroup="web.service")
    assert (account.total_kb, account.unexplained_kb) == (None, None)
    assert told(account) == {OWN: 80_000, FILES: 15_000, SHARED: 5_000}
    assert words in account.notes[0].text
    assert account.groups[0].usage_kb is None


def test_version_that_counts_memory_is_taken_where_there_are_both(make, tree):
    made = make(1)
    web(made)
    both = b"0::/user.slice\n" + line_of(1)
    (tree.path / "10" / "cgroup").write_bytes(both)
    account = memc.machine(proc=str(tree), cgroup="web.service")
    assert account.groups[0].version == 1
    assert account.total_kb == 393_000


def test_root_of_version_1_counts_no_memory_of_the_kernel(make, tree):
    made = make(1)
    web(made, path="/")
    account = memc.machine(proc=str(tree), cgroup="/")
    assert account.line("kernel").kb == 0
    check_sum(account)


def test_group_whose_processes_may_not_be_read(make, tree):
    made = make(2)
    web(made)
    (tree.path / "10" / "smaps_rollup").unlink()
    account = memc.machine(proc=str(tree), cgroup="web.service")
    assert (account.processes_read, account.processes_unread) == (0, 1)
    assert told(account)[OWN] == 80_000
    assert told(account)[FILES] is told(account)[SHARED] is None
    assert told(account)[CACHE] == 255_000
    check_sum(account)


def test_shared_memory_of_processes_is_counted_once(make, tree):
    web(make(2))
    stats = b"%d (a) S %d 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 %d 0 0 0 1 2 3\n"
    (tree.path / "10" / "stat").write_bytes(stats % (10, 1, 100))
    same = rollup(80_000, 15_000, 5_000)
    tree.add(12, smaps_rollup=same, stat=stats % (12, 10, 200), cgroup=line_of(2))
    account = memc.machine(proc=str(tree), cgroup="web.service")
    assert account.processes_read == 2
    assert told(account) == LINES | {"kernel": 14_000}
