"""``memc check``: limits on live processes, and on made-up ones."""

import os
import re
from contextlib import contextmanager
from pathlib import Path

import pytest
from support import children
from support.boxes import WITHOUT_RIGHTS
from support.commands import COMMANDS
from support.family import SMAPS, document, fill
from support.trees import STATM, Tree

pytestmark = pytest.mark.kernel

HELD = 64  # MiB
PAGE_KB = os.sysconf("SC_PAGE_SIZE") // 1024
ONCE = COMMANDS["python"]


@contextmanager
def holding():
    """Run a process that holds memory, stopped; give its pid and its RSS in kB."""
    with children.script("grower", HELD) as child:
        children.stop(child)
        statm = Path(f"/proc/{child.pid}/statm").read_text().split()
        yield child.pid, int(statm[1]) * PAGE_KB


@pytest.fixture(scope="module")
def held():
    with holding() as found:
        yield found


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Give a made-up /proc, in which a process may have 50 regions."""
    tree = fill(Tree(tmp_path_factory.mktemp("check") / "proc"))
    (tree.path / "sys" / "vm").mkdir(parents=True)
    (tree.path / "sys" / "vm" / "max_map_count").write_text("50\n")
    return tree


def lines(result, status):
    """Give what was found; nothing went wrong besides."""
    assert (result.status, result.err) == (status, b"")
    return result.out.decode().splitlines()


def trouble(result, status=2):
    """Give what was said of what could not be judged."""
    assert (result.status, result.out) == (status, b"")
    return result.err.decode()


def test_amount_is_over_by_one_kb_and_not_by_none(memc, held):
    pid, rss_kb = held
    assert lines(memc("check", pid, "--max-rss", f"{rss_kb}K"), 0) == []
    (line,) = lines(memc("check", pid, "--max-rss", f"{rss_kb - 1}K"), 1)
    assert re.fullmatch(rf"{pid} python\S*: rss {rss_kb:,} kB is over [\d,]+ kB", line)


# option, over, within, why
HOLDS = [
    ("--max-rss", f"{HELD}M", "300M", "statm has it"),
    ("--max-pss", f"{HELD}M", "300M", "smaps_rollup has it"),
    ("--max-uss", f"{HELD}M", "300M", "smaps_rollup has its two parts"),
    ("--max-size", f"{HELD}M", "2G", "statm has it"),
    ("--max-regions", "10", "1000", "maps has it"),
]


@pytest.mark.parametrize("case", HOLDS, ids=lambda case: case[3])
def test_what_a_process_holds_is_over_or_within(memc, held, case):
    option, over, within, _ = case
    what = option.removeprefix("--max-")
    (line,) = lines(memc("check", held[0], option, over), 1)
    assert f": {what} " in line
    assert " is over " in line
    assert lines(memc("check", held[0], option, within), 0) == []


def test_swap_is_judged(memc, tree):
    """Swapped shared memory counts, too: it is in no VmSwap."""
    tree.add(5, status=b"VmSwap:\t0 kB\n", smaps_rollup=b"Swap:\t2048 kB\n")
    args = ("check", 5, "--proc", tree, "--max-swap")
    (line,) = lines(memc(*args, "1M"), 1)
    assert line == "5 made-up: swap 2.00 MiB is over 1 MiB"
    assert lines(memc(*args, "2M"), 0) == []


def test_verbose_tells_what_is_within(held):
    args = ("--max-uss", "300M", "--max-rss", "1M", "--max-regions", "80%", "-v")
    found = lines(ONCE("check", held[0], *args), 1)
    words = [line.split()[2] for line in found]
    assert words == ["rss", "uss", "regions"]
    assert re.search(r"uss .* MiB is within 300 MiB$", found[1])
    assert re.search(
        r"regions [\d,]+ of [\d,]+ \([\d.]+ %\), limit 80 %: within$", found[2]
    )


def test_each_process_is_judged_and_told_once_a_limit(held):
    with holding() as (pid, _):
        args = (pid, held[0], "--max-rss", "1M", "--max-uss", "1M")
        found = lines(ONCE("check", *args), 1)
    pids = [int(line.split()[0]) for line in found]
    assert pids == sorted([pid, pid, held[0], held[0]])


def test_total_is_of_all(memc, held):
    with holding() as (pid, rss_kb):
        both_kb = held[1] + rss_kb
        args = ("check", held[0], pid, "--total", "--max-rss")
        assert lines(memc(*args, f"{both_kb}K"), 0) == []
        (line,) = lines(memc(*args, f"{both_kb - 1}K"), 1)
        assert lines(memc("check", held[0], pid, "--max-rss", "300M"), 0) == []
    words = f"total of 2 processes: rss {both_kb:,} kB (what they share counted in each"
    assert line.startswith(words)


# ---- Growth --------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["rss", "uss"])
def test_process_that_grows_is_found(memc, what):
    args = ("--max-growth", "1K/h", "--for", "500ms", "--growth-of", what)
    with children.script("grower", HELD, "forever") as child:
        (line,) = lines(memc("check", child.pid, *args), 1)
        share = ("--max-growth", "0.001%/d", "--for", "500ms")
        assert ", over 0.001 %/d" in lines(memc("check", child.pid, *share), 1)[0]
    pattern = rf"{child.pid} python\S*: {what} grew by \S+ \w+ in [\d.]+ s, "
    assert re.match(pattern + r"\S+ \w+ an hour \(\S+ %\), over 1 KiB/h$", line)


def test_process_that_is_stopped_does_not_grow(memc, held):
    args = ("--max-growth", "0/d", "--for", "1ms", "-v")
    (line,) = lines(memc("check", held[0], *args), 0)
    assert re.search(r": rss did not grow in \S+ s, within 0/d$", line)


def test_memory_that_is_made_up_does_not_grow(world):
    args = ("--max-growth", "0/d", "--for", "1ms", "--proc", world)
    assert lines(ONCE("check", "--all", *args), 0) == []
    assert lines(ONCE("check", "--all", "--total", *args), 0) == []


# ---- Regions -------------------------------------------------------------------------


def test_share_is_of_what_this_proc_says(memc, target, tmp_path):
    """There may be just as many regions as a process has, or one less."""
    tree = Tree(tmp_path / "proc")
    regions = tree.copy(target)["maps"].count(b"\n")
    assert regions > 300
    vm = tree.path / "sys" / "vm"
    vm.mkdir(parents=True)
    args = ("check", target, "--proc", tree, "--max-regions", "100%")
    (vm / "max_map_count").write_text(f"{regions}\n")
    assert lines(memc(*args), 0) == []
    (vm / "max_map_count").write_text(f"{regions - 1}\n")
    (line,) = lines(memc(*args), 1)
    assert f": regions {regions} of {regions - 1} (100." in line
    assert line.endswith(" %), limit 100 %: over")
    (vm / "max_map_count").write_text(f"{regions * 1000}\n")
    (line,) = lines(memc(*args[:-1], "1%", "--verbose"), 0)
    share = f"regions {regions} of {regions * 1000:,} (0.1 %), limit 1 %: within"
    assert line.endswith(share)


def test_share_needs_to_know_of_what(tree):
    tree.add(5, maps=b"")
    said = trouble(ONCE("check", 5, "--proc", tree, "--max-regions", "80%"))
    assert "sys/vm/max_map_count: No such file" in said
    assert "a limit without % needs none" in said


# ---- What cannot be judged -----------------------------------------------------------


# expected words, arguments, why
UNKNOWN = [
    ("process 99: no such process", [99, "--max-rss", "9G"], "no such process"),
    ("30: maps: no such file", [30, "--max-regions", "9"], "a file is missing"),
    ("swap cannot be judged: ", [42, "--max-swap", "9G"], "no smaps_rollup"),
    ("pss cannot be judged: pss_kb", [42, "--max-pss", "9G"], "no smaps either"),
    ("40 made-up: rss cannot be", [40, "--max-rss", "9G"], "no statm"),
    ("40 made-up: size cannot be", ["--all", "--max-size", "9G"], "one of all"),
    ("process 41 made-up: has no memory", [41, "--max-rss", "9G"], "a zombie"),
    (
        "found no process to judge",
        ["--name", "nobody-at-all", "--max-rss", "9G"],
        "no name fits",
    ),
    ("process 99", ["--tree", 99, "--max-rss", "9G"], "no tree"),
    ("rss cannot be judged", [10, 40, "--total", "--max-rss", "9G"], "a part of all"),
]


@pytest.fixture
def gaps(tmp_path):
    tree = fill(Tree(tmp_path / "proc"))
    tree.add(40, statm=None, status=b"Name:\tx\n")
    tree.add(41, statm=b"0 0 0 0 0 0 0\n", status=b"Name:\tx\n")
    tree.add(42, status=b"VmSize:\t8 kB\nVmRSS:\t4 kB\nVmSwap:\t0 kB\n")
    return tree


@pytest.mark.parametrize("case", UNKNOWN, ids=lambda case: case[2])
def test_what_cannot_be_judged_is_told_and_2(memc, gaps, case):
    expected, args, _ = case
    assert expected in trouble(memc("check", "--proc", gaps, *args))


def test_finding_beside_trouble_is_1_and_both_are_told(memc, gaps):
    result = memc("check", 10, 40, 99, "--proc", gaps, "--max-rss", "1K")
    assert result.status == 1
    assert result.out == b"10 init: rss 100 KiB is over 1 KiB\n"
    said = result.err.decode()
    assert "process 40 made-up: rss cannot be judged" in said
    assert "process 99: no such process" in said


def test_sum_of_what_is_known_may_be_over_already(gaps):
    result = ONCE("check", 10, 40, "--proc", gaps, "--total", "--max-rss", "1K")
    assert result.status == 1
    assert b"total of 2 processes: rss 100 KiB" in result.out


def test_kernel_threads_and_zombies_are_left_out_of_all(gaps):
    result = ONCE("check", "--all", "--proc", gaps, "--max-rss", "1G", "-v")
    assert b"\n41 " not in result.out
    assert b"process 41" not in result.err


def test_process_that_is_denied_passes_no_limit_that_needs_it():
    with children.script("undumpable") as child:

        def check(*args):
            return ONCE("check", child.pid, *args, prefix=WITHOUT_RIGHTS)

        assert lines(check("--max-rss", "9G", "--max-swap", "9G"), 0) == []
        assert "permission denied" in trouble(check("--max-regions", "60000"))
        assert "pss cannot be judged" in trouble(check("--max-pss", "9G"))
        tree = ("--tree", os.getpid(), "--name", ".", "--max-pss", "9G")
        said = trouble(ONCE("check", *tree, prefix=WITHOUT_RIGHTS))
        assert re.search(r"process(es)? not read: \d+ permission denied", said)


# ---- Targets, forms and words --------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "pids"),
    [
        (["--all"], [10, 11, 12, 13, 14, 20, 30]),
        (["--name", "^nginx$"], [11, 12]),
        (["--user", "33"], [11, 12]),
        (["--cgroup", "nginx.service"], [11, 12]),
        (["--tree", "11"], [11, 12, 13]),
        (["20", "10"], [10, 20]),
    ],
    ids=lambda value: str(value[0]),
)
def test_targets_are_those_of_show(memc, world, args, pids):
    found = lines(memc("check", *args, "--proc", world, "--max-rss", "1K"), 1)
    assert [int(line.split()[0]) for line in found] == pids


def test_memc_is_not_checked_itself():
    with children.waiting() as child:
        tree = ("--tree", os.getpid(), "--max-rss", "1K")
        found = lines(ONCE("check", *tree), 1)
    pids = [int(line.split()[0]) for line in found]
    assert {os.getpid(), child.pid} <= set(pids)
    names = [line for line in found if "memc check" in line or "memc-py" in line]
    assert names == []


def test_files_are_judged(memc, tmp_path):
    (tmp_path / "bug.txt").write_bytes(SMAPS)
    path = tmp_path / "bug.txt"
    rss_kb = sum(map(int, re.findall(rb"^Rss: +([0-9]+)", SMAPS, re.MULTILINE)))
    assert lines(memc("check", path, "--max-rss", f"{rss_kb}K"), 0) == []
    (line,) = lines(memc("check", path, "--max-rss", f"{rss_kb - 1}K"), 1)
    assert line.startswith(f"{path}: rss ")
    assert lines(memc("check", path, "--max-regions", "9999"), 0) == []
    assert "No such file" in trouble(memc("check", "./none", "--max-rss", "1G"))


def test_document_of_many_processes_is_judged(world, tmp_path):
    path = tmp_path / "all.json"
    path.write_bytes(ONCE("--all", "--smaps", "--proc", world).out)
    args = (path, "--name", "nginx", "--max-rss", "11K")
    assert lines(ONCE("check", *args), 1) == [
        f"{path} 12 nginx: rss 12 KiB is over 11 KiB"
    ]


def test_document_tells_findings_checks_and_errors(memc, gaps):
    args = ("--max-rss", "1K", "--max-size", "1G", "--json")
    found = document(memc("check", 10, 40, "--proc", gaps, *args), status=1)
    assert list(found) == ["findings", "checked", "errors", "skipped_processes"]
    (finding,) = found["findings"]
    assert finding == {
        "pid": 10,
        "name": "init",
        "file": None,
        "processes": 1,
        "limit": "max-rss",
        "what": "rss",
        "over": True,
        "value_kb": 100,
        "limit_kb": 1,
    }
    assert [each["limit"] for each in found["checked"]] == ["max-rss", "max-size"]
    assert found["checked"][0] == finding
    assert [error["pid"] for error in found["errors"]] == [40, 40]
    assert found["skipped_processes"] == []


def test_document_tells_of_regions_growth_and_sums(world):
    args = ("--max-regions", "80%", "--max-growth", "5%/min", "--for", "1ms", "--json")
    found = document(ONCE("check", 10, "--proc", world, *args))
    regions, growth = found["checked"]
    numbers = {"value": 1, "limit_value": 40, "limit_percent": 80.0}
    assert {**regions, **numbers, "max_map_count": 50} == regions
    assert growth.pop("elapsed_ms") >= 1
    numbers = {"before_kb": 100, "value_kb": 100, "rate_kb": 0, "rate_percent": 0.0}
    assert {**growth, **numbers, "per": "min", "limit_percent": 5.0} == growth
    args = ("--total", "--max-rss", "1G", "--json")
    (total,) = document(ONCE("check", 10, 11, "--proc", world, *args))["checked"]
    assert (total["pid"], total["processes"], total["value_kb"]) == (None, 2, 200)


def test_names_do_no_harm(tree):
    tree.add(5, comm=b"a\x1b[31m\nb\n", status=b"Name:\tx\n")
    found = lines(ONCE("check", 5, "--proc", tree, "--max-rss", "1K"), 1)
    assert found == ["5 a\\x1b[31m\\x0ab: rss 100 KiB is over 1 KiB"]
    assert STATM.startswith(b"100 25 ")


USAGE = [
    ("which process", "no target", ["--max-rss", "1G"]),
    ("which limit", "no limit", ["1"]),
    ("--max-rss", "no unit", ["1", "--max-rss", "5"]),
    ("--for and --growth-of need --max-growth", "no growth", ["1", "--for", "5s"]),
    ("--for", "no such time", ["1", "--max-growth", "1%/s", "--for", "soon"]),
    ("--growth-of", "no amount", ["1", "--growth-of", "colour"]),
    ("--for", "a file", ["./x", "--max-growth", "1%/s", "--for", "5s"]),
    ("a file tells no vm.max_map_count", "a file", ["./x", "--max-regions", "1%"]),
    ("no --total", "a share of each", ["1", "--total", "--max-regions", "1%"]),
    ("--detail", "it chooses itself", ["1", "--max-rss", "1G", "--detail", "maps"]),
]


@pytest.mark.parametrize("case", USAGE, ids=lambda case: case[1])
def test_usage_error_is_2_and_names_what_is_wrong(memc, case):
    word, _, args = case
    said = trouble(memc("check", *args))
    assert word in said
    assert said.endswith("\nmemc: try 'memc check --help'\n")


def test_proc_that_is_none_is_2(memc):
    said = trouble(memc("check", "1", "--proc", "/none", "--max-rss", "1G"))
    assert said.startswith("memc: /none: No such file or directory: not a proc file")


def test_output_that_cannot_be_written_is_2(held):
    with open("/dev/full", "wb") as full:
        result = ONCE("check", held[0], "--max-rss", "1M", stdout=full)
    assert result.status == 2
    assert b"cannot write to stdout" in result.err


def test_help_has_examples_and_exit_status(memc):
    result = memc("check", "--help")
    assert (result.status, result.err) == (0, b"")
    for words in (b"examples:\n", b"exit status:\n", b"*/10 * * * *", b"--max-growth"):
        assert words in result.out
    assert b"\n  check " in memc("--help").out
