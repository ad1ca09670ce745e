"""``memc check --by``: the sum over the processes of a user, container, ...."""

import orjson
import pytest
from support.cases import cases
from support.commands import COMMANDS
from support.family import counters
from support.text import header, record

MEMC = COMMANDS["python"]
A = "a1" * 32
STATUS = b"Name:\tx\nPPid:\t1\nUid:\t9\t%d\t9\t9\nVmSize:\t 64 kB\nVmRSS:\t %d kB\n"
UNIT = "/system.slice/web.service"

# pid, comm, user, control group, RSS
PROCESSES = [
    (11, b"nginx", 33, UNIT, 100),
    (12, b"nginx", 33, UNIT, 200),
    (13, b"redis", 0, f"/docker/{A}", 400),
    (14, b"sshd", 0, "/", 800),
]


@pytest.fixture
def four(tree):
    """Give a tree of four processes."""
    for pid, comm, uid, cgroup, rss in PROCESSES:
        tree.add(
            pid,
            smaps=record(pid << 20, (pid << 20) + 65536, *counters(rss, rss)),
            maps=header(pid << 20, (pid << 20) + 65536),
            statm=b"16 %d 0 0 0 0 0\n" % (rss // 4),
            status=STATUS % (uid, rss),
            comm=comm + b"\n",
            cgroup=b"0::" + cgroup.encode() + b"\n",
            cmdline=b"/bin/" + comm + b"\0-x\0",
        )
    return tree


def check(tree, *args):
    return MEMC("check", "--all", "--proc", tree, *args)


# status, lines, arguments, why
CHECKED = [
    (
        1,
        ["user root (2 processes): rss 1.17 MiB (what they share counted in each)"],
        ["--by", "user", "--max-rss", "1000K"],
        "one user has more",
    ),
    (0, [], ["--by", "name", "--max-rss", "800K"], "each name keeps it"),
    (1, ["name sshd (1 process): rss"], ["--by", "name", "--max-rss", "799K"], "one"),
    (
        1,
        ["(no service) (2 processes): rss", "service web.service (2 processes): rss"],
        ["--by", "service", "--max-rss", "299K"],
        "the rest is a group, too",
    ),
    (
        1,
        [f"container {A[:12]} (docker) (1 process): rss 400 KiB", "(no container)"],
        ["--by", "container", "--max-rss", "399K"],
        "a container",
    ),
    (
        1,
        ["user www-data, name nginx (2 processes): rss 300 KiB"],
        ["--by", "user,name", "--max-rss", "299K", "--name", "nginx"],
        "two levels",
    ),
    (
        1,
        ["command nginx (2 processes): regions 2 is over 1"],
        ["--by", "command", "--max-regions", "1"],
        "regions",
    ),
    (1, ["14 sshd: rss"], ["--by", "process", "--max-rss", "799K"], "by process"),
]


@cases(CHECKED, why=3)
def test_limit_is_for_each_group(four, case):
    status, lines, args, _ = case
    result = check(four, *args)
    assert (result.status, result.err) == (status, b"")
    said = sorted(result.out.decode().splitlines())
    assert len(said) == len(lines)
    for line, start in zip(said, sorted(lines), strict=True):
        assert line.startswith(start)


def test_unread_process_is_of_no_group_that_its_facts_rule_out(four):
    four.add(15, comm=b"redis\n", status=STATUS % (0, 4), smaps=None, maps=None)
    (four.path / "15" / "cgroup").write_bytes(b"0::/\n")
    result = check(four, "--by", "container", "--max-regions", "9", "-v")
    assert result.status == 2
    lines = result.out.decode().splitlines()
    assert [line.split(" (")[0] for line in lines] == [f"container {A[:12]}"]


def test_document_has_the_keys_of_the_group(four):
    result = check(four, "--by", "container,user", "--max-rss", "399K", "--json")
    found = {c["container"]: c for c in orjson.loads(result.out)["findings"]}
    assert {key: found[A][key] for key in ("runtime", "user", "uid", "processes")} == {
        "runtime": "docker",
        "user": "root",
        "uid": 0,
        "processes": 1,
    }
    assert found[None]["pid"] is None


def test_group_with_an_unread_process_is_never_within(four):
    four.add(15, comm=b"redis\n", status=STATUS % (0, 4), smaps=None, maps=None)
    result = check(four, "--by", "user", "--max-regions", "9", "-v")
    assert result.status == 2
    lines = result.out.decode().splitlines()
    assert [line.split(" (")[0] for line in lines] == ["user www-data"]
    over = check(four, "--by", "user", "--max-regions", "1")
    assert over.status == 1
    assert b"user root" in over.out


PAGE_TABLES = ["--max-page-tables", "1G"]
# words, arguments
WRONG = [
    (b"--max-page-tables: they are of no region", [*PAGE_TABLES, "--by", "user,owner"]),
    (
        b"--max-peak: peaks are of different times",
        ["--max-peak", "1G", "--by", "owner"],
    ),
    (b"one level or two different ones", ["--by", "user,name,owner"]),
    (b"a region inside of something", ["--by", "region,owner"]),
    (b"--by and --total: one of the two", ["--by", "user", "--total"]),
    (b"expected one of", ["--by", "nothing"]),
]


@pytest.mark.parametrize("case", WRONG, ids=lambda case: " ".join(case[1]))
def test_other_groups_are_refused(four, case):
    result = check(four, "--max-rss", "1G", *case[1])
    assert result.status == 2
    assert case[0] in result.err


def test_file_that_does_not_tell_is_an_error(four, tmp_path):
    path = tmp_path / "all.json"
    path.write_bytes(MEMC("--all", "--smaps", "--proc", four).out)
    result = MEMC("check", path, "--by", "container", "--max-rss", "1G")
    assert result.status == 2
    assert b"tells no control groups: memc --all --full writes them" in result.err


def test_growth_of_groups_in_a_stream_is_judged(four, tmp_path):
    one = orjson.loads(MEMC("--all", "--smaps", "--full", "--proc", four).out)
    path = tmp_path / "stream.ndjson"
    one["timestamp_ms"] = 1000
    later = orjson.loads(orjson.dumps(one))
    later["timestamp_ms"] = 61000
    for document in (one, later):
        for process in document["processes"]:
            process["snapshot"]["timestamp_ms"] = document["timestamp_ms"]
    for process in later["processes"]:
        if process["name"] == "nginx":
            process["snapshot"]["total_rss_kb"] += 50
    path.write_bytes(orjson.dumps(one) + b"\n" + orjson.dumps(later) + b"\n")
    result = MEMC("check", path, "--by", "service", "--max-growth", "90K/min")
    assert result.status == 1
    assert result.out.startswith(b"service web.service (2 processes): rss grew by 100")
