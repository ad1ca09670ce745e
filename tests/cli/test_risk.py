"""``memc show`` on what can run out: the lines before its table, and --risk."""

import csv
import io
import json
import re
import resource

import pytest
from support import children
from support.boxes import AS_OTHERS, IS_ROOT, NOBODY, hiding, inside
from support.cases import cases
from support.commands import COMMANDS
from support.groups import enter, live_group
from support.terminal import run_on_terminal
from support.text import record

from memc.cli.show.risk_rows import rows_of
from memc.risks.risk import Risk
from memc.table.notes import NEEDS

pytestmark = pytest.mark.kernel
MIB = 1 << 20
PLAIN = {"COLUMNS": "80", "NO_COLOR": "1"}
HEADS = "USED NOW LIMIT OF WHAT RSS OOM SCORE PID NAME"
SMAPS = record(4096, 8192, b"Rss: 4 kB", b"Pss: 4 kB") + record(8192, 12288)
STATUS = b"Name:\tx\nPid:\t%d\nVmSize:\t 800 kB\nVmHWM:\t 50 kB\nVmRSS:\t 4 kB\n"
LIMITS = b"Max address space         %-20s unlimited            bytes     \n"


@pytest.fixture
def memc():
    return COMMANDS["sibling"]


def fill(tree, *, most=100, pids=(5,)):
    """Make processes with two regions, where `most` are allowed."""
    for pid in pids:
        lines = SMAPS.splitlines(keepends=True)
        maps = b"".join(line for line in lines if b" kB" not in line)
        tree.add(
            pid,
            smaps=SMAPS,
            maps=maps,
            status=STATUS % pid,
            limits=LIMITS % (b"%d" % (pid * 200 << 10)),
            oom_score=b"%d\n" % pid,
            oom_score_adj=b"0\n",
        )
    (tree.path / "sys" / "vm").mkdir(parents=True)
    (tree.path / "sys" / "vm" / "max_map_count").write_bytes(b"%d\n" % most)
    return tree


def run(memc, tree, *args):
    done = memc("show", *args, "--proc", tree)
    assert b"Traceback" not in done.err
    return done


def document(done):
    assert done.status == 0, done.err
    return json.loads(done.out)


def test_table_is_after_what_stands_out(memc, tree):
    out = run(memc, fill(tree, most=2, pids=(6,)), 6).out.decode().splitlines()
    assert out[0] == "process 6 made-up"
    assert out[1] == "! regions: 2 of 2 (100 %)"
    assert out[2] == ""
    assert out[3].split()[0] == "PSS"


def test_nothing_is_said_if_nothing_stands_out(memc, tree):
    out = run(memc, fill(tree, pids=(6,)), 6).out.decode()
    assert out.startswith(" ") or out.split()[0] == "PSS"
    assert "!" not in out
    assert "risks" not in document(run(memc, tree, 6, "--json"))


def test_json_has_what_stands_out(memc, tree):
    (risk,) = document(run(memc, fill(tree, most=2, pids=(6,)), 6, "--json"))["risks"]
    assert risk == {
        "pid": 6,
        "name": "made-up",
        "risk": "max_map_count",
        "state": "broken",
        "percent": 100.0,
        "value": 2,
        "limit": 2,
    }


def test_nearest_process_comes_first(memc, tree):
    fill(tree, pids=(5, 6, 7))
    found = document(run(memc, tree, "--all", "--risk", "--json", "--top", 2))
    assert [p["pid"] for p in found["processes"]] == [5, 6]
    assert found["process_count"] == 3
    assert found["processes"][0]["nearest"] == "RLIMIT_AS"
    assert found["processes"][0]["percent"] == 80.0
    lines = run(memc, tree, "--all", "--risk").out.decode().splitlines()
    assert " ".join(lines[0].split()) == HEADS
    assert lines[1].split()[:3] == ["!", "80", "%"]
    assert [line.split()[-2] for line in lines[1:4]] == ["5", "6", "7"]
    assert lines[-1].startswith("! at 80 % of a limit")


def test_legend_is_there_only_if_something_is_marked(memc, tree):
    fill(tree, pids=(6,))
    for args in ((6, "--risk"), ("--all", "--risk")):
        assert "!" not in run(memc, tree, *args).out.decode()


def test_all_of_a_process_is_told_with_reasons(memc, tree):
    out = run(memc, fill(tree), 5, "--risk", "--wide").out.decode()
    for words in (
        "regions (max_map_count)",
        "control group (memory.max): cgroup: No such file or directory",
        "OOM score (oom_score): number 1 of 1 to be killed of all",
        "memory of the machine (MemAvailable): meminfo: No such file or directory",
    ):
        assert words in out, out


# the rows of a table, risks (name, value, limit, reason), why
ROWS = [
    (["resident (VmRSS): peak 9 KiB"], [("VmRSS", 4), ("VmHWM", 9)], "a peak"),
    (["peak of it (VmHWM)"], [("VmHWM", 9)], "alone it has a row"),
    (["peak of it (VmHWM)", "resident (VmRSS): status"],
     [("VmRSS", None, None, "status"), ("VmHWM", 9)], "what it belongs to is unknown"),
    (["data (RLIMIT_DATA)", "space (RLIMIT_AS)"],
     [("RLIMIT_AS", 4), ("RLIMIT_DATA", 4, 9)], "a limit of its own"),
    (["swap, huge"], [("VmSwap", 0), ("HugetlbPages", 0)], "amounts of 0"),
    (["huge (HugetlbPages)", "swap (VmSwap)"],
     [("VmSwap", 0), ("HugetlbPages", 4)], "one amount of 0"),
    (["data (RLIMIT_DATA)", "swap (VmSwap)"],
     [("VmSwap", 0), ("RLIMIT_DATA", 0, 9)], "0 of a limit is no 0 like the others"),
    (["swap, huge: status: gone"],
     [("VmSwap", None, None, "status: gone"),
      ("HugetlbPages", None, None, "status: gone")], "unknown for one reason"),
    (["swap, huge: a, b: gone"],
     [("VmSwap", None, None, "a: gone"), ("HugetlbPages", None, None, "b: gone")],
     "unknown for one reason in two files"),
    (["swap (VmSwap): a: gone", "huge (HugetlbPages): a: denied"],
     [("VmSwap", None, None, "a: gone"), ("HugetlbPages", None, None, "a: denied")],
     "unknown for two reasons"),
]  # fmt: skip
WORDS = {
    "VmRSS": "resident",
    "VmHWM": "peak of it",
    "RLIMIT_AS": "space",
    "RLIMIT_DATA": "data",
    "VmSwap": "swap",
    "HugetlbPages": "huge",
}


@cases(ROWS, why=2)
def test_figures_that_say_little_share_a_row(case):
    expected, given, _ = case
    risks = [
        Risk(name, WORDS[name], value, *rest[:1], reason=(*rest, None, None)[1])
        for name, value, *rest in given
    ]
    assert [words for _, words in rows_of(risks, joined=True)] == expected
    assert len(rows_of(risks, joined=False)) == len(risks)


@pytest.mark.parametrize("limit", [None, 36 * MIB], ids=["no limit", "a limit"])
def test_all_of_a_process_fits_a_screen(memc, limit):
    with live_group(limit=limit or 1 << 60, name="memc-screen") as folder:
        enters = enter(folder) if folder else None
        with children.waiting(preexec_fn=enters) as child:
            shown = run_on_terminal(memc, "show", child.pid, "--risk", COLUMNS="80")
            whole = memc("show", child.pid, "--risk", "--wide").out.decode()
    lines = shown.decode().splitlines()
    assert len(lines) <= 23, lines
    for name in ("VmHWM", "VmSwap", "HugetlbPages", "RLIMIT_DATA", "memory.peak"):
        assert f"({name})" in whole


def test_csv_has_a_line_for_each_figure(memc, tree):
    done = run(memc, fill(tree), 5, "--risk", "--csv")
    rows = list(csv.DictReader(io.StringIO(done.out.decode())))
    found = {row["risk"]: row for row in rows}
    assert found["max_map_count"]["limit"] == "100"
    assert found["memory.max"]["state"] == "unknown"
    assert found["memory.max"]["value"] == ""
    assert found["MemAvailable"]["pid"] == ""


# words on stderr, status, arguments
WRONG = [
    ("no such process", 1, (99, "--risk")),
    ("--risk: no --by, please", 2, (5, "--risk", "--by", "owner")),
    ("--risk: no --sort, please", 2, (5, "--risk", "--sort", "rss")),
    ("--risk: no --freed, please", 2, (5, "--risk", "--freed")),
    ("--risk: no --command, please", 2, (5, "--risk", "--command")),
    ("tells no limits", 2, ("/dev/null", "--risk")),
]


@pytest.mark.parametrize("case", WRONG, ids=str)
def test_what_makes_no_sense_is_refused(memc, tree, case):
    words, status, args = case
    done = run(memc, fill(tree), *args)
    assert (done.status, words in done.err.decode()) == (status, True), done.err


def test_name_cannot_change_the_terminal(memc, tree):
    fill(tree, most=2)
    (tree.path / "5" / "comm").write_bytes(b"\x1b[31mred\n")
    for args in ((5,), (5, "--risk"), ("--all", "--risk")):
        assert b"\x1b" not in run(memc, tree, *args).out


def test_copy_mounted_at_proc_does_not_lead_to_the_groups_of_this_machine(memc, tree):
    fill(tree)
    (tree.path / "5" / "cgroup").write_bytes(b"4:memory:/\n0::/\n")
    (tree.path / "self").mkdir()
    line = b"41 31 0:38 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
    (tree.path / "self" / "mountinfo").write_bytes(line)
    done = memc("show", 5, "--risk", "--json", prefix=inside(tree))
    (process,) = document(done)["processes"]
    risk = next(r for r in process["risks"] if r["risk"] == "memory.max")
    assert risk["value_kb"] is None
    assert risk["reason"] == "a copy of /proc has no files of control groups"


# ---- Live processes ------------------------------------------------------------------


def test_process_near_the_limit_of_its_group_says_so(memc):
    code = "x = bytearray(28 << 20); print('ready', flush=True); input()"
    with live_group(limit=36 * MIB, name="memc-risk") as folder:
        if folder is None:
            pytest.skip("no memory control group of version 1 can be made here")
        argv = ("/usr/bin/env", "python3", "-c", code)
        with children.running(*argv, preexec_fn=enter(folder)) as child:
            lines = memc("show", child.pid).out.decode().splitlines()
            found = document(memc("show", child.pid, "--risk", "--json"))
    assert lines[0].startswith(f"process {child.pid} ")
    assert re.match(r"! control group: \d\d\.\d MiB of 36\.0 MiB \(\d\d %\)", lines[1])
    assert folder.name in lines[1]
    (process,) = found["processes"]
    assert process["nearest"] == "memory.max"
    risk = next(r for r in process["risks"] if r["risk"] == "memory.max")
    assert risk["state"] == "near"
    assert 28 << 10 <= risk["value_kb"] <= risk["usage_kb"] <= risk["limit_kb"]
    score = next(r for r in process["risks"] if r["risk"] == "oom_score")
    assert (score["rank"], score["rank_of"]) == (1, 1)


def test_kill_in_the_group_is_told_afterwards(memc):
    hog = "x = bytearray(64 << 20)"
    with live_group(limit=24 * MIB, name="memc-kill") as folder:
        if folder is None:
            pytest.skip("no memory control group of version 1 can be made here")
        with children.waiting(preexec_fn=enter(folder)) as child:
            argv = ("/bin/sh", "-c", f"python3 -c '{hog}'; echo ready; read x")
            with children.running(*argv, preexec_fn=enter(folder)):
                pass
            out = memc("show", child.pid).out.decode()
    assert "! killed in its group for lack of memory: 1" in out


def test_soft_limit_of_the_address_space_is_compared(memc):
    def small():
        resource.setrlimit(resource.RLIMIT_AS, (9 * MIB, resource.RLIM_INFINITY))

    with children.waiting(preexec_fn=small) as child:
        found = document(memc("show", child.pid, "--risk", "--json"))
    risk = next(r for r in found["processes"][0]["risks"] if r["risk"] == "RLIMIT_AS")
    assert risk["limit_kb"] == 9 << 10
    assert 0 < risk["value_kb"] <= risk["limit_kb"]


# what is known, what is not and why; for a process of another user
DENIED = f"maps: permission denied: needs the same user or {NEEDS}"
OTHERS = [
    ("max_map_count", "unknown", DENIED),
    ("RLIMIT_NOFILE", "ok", None),
    ("AnonHugePages", "unknown", DENIED.replace("maps", "smaps_rollup")),
    ("RLIMIT_AS", "ok", None),
    ("oom_score", "ok", None),
    ("VmHWM", "ok", None),
]


def as_nobody(*capabilities):
    """Return a prefix that gives up all rights but these capabilities."""
    caps = "".join(f",+{name}" for name in capabilities)
    return (
        *NOBODY,
        *(f"--inh-caps=-all{caps}", f"--ambient-caps=-all{caps}"),
    )


def standing_of(memc, pid, prefix):
    done = memc("show", pid, "--risk", "--json", prefix=prefix)
    if b"failed to execute" in done.err or done.status == 126:
        pytest.skip("nobody may not run the command here")
    (process,) = document(done)["processes"]
    return {risk["risk"]: risk for risk in process["risks"]}


@AS_OTHERS
def test_process_of_another_user_has_what_everybody_may_read(memc):
    with children.waiting() as child:
        risks = standing_of(memc, child.pid, as_nobody())
    for name, state, reason in OTHERS:
        risk = risks[name]
        assert (risk["state"], risk.get("reason")) == (state, reason)


@AS_OTHERS
@pytest.mark.parametrize("limit", [None, 36 * MIB], ids=["no limit", "a limit"])
def test_all_of_another_users_process_fits_a_screen(memc, limit):
    with live_group(limit=limit or 1 << 60, name="memc-screen") as folder:
        enters = enter(folder) if folder else None
        with children.waiting(preexec_fn=enters) as child:
            args = ("show", child.pid, "--risk")
            shown = run_on_terminal(memc, *args, prefix=as_nobody(), **PLAIN)
    lines = shown.decode().splitlines()
    assert len(lines) <= 23, lines
    assert all(len(line) <= 80 for line in lines), lines
    assert any(line.startswith("not known: regions, ") for line in lines)


@AS_OTHERS
@pytest.mark.parametrize("capability", ["sys_ptrace", "perfmon"])
def test_capability_that_opens_maps_leaves_nothing_unknown(memc, capability):
    with children.waiting() as child:
        risks = standing_of(memc, child.pid, as_nobody(capability))
    if capability == "perfmon" and risks["max_map_count"]["state"] == "unknown":
        pytest.skip("before Linux 6.15 CAP_PERFMON does not open maps")
    assert risks["max_map_count"]["value"] > 5
    assert {risks[name]["state"] for name, *_ in OTHERS} == {"ok"}


@AS_OTHERS
def test_list_says_of_how_many_regions_are_not_known(memc):
    with children.waiting() as child:
        done = memc("show", "--tree", child.pid, "--risk", prefix=as_nobody())
    assert f"regions of 1 not known, such as: {DENIED}" in done.out.decode()


@pytest.mark.skipif(not IS_ROOT, reason="takes root to hide processes")
def test_process_that_hidepid_hides_is_an_error_not_a_traceback(memc, waiting):
    done = memc("show", 3, "--risk", prefix=hiding(2), stdin=waiting)
    assert done.status == 1
    assert b"Traceback" not in done.err
    assert b"hidepid" in done.err
