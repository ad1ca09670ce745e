"""``memc check`` by shares of limits, by peaks and by headroom."""

import json

import pytest
from support import children
from support.commands import COMMANDS
from support.groups import enter, live_group

pytestmark = pytest.mark.kernel
MIB = 1 << 20
STATUS = b"VmSize:\t 9000 kB\nVmHWM:\t 700 kB\nVmRSS:\t 400 kB\nVmPTE:\t 40 kB\n"


@pytest.fixture
def check():
    command = COMMANDS["sibling"]

    def run(*args):
        done = command("check", *args)
        assert b"Traceback" not in done.err
        return done

    return run


@pytest.fixture
def group():
    with live_group(limit=64 * MIB, name="memc-check") as folder:
        if folder is None:
            pytest.skip("no memory control group of version 1 can be made here")
        yield folder


def test_live_group_decides_shares_and_headroom(check, group):
    code = "x = bytearray(30 << 20); print('ready', flush=True); input()"
    argv = ("/usr/bin/env", "python3", "-c", code)
    with children.running(*argv, preexec_fn=enter(group)) as child:
        kept = check(child.pid, "--max-rss", "90%", "--min-headroom", "1M")
        over = check(child.pid, "--max-rss", "25%", "--min-headroom", "60M")
        told = check(child.pid, "--max-rss", "25%", "--json")
        whole = check(child.pid, "--by", "cgroup", "--max-rss", "25%")
    assert (kept.status, kept.out) == (0, b"")
    assert over.status == 1
    assert whole.status == 1
    assert b"(1 process): rss " in whole.out
    rss, headroom = over.out.decode().splitlines()
    assert "is over 16 MiB, 25 % of 64 MiB of /" in rss
    assert headroom.endswith("is below 60 MiB")
    assert group.name in rss
    assert group.name in headroom
    (finding,) = json.loads(told.out)["findings"]
    assert (finding["limit_kb"], finding["cgroup_limit_kb"]) == (16 << 10, 64 << 10)
    assert (finding["limit_percent"], finding["limit"]) == (25.0, "max-rss")
    assert finding["cgroup"].endswith(group.name)


def test_peak_is_judged_after_the_memory_was_given_back(check):
    code = "x = bytearray(40 << 20); del x; print('ready', flush=True); input()"
    with children.running("/usr/bin/env", "python3", "-c", code) as child:
        done = check(child.pid, "--max-peak", "40M", "--max-rss", "40M")
    assert done.status == 1
    (line,) = done.out.decode().splitlines()
    assert ": peak " in line


def test_headroom_of_the_machine_counts_where_no_group_is_limited(check):
    with children.waiting() as child:
        done = check(child.pid, "--min-headroom", "900T")
    assert done.status == 1
    assert b"headroom " in done.out


# words on stderr, arguments
WRONG = [
    ("no --total", ("--all", "--total", "--max-peak", "1G")),
    ("no --total", ("--all", "--total", "--min-headroom", "1G")),
    ("no %, please", ("x.json", "--max-rss", "80%")),
    ("live only", ("x.json", "--min-headroom", "1G")),
    ("expected an amount", ("1", "--max-swap", "80%")),
    ("a share up to 100%", ("1", "--max-rss", "180%")),
]


@pytest.mark.parametrize("case", WRONG, ids=lambda case: " ".join(case[1]))
def test_what_makes_no_sense_is_refused(check, case):
    words, args = case
    done = check(*args)
    assert (done.status, done.out) == (2, b"")
    assert words in done.err.decode()


def test_copy_of_proc_is_status_2_with_the_reason(check, tree):
    tree.add(7, status=STATUS, cgroup=b"0::/a\n")
    for limit in (("--max-rss", "80%"), ("--min-headroom", "1")):
        amount = limit[1] if "%" in limit[1] else "1K"
        done = check(7, "--proc", tree, limit[0], amount)
        assert (done.status, done.out) == (2, b"")
        assert b"a copy of /proc has no files of control groups" in done.err


def test_totals_in_a_file_have_a_peak_and_others_do_not(check, tmp_path):
    with children.waiting() as child:
        for option, status in (("--totals", 1), ("--smaps", 2)):
            path = tmp_path / "file.json"
            path.write_bytes(COMMANDS["native"](child.pid, option).out)
            assert check(path, "--max-peak", "1K").status == status
