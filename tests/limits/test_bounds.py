"""Shares of the limits of control groups, and headroom: judged, or not known."""

import os

import pytest
from support.cases import cases
from support.groups import Made

from memc.cgroups import chain as chains
from memc.human.amounts import Percent, amount_or_share
from memc.limits.gate import Gate
from memc.limits.limits import HeadroomLimit, Limit, ShareLimit
from memc.read.backend import backend
from memc.targets.choice import Choice

MIB = 1 << 20
STATUS = b"VmSize:\t 9000 kB\nVmHWM:\t 700 kB\nVmRSS:\t 400 kB\nVmPTE:\t 40 kB\n"
MEMINFO = (
    b"MemTotal: 90000 kB\nMemAvailable: 5000 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n"
)
STATM = b"2250 100 0 0 0 0 0\n"


def add(tree, pid, line=b"0::/a\n", status=STATUS):
    tree.add(pid, status=status, statm=STATM, cgroup=line)


@pytest.fixture
def proc(tree):
    add(tree, 7)
    (tree.path / "meminfo").write_bytes(MEMINFO)
    return tree


@pytest.fixture
def mount(tmp_path, monkeypatch):
    made = Made(tmp_path / "groups", 2)
    monkeypatch.setattr(chains, "read_mounts", lambda _: [made.mount])
    monkeypatch.setattr(chains, "is_other", lambda _: False)
    return made


def judge(proc, limit, *pids, total=False):
    choice = Choice(proc=str(proc))
    choice.pids = [*(pids or (7,))]
    gate = Gate(choice, [limit], backend())
    gate.run(apart_s=0, total=total)
    return gate


PAGE_KB = os.sysconf("SC_PAGE_SIZE") >> 10
RSS = 100 * PAGE_KB


def test_share_is_of_the_smallest_limit_of_all_groups_above(proc, mount):
    mount.group("/", 1 * MIB)
    mount.group("/a", 2 * MIB)
    (checked,) = judge(proc, ShareLimit("rss", 50)).checked
    assert (checked.value, checked.limit.most, checked.is_over) == (RSS, 512, False)
    assert (checked.limit.share, checked.limit.cgroup) == ((50, 1024), "/")
    mount.group("/a", MIB >> 1)
    (checked,) = judge(proc, ShareLimit("rss", 50)).checked
    assert (checked.limit.most, checked.limit.cgroup) == (256, "/a")
    assert checked.is_over


# words of the error, what is made and where the process is, why
UNKNOWN = [
    ("/a and those above have no limit", {}, b"0::/a\n", "no limit"),
    ("the limit of /a cannot be read", {"memory_max": b"x"}, b"0::/a\n", "garbage"),
    ("no such group", {}, b"0::/b\n", "no such group"),
    ("no memory controller", {}, b"1:name=systemd:/\n", "no memory controller"),
    ("are not mounted here", {}, b"4:memory:/a\n", "no mount of version 1"),
    ("outside of what is mounted", {}, b"0::/../a\n", "another namespace"),
]


@cases(UNKNOWN, why=3)
@pytest.mark.parametrize("limit", [ShareLimit("rss", 80)], ids=["share"])
@pytest.mark.parametrize("total", [False, True], ids=["each", "total"])
def test_share_of_a_limit_that_is_not_known_never_passes(
    proc, mount, limit, total, case
):
    words, values, line, _ = case
    mount.group("/a", **values)
    add(proc, 8, line)
    gate = judge(proc, limit, 8, total=total)
    assert gate.checked == []
    (error,) = gate.errors
    assert error.text.startswith("--max-rss cannot be judged: ")
    assert words in error.text


def test_copy_of_proc_never_passes(proc):
    for limit in (ShareLimit("rss", 80), HeadroomLimit(1)):
        gate = judge(proc, limit)
        assert gate.checked == []
        assert "a copy of /proc has no files of control groups" in gate.errors[0].text


def test_reason_that_many_processes_have_is_told_once(proc, mount):
    mount.group("/a")
    add(proc, 8)
    assert len(judge(proc, ShareLimit("rss", 80), 7, 8).errors) == 1


def test_sum_is_judged_by_the_limit_that_all_have(proc, mount):
    mount.group("/a", MIB)
    mount.group("/a/b")
    mount.group("/c", MIB)
    add(proc, 8, b"0::/a/b\n")
    add(proc, 9, b"0::/c\n")
    gate = judge(proc, ShareLimit("rss", 75), 7, 8, total=True)
    (checked,) = gate.checked
    assert (checked.value, checked.limit.most, checked.processes) == (2 * RSS, 768, 2)
    gate = judge(proc, ShareLimit("rss", 75), 7, 9, total=True)
    assert gate.checked == []
    assert "limits of different control groups" in gate.errors[0].text


# expected kB and group, limits and usage of / and /a in MiB, why
HEADROOMS = [
    (2 * 1024, "/a", (9, 1), (4, 2), "its own group"),
    (1 * 1024, "/", (3, 2), (9, 2), "a group above"),
    (0, "/a", (None, 0), (1, 2), "more than the limit"),
    (5000, None, (None, 0), (None, 2), "no limit: the machine"),
    (5000, None, (99, 0), (99, 2), "limits that are larger than the machine has left"),
]


@cases(HEADROOMS, why=4)
def test_headroom_is_the_smallest_of_what_groups_and_machine_leave(proc, mount, case):
    kb, group, upper, own, _ = case
    for path, (limit, usage) in {"/": upper, "/a": own}.items():
        mount.group(path, limit and limit * MIB, usage * MIB)
    (checked,) = judge(proc, HeadroomLimit(1000)).checked
    assert (checked.value, checked.limit.cgroup) == (kb, group)
    assert checked.is_over == (kb < 1000)


def test_idle_cache_is_room(proc, mount):
    mount.group("/a", 4 * MIB, 4 * MIB, memory_stat=b"inactive_file 3145728\n")
    assert judge(proc, HeadroomLimit(0)).checked[0].value == 3072


def test_headroom_is_broken_if_what_is_known_is_too_little_and_else_not_known(
    proc, mount
):
    mount.group("/a", 4 * MIB, 2 * MIB)
    (proc.path / "meminfo").unlink()
    assert judge(proc, HeadroomLimit(4096)).checked[0].is_over
    gate = judge(proc, HeadroomLimit(1024))
    assert gate.checked == []
    assert "meminfo" in gate.errors[0].text
    (proc.path / "meminfo").write_bytes(MEMINFO)
    mount.group("/a", 4 * MIB, 2 * MIB, memory_stat=None)
    (mount.folder / "a" / "memory.stat").unlink()
    assert judge(proc, HeadroomLimit(9000)).checked[0].is_over
    gate = judge(proc, HeadroomLimit(1024))
    assert gate.checked == []
    assert "the working set of /a cannot be read" in gate.errors[0].text


@pytest.mark.parametrize("what", ["peak", "page_tables"])
def test_peak_and_page_tables_are_those_of_status(proc, what):
    kb = {"peak": 700, "page_tables": 40}[what]
    for most, is_over in ((kb, False), (kb - 1, True)):
        (checked,) = judge(proc, Limit(what, most)).checked
        assert (checked.value, checked.is_over) == (kb, is_over)
    assert Limit(what, 1).name == f"max-{what}".replace("_", "-")
    add(proc, 8, status=b"VmSize:\t 9000 kB\nVmRSS:\t 400 kB\n")
    gate = judge(proc, Limit(what, 1 << 40), 8)
    assert gate.checked == []
    assert f"{what} cannot be judged" in gate.errors[0].text


# expected value or None, text
TEXTS = [
    (1024, "1M"),
    (Percent(80), "80%"),
    (Percent(0.5), "0.5 %"),
    (Percent(100), "100%"),
    (None, "0%"),
    (None, "101%"),
    (None, "80%%"),
    (None, "-5%"),
    (None, "80"),
    (None, "%"),
]


@pytest.mark.parametrize("case", TEXTS, ids=lambda case: case[1])
def test_limit_is_an_amount_or_a_share(case):
    expected, text = case
    if expected is None:
        with pytest.raises(ValueError, match=r"amount"):
            amount_or_share(text)
    else:
        found = amount_or_share(text)
        assert (found, type(found)) == (expected, type(expected))
