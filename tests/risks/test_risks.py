"""What can run out for a process: each figure, its limit and its state."""

import os

import pytest
from support import children
from support.cases import cases
from support.groups import Made
from support.text import page

from memc.cgroups import chain as chains
from memc.errors import MemcError
from memc.proc.root import open_root
from memc.risks.risk import Risk
from memc.risks.standing import Standings
from memc.risks.whole import available_kb

MIB = 1 << 20
STATUS = (
    b"Name:\tx\nFDSize:\t64\nVmSize:\t 1000 kB\nVmLck:\t 0 kB\nVmHWM:\t 500 kB\n"
    b"VmRSS:\t 400 kB\nVmData:\t 800 kB\nVmStk:\t 132 kB\nVmPTE:\t 40 kB\n"
    b"VmSwap:\t 8 kB\nHugetlbPages:\t 0 kB\n"
)
MEMINFO = (
    b"MemTotal: 1000 kB\nMemFree: 100 kB\nMemAvailable: 300 kB\n"
    b"SwapTotal: 200 kB\nSwapFree: 20 kB\n"
)
PSI = b"some avg10=%s avg60=0.00 avg300=0.00 total=0\nfull avg10=0.00 avg60=0.00\n"

# expected state and whole share, value, limit, why
STATES = [
    ("ok", 79, 7999, 10000, "just below: 79.99 % is not 80 %"),
    ("near", 80, 80, 100, "at 80 %"),
    ("near", 99, 9999, 10000, "just below the limit"),
    ("broken", 100, 100, 100, "at the limit"),
    ("broken", 120, 120, 100, "over it"),
    ("ok", 0, 0, 0, "nothing is allowed, and nothing is used"),
    ("broken", 100, 1, 0, "something where nothing is allowed"),
    ("ok", None, 5, None, "no limit"),
    ("unknown", None, None, 100, "the figure is not known"),
]


@cases(STATES, why=4)
def test_state_goes_by_the_share_of_the_limit(case):
    state, share, value, limit, _ = case
    risk = Risk("x", "x", value, limit)
    assert risk.state == state
    assert (None if risk.share is None else int(risk.share)) == share


def limits(**soft):
    """Write /proc/PID/limits with these soft limits, and "unlimited" for the others."""
    titles = ("address space", "data size", "stack size", "locked memory", "open files")
    words = {title: soft.get(title.split()[0], b"unlimited") for title in titles}
    return (
        b"Limit                     Soft Limit           Hard Limit           Units\n"
        + (
            b"".join(
                f"Max {title}".encode().ljust(26)
                + word.ljust(21)
                + b"unlimited            bytes     \n"
                for title, word in words.items()
            )
        )
    )


class World:
    """A made-up /proc whose control groups are made up, too."""

    def __init__(self, tree):
        self.tree = tree
        self.add(7)
        tree.machine = {
            "sys/vm/max_map_count": b"4\n",
            "meminfo": MEMINFO,
            "zoneinfo": b"              count:    25\n",
            "pressure/memory": PSI % b"0.50",
        }

    def add(self, pid, **files):
        default = {
            "status": STATUS,
            "limits": limits(),
            "maps": page(1) + page(2),
            "oom_score": b"667\n",
            "oom_score_adj": b"0\n",
            "cgroup": b"4:memory:/a\n0::/a\n",
        }
        folder = self.tree.add(pid, **{**default, **files})
        (folder / "fd").mkdir()
        return folder

    def read(self, *pids):
        for name, data in self.tree.machine.items():
            path = self.tree.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if data is not None:
                path.write_bytes(data)
        found = Standings(str(self.tree), pids or [7], pids or [7])
        self.machine = {risk.name: risk for risk in found.machine}
        self.found = found
        return {risk.name: risk for risk in found.processes[0].risks}


@pytest.fixture
def proc(tree):
    return World(tree)


@pytest.fixture
def mount(proc, tmp_path, monkeypatch):
    """Give a function that mounts made-up control groups, as if they were real."""

    def make(version):
        made = Made(tmp_path / "groups", version)
        made.root()
        line = b"4:memory:/a\n0::/b\n" if version == 1 else b"0::/a\n"
        (proc.tree.path / "7" / "cgroup").write_bytes(line)
        monkeypatch.setattr(chains, "read_mounts", lambda _: [made.mount])
        monkeypatch.setattr(chains, "is_other", lambda _: False)
        return made

    return make


def figures(risk):
    return risk.value, risk.limit, risk.state


def test_regions_are_compared_with_max_map_count(proc):
    assert figures(proc.read()["max_map_count"]) == (2, 4, "ok")
    proc.tree.machine["sys/vm/max_map_count"] = b"2\n"
    assert figures(proc.read()["max_map_count"]) == (2, 2, "broken")


# expected figures; name, key and word of the limit, why
RLIMITS = [
    ((1000, 1024, "near"), "RLIMIT_AS", "address", b"1048576", "address space"),
    ((800, 700, "broken"), "RLIMIT_DATA", "data", b"716800", "data"),
    ((132, 8192, "ok"), "RLIMIT_STACK", "stack", b"8388608", "stack"),
    ((0, 0, "ok"), "RLIMIT_MEMLOCK", "locked", b"0", "nothing may be locked"),
    ((3, 3, "broken"), "RLIMIT_NOFILE", "open", b"3", "open files"),
    ((1000, None, "ok"), "RLIMIT_AS", "address", b"unlimited", "no limit"),
    ((None, None, "unknown"), "RLIMIT_AS", "address", b"x", "garbage"),
    ((None, None, "unknown"), "RLIMIT_AS", "address", b"1" * 21, "too many digits"),
]


@cases(RLIMITS, why=4)
def test_rlimit_is_compared_with_what_status_tells(proc, case):
    expected, name, key, word, _ = case
    folder = proc.tree.path / "7"
    (folder / "limits").write_bytes(limits(**{key: word}))
    for number in range(3):
        (folder / "fd" / str(number)).touch()
    assert figures(proc.read()[name]) == expected


@pytest.mark.parametrize("version", [1, 2])
def test_nearest_group_above_is_found_and_cache_counts_as_room(proc, mount, version):
    made = mount(version)
    stat = b"inactive_file 1048576\ntotal_inactive_file 31457280\n"
    stat = stat if version == 1 else b"inactive_file 31457280\n"
    made.group("/", 100 * MIB, 99 * MIB, memory_stat=stat)
    made.group("/a", 20 * MIB, 8 * MIB)
    risk = proc.read()["memory.max"]
    assert figures(risk) == (69 << 10, 100 << 10, "ok")
    assert risk.more["usage_kb"] == 99 << 10
    assert risk.more["inactive_file_kb"] == 30 << 10
    assert risk.about == "of /, above"
    made.group("/a", 20 * MIB, 17 * MIB)
    assert figures(proc.read()["memory.max"]) == (17 << 10, 20 << 10, "near")


def test_slowing_down_and_kills_are_told(proc, mount):
    events = b"low 0\nhigh 5\nmax 7\noom 1\noom_kill 3\n"
    made = mount(2)
    made.group("/a", None, 9 * MIB, memory_high=b"10485760", memory_events=events)
    risks = proc.read()
    high = risks["memory.high"]
    assert figures(high) == (9 << 10, 10 << 10, "near")
    assert (high.more["high"], high.about) == (5, "slowed down 5 times")
    assert figures(risks["oom_kill"]) == (3, None, "broken")
    assert figures(risks["memory.max"]) == (9 << 10, None, "ok")


# expected states of memory.max and oom_kill, their reason; groups, why
UNKNOWN = [
    ("no memory controller", {"cgroup": b"1:name=systemd:/\n"}, "no line"),
    ("cgroup: No such file", {"cgroup": None}, "no file, as in a copy"),
    ("no such group", {"cgroup": b"0::/gone\n"}, "the group was removed"),
    ("outside of what is mounted", {"cgroup": b"0::/../x\n"}, "another namespace"),
    ("version 1 are not mounted", {"cgroup": b"4:memory:/a\n"}, "no mount of it"),
]


@cases(UNKNOWN, why=2)
def test_group_that_is_not_known_is_unknown_with_the_reason(proc, mount, case):
    words, files, _ = case
    mount(2).group("/a", MIB)
    proc.add(8, **files)
    for name in ("memory.max", "oom_kill"):
        risk = proc.read(8)[name]
        assert figures(risk) == (None, None, "unknown")
        assert words in risk.reason


def test_copy_of_proc_tells_nothing_of_the_groups_of_this_machine(proc):
    reason = "a copy of /proc has no files of control groups"
    assert proc.read()["memory.max"].reason == reason
    assert proc.read()["memory.max"].state == "unknown"


def test_limit_of_a_group_that_is_not_seen_counts_at_least_what_is(proc, mount):
    made = mount(1)
    (made.folder / "release_agent").unlink()  # the root of the machine is not seen
    stat = b"hierarchical_memory_limit 1048576\ntotal_inactive_file 0\n"
    made.group("/a", None, 900 << 10, memory_stat=stat)
    risk = proc.read()["memory.max"]
    assert figures(risk) == (900, 1024, "near")
    assert risk.more["partial"] is True
    assert "at least this much" in risk.about


def test_oom_score_has_a_rank_in_the_group_that_is_limited(proc, mount):
    made = mount(1)
    (made.group("/a", 9 * MIB) / "cgroup.procs").write_bytes(b"7\n8\n9\n10\n")
    proc.add(8, oom_score=b"800\n")
    proc.add(9, oom_score=b"100\n")
    proc.add(11, oom_score=b"999\n")
    risk = proc.read()["oom_score"]
    assert risk.value == 667
    assert risk.more == {"oom_score_adj": 0, "rank": 2, "rank_of": 3, "cgroup": "/a"}
    assert risk.about == "number 2 of 3 to be killed in its control group"


def test_process_that_is_never_killed_has_no_rank(proc):
    (proc.tree.path / "7" / "oom_score_adj").write_bytes(b"-1000\n")
    risk = proc.read()["oom_score"]
    assert "never chosen" in risk.about
    assert risk.more == {"oom_score_adj": -1000}


def test_rank_is_among_all_processes_where_the_group_is_not_known(proc):
    proc.add(8, oom_score=b"1\n")
    assert proc.read()["oom_score"].about == "number 1 of 2 to be killed of all"


def test_machine_has_what_is_available_and_in_the_lists_of_the_cpus(proc):
    proc.read()
    page_kb = os.sysconf("SC_PAGE_SIZE") >> 10
    available = 300 + 25 * page_kb
    assert figures(proc.machine["MemAvailable"]) == (1000 - available, 1000, "ok")
    assert figures(proc.machine["SwapFree"]) == (180, 200, "near")
    assert proc.machine["memory.pressure"].state == "ok"
    with open_root(str(proc.tree)) as root:
        assert available_kb(root) == available
    proc.tree.machine["zoneinfo"] = b""
    proc.tree.machine["pressure/memory"] = PSI % b"12.34"
    proc.read()
    assert figures(proc.machine["MemAvailable"]) == (700, 1000, "ok")
    assert proc.machine["memory.pressure"].state == "near"


def test_machine_without_its_files_is_unknown(proc):
    proc.tree.machine = dict.fromkeys(proc.tree.machine)
    risks = proc.read()
    assert {risk.state for risk in proc.machine.values()} == {"unknown"}
    assert all(risk.reason for risk in proc.machine.values())
    assert risks["max_map_count"].state == "unknown"
    assert "max_map_count" in risks["max_map_count"].reason


def test_process_with_nothing_but_status_says_why_the_rest_is_unknown(proc):
    proc.add(8, limits=None, maps=None, oom_score=None, oom_score_adj=None, cgroup=None)
    risks = proc.read(8)
    unknown = {name for name, risk in risks.items() if risk.state == "unknown"}
    assert unknown == {
        *("max_map_count", "memory.max", "oom_kill", "oom_score"),
        *("RLIMIT_AS", "RLIMIT_DATA", "RLIMIT_STACK", "RLIMIT_MEMLOCK"),
        "RLIMIT_NOFILE",
    }
    assert all(risks[name].reason for name in unknown)
    assert risks["VmHWM"].value == 500


SPOILED = ("limits", "maps", "oom_score", "oom_score_adj", "cgroup")


@pytest.mark.parametrize("name", SPOILED)
def test_pipe_in_a_copy_holds_nobody_up(proc, name):
    folder = proc.add(8)
    (folder / name).unlink()
    os.mkfifo(folder / name)
    assert [r for r in proc.read(8).values() if r.state == "unknown"]


def test_process_without_status_is_an_error_if_named(proc):
    proc.add(8, status=None)
    with pytest.raises(IndexError):
        proc.read(8)
    found = Standings(str(proc.tree), [8], [8])
    assert isinstance(found.errors[0], MemcError)
    assert "process 8: status" in str(found.errors[0])
    assert [s.pid for s in Standings(str(proc.tree), [8], []).skipped] == [8]


def test_kernel_thread_is_left_out_and_named_says_why(proc):
    proc.add(8, status=b"Name:\tkthread\nState:\tI (idle)\nKthread:\t1\n")
    assert Standings(str(proc.tree), [8], []).processes == []
    (error,) = Standings(str(proc.tree), [8], [8]).errors
    assert "it is a kernel thread" in str(error)


def test_huge_pages_are_told_with_their_part_of_what_is_resident(proc):
    folder = proc.add(8)
    found = Standings(str(proc.tree), [8], [8], huge=True)
    risk = found.processes[0].risks[-1]
    assert figures(risk) == (None, None, "unknown")
    assert risk.reason == (
        "smaps_rollup: no such file: an old kernel, or an incomplete copy"
    )
    (folder / "smaps_rollup").write_bytes(b"Rss: 400 kB\nAnonHugePages:  200 kB\n")
    risk = Standings(str(proc.tree), [8], [8], huge=True).processes[0].risks[-1]
    assert (risk.value, risk.about) == (200, "50 % of what is resident")


@pytest.mark.kernel
def test_process_whose_first_thread_has_ended_is_read_from_a_living_one():
    with children.script("leaderless") as child:
        found = Standings("/proc", [child.pid], [child.pid])
    (one,) = found.processes
    risks = {risk.name: risk for risk in one.risks}
    assert risks["max_map_count"].value > 10
    assert risks["VmHWM"].value > 1000
    assert risks["RLIMIT_NOFILE"].value >= 3
