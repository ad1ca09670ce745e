"""Totals in files and streams: show, diff and check work by process (field 8)."""

import orjson
import pytest
from support.cases import cases
from support.commands import COMMANDS

MEMC = COMMANDS["python"]
SECOND = 1000


def one(pid, rss, *, time=0, started=None, size=900, **more):
    """Give what memc writes of a process, as --totals has it."""
    known = {"rss_anon_kb": rss, "rss_file_kb": 0, "rss_shmem_kb": 0, "swap_kb": 4}
    snapshot = {"pid": pid, "timestamp_ms": time, "total_rss_kb": rss}
    snapshot |= {"total_vsize_kb": size, **known, "threads": 2, **more}
    whose = {"pid": pid, "name": f"p{pid}", "uid": 0, "started": started or pid}
    return whose | {"snapshot": snapshot}


def system(*processes, time=0):
    for process in processes:
        process["snapshot"]["timestamp_ms"] = time
    return {
        "timestamp_ms": time,
        "process_count": len(processes),
        "skipped": 0,
        "processes": list(processes),
        "skipped_processes": [],
    }


def kernel_thread(pid):
    return one(pid, 0, size=0, rss_anon_kb=None, swap_kb=None)


def roll(pid, rss, pss):
    return one(pid, rss, pss_kb=pss, uss_kb=pss)


REGION = {"start": "0x1000", "end": "0x2000", "type": "anonymous", "perm": "rw-p"}
REGIONS = {
    "pid": 7,
    "timestamp_ms": 0,
    "total_rss_kb": 4,
    "total_vsize_kb": 4,
    "region_count": 1,
    "regions": [REGION | {"size_kb": 4, "rss_kb": 4, "swap_kb": 0}],
}
BEFORE = system(one(1, 100), one(2, 50), one(3, 70), kernel_thread(9))
AFTER = (one(1, 164), one(2, 50), one(4, 10), kernel_thread(9))
FILES = {
    "before": [BEFORE],
    "rollup": [system(roll(1, 100, 30), roll(2, 50, 40))],
    "stream": [BEFORE, system(one(2, 9), time=1), system(*AFTER, time=2 * SECOND)],
    "alone": [one(5, rss, time=rss * 10)["snapshot"] for rss in (100, 150, 300)],
    "reused": [
        system(one(1, 5, started=1)),
        system(one(1, 900, started=2), time=SECOND),
    ],
    "timeless": [system(one(1, 5), time=None), system(one(1, 9), time=None)],
    "backwards": [system(one(1, 5), time=9), system(one(1, 9), time=5)],
    "regions": [REGIONS],
    "sum of 7": [one(7, 6)["snapshot"]],
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Run memc with files in the place of their names."""
    folder = tmp_path_factory.mktemp("totals")
    for name, documents in FILES.items():
        (folder / name).write_bytes(b"\n".join(map(orjson.dumps, documents)) + b"\n")

    def start(*args):
        paths = {name: folder / name for name in FILES}
        result = MEMC(*(paths.get(arg, arg) for arg in args))
        said = result.err.decode().replace(f"{folder}/", "")
        return result.status, result.out, said.splitlines()

    return start


def document(result, status):
    assert result[0] == status, result
    return orjson.loads(result[1])


# a file, the amounts of each process in order, why
SHOWN = [
    ("before", [(1, 100, None), (3, 70, None), (2, 50, None)], "no kernel threads"),
    ("rollup", [(2, 50, 40), (1, 100, 30)], "by PSS, where it was read"),
    ("stream", [(1, 164, None), (2, 50, None), (4, 10, None)], "the last sample"),
    ("alone", [(5, 300, None)], "a stream of one process"),
]


@cases(SHOWN, why=2)
@pytest.mark.parametrize("by", [(), ("--by", "process")], ids=["default", "by process"])
def test_show_has_a_line_for_each_process(run, case, by):
    name, expected, _ = case
    found = document(run("show", name, "--json", *by), 0)
    rows = [(row["pid"], row["rss_kb"], row["pss_kb"]) for row in found["groups"]]
    assert (found["by"], rows) == ("process", expected)
    first = found["groups"][0]
    assert (first["regions"], first["swap_kb"], first["partial"]) == (None, 4, [])
    total = found["total"]
    assert (total["regions"], total["rss_kb"]) == (None, sum(row[1] for row in rows))


def test_show_tells_no_number_of_regions(run):
    _, out, _ = run("show", "rollup", "--wide")
    titles, first, _, total, *_ = map(str.split, out.decode().splitlines())
    assert titles[titles.index("REGIONS") :] == ["REGIONS", "PID", "NAME"]
    assert {"RSS_ANON", "RSS_SHMEM", "PRIVATE"} <= {*titles}
    assert first[-3:] == ["-", "2", "p2"]
    assert total[-4:] == ["-", "total,", "2", "processes"]


def test_regions_and_totals_can_stand_side_by_side(run):
    found = document(run("show", "regions", "rollup", "--json"), 0)
    rows = {row["pid"]: (row["rss_kb"], row["regions"]) for row in found["groups"]}
    assert rows == {7: (4, 1), 2: (50, None), 1: (100, None)}


# the options, the words, why
REFUSED = [
    (("--by", "owner"), "--by owner", "an owner is of regions"),
    (("--by", "region"), "--by region", "there is none"),
    (("--by", "path", "--json"), "--by path", "JSON, too"),
    (("--path", "x"), "--path", "a path is of regions"),
    (("--path", "x", "--by", "process"), "--path", "also by process"),
]


@cases(REFUSED, why=2)
@pytest.mark.parametrize("command", ["show", "diff"])
def test_what_takes_regions_is_refused_in_one_line(run, case, command):
    options, words, _ = case
    status, out, said = run(command, "stream", *options)
    line = f"memc: stream: totals have no regions for {words}: --by process works"
    assert (status, out, said) == (1 if command == "show" else 2, b"", [line])


def test_diff_compares_the_processes_of_two_samples(run):
    found = document(run("diff", "stream", "--json"), 1)
    kinds = ("grew", "appeared", "gone", "same")
    rows = {
        row["pid"]: (
            row["rss_growth_kb"],
            [kind for kind in kinds if row[kind]],
            row["regions_before"],
            row["regions_after"],
        )
        for row in found["changes"]
    }
    assert rows == {
        1: (64, ["grew"], None, None),
        3: (-70, ["gone"], None, 0),
        4: (10, ["appeared"], 0, None),
    }
    assert (found["unchanged_count"], found["total"]["rss_growth_kb"]) == (1, 4)
    assert (found["total"]["regions_before"], found["same"]) == (None, False)


def test_diff_tells_the_kind_without_a_number_of_regions(run):
    _, out, _ = run("diff", "stream")
    lines = [line.split() for line in out.decode().splitlines()]
    assert lines[1][-4:] == ["-", "gone", "3", "p3"]
    assert lines[2][-4:] == ["-", "grew", "1", "p1"]
    assert run("diff", "before", "before") == (0, b"the same: totals\n", [])


def test_diff_compares_totals_with_the_sums_of_regions(run):
    found = document(run("diff", "sum of 7", "regions", "--json"), 1)
    (row,) = found["changes"]
    assert (row["rss_growth_kb"], row["size_growth_kb"]) == (-2, -896)
    assert (row["regions_before"], row["regions_after"]) == (None, 1)


# arguments, the growths that are judged, status, why
JUDGED = [
    (("stream", "10K/s"), {1: 64, 2: 0}, 1, "each process that is in both"),
    (("stream", "40K/s"), {1: 64, 2: 0}, 0, "64 KiB in 2 s are 32 a second"),
    (("stream", "1K/s", "--growth-of", "swap"), {1: 0, 2: 0}, 0, "other amounts"),
    (("stream", "1K/s", "--total"), {None: 4}, 1, "a sum: 4 KiB in 2 s are 2 a second"),
    (("stream", "3K/s", "--total"), {None: 4}, 0, "a sum, and its time"),
    (("alone", "99K/s"), {5: 200}, 1, "200 KiB in 2 s"),
    (("alone", "101K/s"), {5: 200}, 0, "its own time"),
    (("alone", "stream", "90K/s"), {5: 200, 1: 64, 2: 0}, 1, "a time for each file"),
]


@cases(JUDGED, why=3)
def test_check_judges_growth_from_the_first_to_the_last_sample(run, case):
    (*args, rate), more = _split(case[0])
    found = document(
        run("check", *args, "--max-growth", rate, *more, "--json"), case[2]
    )
    grown = {c["pid"]: c["value_kb"] - c["before_kb"] for c in found["checked"]}
    assert grown == case[1]
    assert {c["elapsed_ms"] for c in found["checked"]} == {2 * SECOND}
    assert found["errors"] == []


def _split(args):
    options = next((i for i, arg in enumerate(args) if arg.startswith("--")), len(args))
    return args[:options], args[options:]


def test_processes_in_one_sample_only_are_counted_and_not_failed(run):
    status, out, said = run("check", "stream", "--max-growth", "40K/s")
    who = "memc: stream: processes in one of the two samples only: 1 began, 1 ended"
    assert (status, out, said) == (0, b"", [f"{who}: their growth is not judged"])
    *_, said = run("check", "stream", "--max-growth", "40K/s", "--total")
    assert said == [f"{who}: the sums have them"]


# arguments, words, why
TROUBLE = [
    (("before",), "one sample: expected a stream of two", "nothing to compare with"),
    (("before", "--max-rss", "1G"), "one sample: expected a stream", "another limit"),
    (("nothing",), "nothing: No such file", "no file"),
    (("reused",), "no such process", "the pid is of another process now"),
    (("timeless",), "a sample does not tell its time", "no rate without a time"),
    (("backwards",), "the last sample is not later", "nor with a clock that jumped"),
    (("stream", "--for", "2s"), "a file has its own times", "a time that is not used"),
    (("stream", "alone", "--total"), "or one file: times differ", "no sum of rates"),
]


@cases(TROUBLE, why=2)
def test_growth_that_cannot_be_judged_is_2(run, case):
    args, words, why = case
    status, out, said = run("check", *args, "--max-growth", "1G/s")
    assert (status, out) == (2, b""), why
    assert any(words in line for line in said), said


@pytest.mark.kernel
@pytest.mark.parametrize("name", ["native", "python", "pure"])
def test_what_memc_records_works_by_process(name, tmp_path):
    path = tmp_path / "stream"
    args = ("--all", "--totals", "--interval", 20, "--count", 2, "--output", path)
    assert COMMANDS[name](*args).status == 0
    found = orjson.loads(MEMC("show", path, "--by", "process", "--json").out)
    assert found["total"]["rss_kb"] > 0
    assert MEMC("diff", path, "--by", "process").status in (0, 1)
    result = MEMC("check", path, "--max-growth", "1T/s", "--json")
    assert result.status in (0, 2)  # 2: some process called exec meanwhile
    assert len(orjson.loads(result.out)["checked"]) > 0
