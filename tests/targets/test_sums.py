"""Groups of whole processes are read by smaps_rollup, and tell what smaps tells.

A copy of /proc without smaps shows that smaps is not read; a copy with both shows that
the two ways tell the same.
"""

import csv
import io
import re
from contextlib import suppress
from pathlib import Path

import orjson
import pytest
from support import children
from support.commands import COMMANDS
from support.text import record

PYTHON = COMMANDS["python"]
LEVELS = (
    *("process", "user", "name", "command", "cgroup", "container", "pod", "service"),
    *("user,process", "service,name"),
)
STAT = (
    b"%d (%s) S %d 0 0 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 %d %d 0 0 "
    b"%d 2 140000000 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 4 5 6 7 8 9 10 0\n"
)
ROLLUP = b"""\
%x-7ffc00000000 ---p 00000000 00:00 0    [rollup]
Rss: %d kB
Pss: %d kB
Pss_Anon: 0 kB
Shared_Clean: 0 kB
Private_Clean: %d kB
Private_Dirty: %d kB
Anonymous: 0 kB
AnonHugePages: %d kB
ShmemPmdMapped: 0 kB
Shared_Hugetlb: 0 kB
Private_Hugetlb: %d kB
Swap: %d kB
SwapPss: 0 kB
"""
# pid, parent, effective user, RSS, PSS, private clean and dirty, THP, hugetlb, swap
PROCESSES = [
    (10, 1, 0, 800, 700, 8, 600, 0, 0, 4),
    (11, 10, 0, 400, 200, 0, 100, 0, 2048, 0),
    (12, 10, 33, 9000, 8000, 4, 4000, 2048, 0, 12),
]


def regions(pid, told):
    """Write two regions of smaps that have these amounts together."""
    start = pid << 20
    rss, pss, clean, dirty, thp, huge, swap = told
    amounts = [
        ("Rss", rss),
        ("Pss", pss),
        ("Private_Clean", clean),
        ("Private_Dirty", dirty),
        ("Anonymous", 0),
        ("AnonHugePages", thp),
        ("ShmemPmdMapped", 0),
        ("Shared_Hugetlb", 0),
        ("Private_Hugetlb", huge),
        ("Swap", swap),
    ]
    parts = [[(n, v // 4) for n, v in amounts], [(n, v - v // 4) for n, v in amounts]]
    lines = [[b"%s: %d kB" % (n.encode(), v) for n, v in part] for part in parts]
    return b"".join(
        record(start + i * 65536, start + (i + 1) * 65536, *part)
        for i, part in enumerate(lines)
    )


def add(tree, *, smaps=True, rollup=True):
    for pid, parent, uid, *told in PROCESSES:
        start = pid << 20
        text = regions(pid, told)
        heads = b"".join(
            line + b"\n" for line in text.split(b"\n") if re.match(rb"[0-9a-f]+-", line)
        )
        tree.add(
            pid,
            stat=STAT % (pid, b"made-up", parent, pid, 2 * 65536, start),
            status=b"Name:\tmade-up\nPPid:\t%d\nUid:\t9\t%d\t9\t9\n" % (parent, uid),
            maps=heads,
            smaps=text if smaps else None,
            smaps_rollup=ROLLUP % (start, *told) if rollup else None,
            cgroup=b"0::/system.slice/web-%d.service\n" % (pid % 2),
            cmdline=b"/bin/made up\0-x\0%d\0" % pid,
        )
    return tree


@pytest.fixture(params=["python", "pure"])
def memc(request):
    return COMMANDS[request.param]


def shown(command, tree, by, *more):
    result = command("show", "--all", "--by", by, "--proc", tree, *more)
    assert (result.status, result.err) == (0, b"")
    return result.out


@pytest.mark.parametrize(
    "form", [(), ("--json",), ("--csv",), ("--columns", "pss,rss")]
)
@pytest.mark.parametrize("by", LEVELS)
def test_no_smaps_is_needed(memc, tree, by, form):
    assert shown(memc, add(tree, smaps=False), by, *form).strip()


@pytest.mark.parametrize("by", LEVELS)
def test_both_ways_tell_the_same(memc, tree, by):
    add(tree)
    fast = shown(memc, tree, by, "--json", "--command" if "process" in by else "--json")
    for pid, *_ in PROCESSES:
        (tree.path / str(pid) / "smaps_rollup").unlink()
    slow = shown(memc, tree, by, "--json", "--command" if "process" in by else "--json")
    assert orjson.loads(fast) == orjson.loads(slow)


def test_table_tells_the_same_but_for_regions(memc, tree):
    fast = shown(memc, add(tree), "process", "--columns", "thp,pss,private,hugetlb,pid")
    for pid, *_ in PROCESSES:
        (tree.path / str(pid) / "smaps_rollup").unlink()
    assert fast == shown(
        memc, tree, "process", "--columns", "thp,pss,private,hugetlb,pid"
    )
    assert b"2048" in fast or b"2.00M" in fast


# Options, and whether the table has REGIONS, why.
HAS_REGIONS = [
    (("--all",), False, "they need another file"),
    (("--all", "--sort", "regions"), True, "asked for"),
    (("--all", "--columns", "regions,pid"), True, "asked for"),
    (("--all", "--wide"), True, "everything"),
    (("10", "11"), True, "named by pid: risks need the number"),
    (("--name", "made"), False, "as --all"),
]


@pytest.mark.parametrize(("words", "has", "why"), HAS_REGIONS, ids=range(6))
def test_regions_are_counted_where_they_are_asked_for(tree, words, has, why):
    result = PYTHON("show", *words, "--by", "process", "--proc", add(tree))
    head, first, *_ = result.out.decode().splitlines()
    assert ("REGIONS" in head) == has, why
    if has:
        assert first.split()[head.split().index("REGIONS")] == "2"


# The text of smaps_rollup, why it is not taken.
ODD = [
    (b"", "nothing"),
    (b"Rss: 4 kB\nPss: 4 kB\n", "no head"),
    (b"1-2 ---p 0 00:00 0 [rollup]\nRss: 4 kB\nPss: 4 kB\n", "nothing private"),
    (b"1-2 ---p 0 00:00 0 [heap]\nRss: 4 kB\n", "smaps"),
    (b"1-2 ---p 0 00:00 0 [rollup]\nRss: x kB\nPss: y kB\n", "no numbers"),
    (ROLLUP[:60].replace(b"%x", b"1"), "cut off"),
    (b"\xff" * 100, "no text"),
]


@pytest.mark.parametrize(("text", "why"), ODD, ids=[why for _, why in ODD])
def test_smaps_is_read_if_the_sums_are_odd(memc, tree, text, why):
    add(tree)
    whole = shown(memc, tree, "process", "--json")
    (tree.path / "11" / "smaps_rollup").write_bytes(text)
    assert orjson.loads(shown(memc, tree, "process", "--json")) == orjson.loads(
        whole
    ), why


@pytest.mark.parametrize("file", ["stat", "cmdline", "cgroup", "status"])
def test_a_missing_file_is_no_trouble(memc, tree, file):
    add(tree)
    (tree.path / "11" / file).unlink()
    groups = orjson.loads(shown(memc, tree, "process", "--json"))["groups"]
    assert sorted(group["rss_kb"] for group in groups) == [400, 800, 9000]


def test_diff_reads_no_smaps(memc, tree):
    add(tree, smaps=False)
    words = ("--all", "--after", "1ms", "--by", "process", "--proc", tree)
    result = memc("diff", *words)
    assert result.status == 0, result.err
    assert result.out.startswith(b"the same")


def test_growth_reads_no_smaps(memc, tree):
    out = shown(
        memc, add(tree, smaps=False), "process", "--sort", "growth", "--after", "1ms"
    )
    assert b"GROWTH" in out


def alive():
    """Return the processes that are there and are no zombies."""
    states = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            states[path.parent.name] = path.read_text("latin-1").rpartition(")")[2]
    return {pid for pid, state in states.items() if state.split()[0] not in "ZX"}


def test_no_process_of_the_machine_is_lost():
    """Kernel threads, zombies, and what may not be read are told as before."""
    words = ("show", "--all", "--by", "process", "--columns", "pid", "--csv")
    before = alive()
    fast, slow = (PYTHON(*words, *more) for more in ((), ("--columns", "pid,locked")))
    pids = [
        {row["pid"] for row in csv.DictReader(io.StringIO(side.out.decode()))}
        for side in (fast, slow)
    ]
    assert (pids[0] ^ pids[1]) & before & alive() == set()  # other tests come and go
    assert {"1"} <= pids[0]


# The limit of 10, 11 and 12 in kB, and the pids that are over it: hugetlb counts.
LIMITS = [
    ("--max-pss", 1000, {11, 12}),
    ("--max-pss", 700, {11, 12}),
    ("--max-uss", 600, {10, 11, 12}),
    ("--max-uss", 3000, {12}),
]


@pytest.mark.parametrize(("limit", "most", "over"), LIMITS)
def test_check_reads_the_sums_alone(memc, tree, limit, most, over):
    add(tree, smaps=False)
    for pid, *_ in PROCESSES:
        (tree.path / str(pid) / "status").unlink()
        (tree.path / str(pid) / "statm").unlink()
    result = memc("check", "--all", limit, f"{most}K", "--proc", tree)
    assert result.status == 1, result.err
    told = {
        int(pid)
        for pid in re.findall(rb"^(?:process )?(\d+) ", result.out, re.MULTILINE)
    }
    assert told == over


AMOUNTS = ("rss_kb", "private_kb", "hugetlb_kb", "swap_kb", "thp_kb")


def test_live_process_tells_the_same_both_ways(backend, target):
    from memc.read.options import Options
    from memc.table.amounts import whole
    from memc.targets.choice import Choice
    from memc.targets.read import read

    choice = Choice()
    choice.pids = [target]
    options = Options("smaps")
    for _ in range(40):  # others begin and end meanwhile, who share its libraries
        (fast,), (slow,) = (
            read(choice, options, reader=backend, sums=sums, needs=("cmdline",)).targets
            for sums in (True, False)
        )
        more = whole(fast.table, "pss_kb") - whole(slow.table, "pss_kb")
        # The kernel rounds PSS down once here, and in each region there.
        if 0 <= more <= len(slow.table):
            break
    assert 0 <= more <= len(slow.table)
    assert (fast.is_sum, slow.is_sum) == (True, False)
    for name in AMOUNTS:
        assert whole(fast.table, name) == whole(slow.table, name), name
    assert whole(fast.table, "size_kb") == slow.table.total_vsize_kb
    for name in ("pid", "name", "started"):
        assert getattr(fast, name) == getattr(slow, name)
    assert fast.facts.arguments == slow.facts.arguments


def test_one_memory_is_counted_once(tmp_path, backend):
    from memc.read.options import Options
    from memc.targets.choice import Choice
    from memc.targets.read import read

    with children.between_vfork_and_exec(tmp_path) as (parent, child, _):
        choice = Choice()
        choice.pids = [parent.pid, child]
        found = read(choice, Options("smaps"), reader=backend, sums=True).targets
    told = {target.pid: target.same_memory_as for target in found}
    assert told == {parent.pid: None, child: parent.pid}


def test_what_is_mapped_twice_is_told():
    with children.script("twice", 8192, 4096) as child:
        result = PYTHON("show", child.pid, "--by", "process")
    assert b"PRIVATE leaves out pages" in result.out
    assert b"up to 8.00 MiB of /memfd:mapped-2 (deleted)" in result.out.replace(
        b"\n", b" "
    )
