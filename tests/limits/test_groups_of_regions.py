"""``memc check --by``: the sum over the regions of an owner, path, ..."""

import subprocess
import sys

import orjson
import pytest
from support.cases import cases
from support.commands import COMMANDS
from support.family import counters
from support.text import header, record

MEMC = COMMANDS["python"]
STATUS = b"Name:\tx\nPPid:\t1\nUid:\t9\t%d\t9\t9\nVmSize:\t 24576 kB\n"
LIBC = b"/usr/lib/libc.so.6"
START = 0x400000

# pid, comm, user, control group, resident memory of its heap, its libc, and the rest
PROCESSES = [
    (11, b"nginx", 33, b"/system.slice/web.service", (100, 200, 300)),
    (12, b"nginx", 33, b"/system.slice/web.service", (10, 20, 30)),
    (13, b"redis", 0, b"/", (4000, 200, 0)),
]


def regions(amounts):
    """Give a heap, a library and nameless memory: smaps, and maps."""
    heap, libc, rest = amounts
    parts = [
        (0, "rw-p", b"[heap]", heap),
        (16 << 20, "r-xp", LIBC, libc),
        (32 << 20, "rw-p", b"", rest),
    ]
    spans = [(START + at, START + at + (8 << 20), *more) for at, *more in parts]
    smaps = b"".join(
        record(start, end, *counters(kb, kb), perm=perm, name=name)
        for start, end, perm, name, kb in spans
    )
    return smaps, b"".join(header(s, e, p, n) for s, e, p, n, _ in spans)


@pytest.fixture
def three(tree):
    """Give a tree of three processes."""
    for pid, comm, uid, cgroup, amounts in PROCESSES:
        smaps, maps = regions(amounts)
        tree.add(
            pid,
            smaps=smaps,
            maps=maps,
            status=STATUS % uid + b"VmRSS:\t %d kB\n" % sum(amounts),
            statm=b"6144 %d 0 0 0 0 0\n" % (sum(amounts) // 4),
            comm=comm + b"\n",
            cgroup=b"0::" + cgroup + b"\n",
            cmdline=b"/bin/" + comm + b"\0",
        )
    return tree


def check(tree, *args):
    return MEMC("check", "--all", "--proc", tree, *args)


# status, lines, arguments, why
CHECKED = [
    (
        1,
        ["cgroup /, owner malloc main heap (1 process): rss 3.91 MiB is over 1 MiB"],
        ["--by", "cgroup,owner", "--max-rss", "1M"],
        "an owner in a control group",
    ),
    (
        1,
        ["user www-data, owner anonymous (2 processes): rss 330 KiB (what they share"],
        ["--by", "user,owner", "--max-rss", "300K", "--user", "33"],
        "an owner of a user",
    ),
    (
        1,
        ["owner malloc main heap (3 processes): pss 4,110 kB is over 4,109 kB"],
        ["--by", "owner", "--max-pss", "4109K"],
        "one level: an owner of all processes",
    ),
    (0, [], ["--by", "owner", "--max-pss", "4110K"], "as much as is allowed"),
    (
        1,
        [f"path {LIBC.decode()} (3 processes): rss 420 KiB"],
        ["--by", "path", "--max-rss", "400K", "--max-uss", "1G", "--name", "x|n|r"],
        "a path",
    ),
    (
        1,
        ["name redis, type heap (1 process): uss 3.91 MiB"],
        ["--by", "name,type", "--max-uss", "1M"],
        "a type in a name",
    ),
    (
        1,
        ["process 13 redis, owner malloc main heap (1 process): rss 3.91 MiB"],
        ["--by", "process,owner", "--max-rss", "1M"],
        "an owner in a process",
    ),
    (
        1,
        ["user root, region 400000-c00000 rw-p [heap] (1 process): rss 3.91 MiB"],
        ["--by", "user,region", "--max-rss", "1M"],
        "a region of a user",
    ),
    (
        1,
        ["service web.service, process 11 nginx (1 process): rss 600 KiB"],
        ["--by", "service,process", "--max-rss", "599K", "--name", "nginx"],
        "a process in a service",
    ),
    (
        1,
        ["user www-data, owner library text (2 processes): regions 2 is over 1"],
        ["--by", "user,owner", "--max-regions", "1", "--user", "33"],
        "the number of regions",
    ),
    (
        1,
        ["user root, owner library text (1 process): size 8,192 kB"],
        ["--by", "user,owner", "--max-size", "8191K", "--user", "0"],
        "size needs no counters",
    ),
]


@cases(CHECKED, why=3)
def test_limit_is_for_each_group(three, case):
    status, lines, args, _ = case
    result = check(three, *args)
    assert (result.status, result.err) == (status, b"")
    said = result.out.decode()
    for line in lines:
        assert line in said


LEVELS = [
    *("owner", "type", "path", "region", "process", "name"),
    *("cgroup,owner", "user,owner", "service,path", "container,type", "name,region"),
    *("process,owner", "user,process", "owner,user", "path,name", "type,process"),
]


@pytest.mark.parametrize("by", LEVELS)
def test_groups_and_figures_are_those_of_show(three, by):
    shown = MEMC("show", "--all", "--proc", three, "--by", by, "--json")
    rows = orjson.loads(shown.out)["groups"]
    judged = check(three, "--by", by, "--max-rss", "1G", "--json")
    assert judged.status == 0
    checked = orjson.loads(judged.out)["checked"]
    keys = [*rows[0]][: [*rows[0]].index("pss_kb")]

    def identity(one):
        return orjson.dumps([one[key] for key in keys if key in one])

    assert set(keys) <= {*checked[0]}, keys
    assert {identity(one): one["value_kb"] for one in checked} == {
        identity(row): row["rss_kb"] for row in rows
    }


def stream(tree, path, growth):
    """Write a sample, and another a minute later in which redis's heap grew."""
    documents = []
    for at in (0, 1):
        smaps, _ = regions((4000 + growth * at, 200, 0))
        (tree.path / "13" / "smaps").write_bytes(smaps)
        one = orjson.loads(MEMC("--all", "--smaps", "--full", "--proc", tree).out)
        one["timestamp_ms"] = 1000 + 60000 * at
        for process in one["processes"]:
            process["snapshot"]["timestamp_ms"] = one["timestamp_ms"]
        documents.append(orjson.dumps(one))
    path.write_bytes(b"\n".join(documents) + b"\n")


GROWN = [
    "owner",
    "cgroup,owner",
    "user,path",
    "name,region",
    "process,owner",
    "user,type",
]


@pytest.mark.parametrize("by", GROWN)
def test_growth_of_a_group_is_judged(three, tmp_path, by):
    path = tmp_path / "stream.ndjson"
    stream(three, path, 100)
    result = MEMC("check", path, "--by", by, "--max-growth", "90K/min")
    assert (result.status, result.err) == (1, b"")
    lines = result.out.splitlines()
    assert len(lines) == 1
    assert b"heap" in lines[0]
    assert b"rss grew by 100 KiB" in lines[0]
    assert MEMC("check", path, "--by", by, "--max-growth", "110K/min").status == 0


def test_owner_that_is_new_grew_from_nothing(three, tmp_path):
    path = tmp_path / "stream.ndjson"
    stream(three, path, 0)
    first, last = map(orjson.loads, path.read_bytes().splitlines())
    for process in first["processes"]:
        snapshot = process["snapshot"]
        told = [one for one in snapshot["regions"] if one.get("pathname") != "[heap]"]
        snapshot |= {"regions": told, "region_count": len(told)}
    path.write_bytes(orjson.dumps(first) + b"\n" + orjson.dumps(last))
    result = MEMC("check", path, "--by", "owner", "--max-growth", "1M/min")
    assert (result.status, result.err) == (1, b"")
    assert result.out.startswith(
        b"owner malloc main heap (3 processes): rss grew by 4.01 MiB in 60"
    )


def test_group_with_an_unread_process_is_never_within(three):
    three.add(15, comm=b"redis\n", status=STATUS % 0, smaps=None, maps=None)
    result = check(three, "--by", "user,owner", "--max-rss", "9G", "-v")
    assert result.status == 2
    users = {line.split(b",")[0] for line in result.out.splitlines()}
    assert users == {b"user www-data"}
    assert check(three, "--by", "user,owner", "--max-rss", "1M").status == 1


def test_totals_have_no_regions_to_group(three, tmp_path):
    path = tmp_path / "all.json"
    path.write_bytes(MEMC("--all", "--totals", "--full", "--proc", three).out)
    result = MEMC("check", path, "--by", "user,owner", "--max-rss", "1G")
    assert result.status == 2
    assert b"totals have no regions for --by user,owner" in result.err


HEAP = "import sys; kept = [bytes(200) for _ in range(40000)]; print(flush=True); "


@pytest.mark.kernel
@pytest.mark.parametrize("memc", COMMANDS.values(), ids=COMMANDS)
def test_a_live_process_is_judged_by_its_owners(memc):
    code = HEAP + "sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        child.stdout.readline()
        args = ("check", child.pid, "--by", "name,owner")
        found = memc(*args, "--max-rss", "4M", "--json")
        grown = memc(*args, "--max-growth", "1G/s", "--for", "50ms", "-v")
        child.stdin.close()
    findings = orjson.loads(found.out)["findings"]
    assert found.status == 1
    assert all(one["owner"] and one["value_kb"] > 4096 for one in findings)
    assert sum(one["value_kb"] for one in findings) > 8000
    assert (grown.status, grown.err) == (0, b"")
    assert b"owner main stack (1 process): rss did not grow" in grown.out
