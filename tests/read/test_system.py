"""Snapshots of all processes, read from made-up trees."""

import orjson
import pytest
from support import documents, oracle
from support.cases import cases
from support.tables import rows
from support.text import page, record
from support.trees import STATM

import memc

SMAPS = record(0x1000, 0x2000, b"Rss: 4 kB")
NOT_PROCESSES = [
    "self",
    "thread-self",
    "12x",
    "x12",
    "0012x",
    "-5",
    "1 ",
    "sys",
    "uptime",
]


@pytest.fixture
def proc(tree):
    tree.add(10, maps=page(1), smaps=SMAPS, comm=b"ten\n")
    tree.add(9, maps=page(1) + page(2), smaps=SMAPS, comm=b"\xff (9)\n")
    tree.add(100, maps=b"", smaps=b"", comm=b"kworker/0:1\n", statm=b"0 0 0 0 0 0 0\n")
    tree.add(2, maps=page(3), smaps=SMAPS, comm=None)
    tree.add(30, maps=None, comm=b"broken\n")
    for name in NOT_PROCESSES:
        (tree.path / name).mkdir()
    return tree


@pytest.fixture(params=["native", "pure"])
def api(request, monkeypatch):
    monkeypatch.setenv("MEMC_BACKEND", request.param)
    return memc


def test_processes_come_in_the_order_of_their_pids(api, proc):
    system = api.snapshot_all(proc=str(proc))
    assert [p.pid for p in system.processes] == [2, 9, 10, 100]
    assert [p.name for p in system.processes] == [
        "",
        "\udcff (9)",
        "ten",
        "kworker/0:1",
    ]
    assert [len(p.snapshot) for p in system.processes] == [1, 2, 1, 0]
    assert [p.snapshot.pid for p in system.processes] == [2, 9, 10, 100]


def test_process_that_cannot_be_read_is_skipped_with_a_reason(api, proc):
    system = api.snapshot_all(proc=str(proc))
    (skipped,) = system.skipped
    assert (skipped.pid, skipped.name, skipped.reason) == (30, "broken", "error")


def test_skip_kernel_leaves_out_what_has_no_regions(api, proc):
    system = api.snapshot_all(proc=str(proc), skip_kernel=True)
    assert [p.pid for p in system.processes] == [2, 9, 10]
    assert [s.pid for s in system.skipped] == [30]


@pytest.mark.parametrize("jobs", [None, 1, 2, 3, 64])
@pytest.mark.parametrize("detail", ["maps", "smaps"])
def test_any_number_of_threads_gives_the_same(api, tree, jobs, detail):
    for pid in range(1, 40):
        text = b"".join(page(i) for i in range(pid))
        tree.add(pid, maps=text, smaps=text, comm=b"p%d\n" % pid)
    system = api.snapshot_all(proc=str(tree), detail=detail, jobs=jobs)
    assert list(range(1, 40)) == [len(p.snapshot) for p in system.processes]
    assert [f"p{pid}" for pid in range(1, 40)] == [p.name for p in system.processes]
    assert {detail} == {p.snapshot.detail for p in system.processes}


@pytest.mark.parametrize("detail", ["maps", "smaps"])
@pytest.mark.parametrize("full", [False, True])
def test_json_is_what_orjson_prints(api, proc, detail, full):
    system = api.snapshot_all(proc=str(proc), detail=detail)
    document = documents.system(system, full=full, rows=rows)
    assert orjson.dumps(document) == system.to_json(full=full)
    pretty = orjson.dumps(document, option=orjson.OPT_INDENT_2)
    assert pretty == system.to_json(pretty=True, full=full)


def test_json_of_a_process_is_the_very_object_of_the_single_form(api, proc):
    system = api.snapshot_all(proc=str(proc))
    shown = orjson.loads(system.to_json())["processes"][1]["snapshot"]
    assert orjson.loads(system.processes[1].snapshot.to_json()) == shown


@pytest.mark.parametrize("pretty", [False, True])
def test_process_without_regions_is_in_the_document(api, tree, pretty):
    tree.add(5, maps=b"")
    system = api.snapshot_all(proc=str(tree))
    document = orjson.loads(system.to_json(pretty=pretty))
    assert (document["process_count"], document["skipped"]) == (1, 0)
    option = orjson.OPT_INDENT_2 if pretty else None
    assert orjson.dumps(document, option=option) == system.to_json(pretty=pretty)


def test_torn_process_says_so_inside_the_document(api, tree):
    tree.add(5, maps=page(2) + page(1))
    document = orjson.loads(api.snapshot_all(proc=str(tree)).to_json())
    (note,) = document["processes"][0]["snapshot"]["notes"]
    assert (note["code"], note["count"]) == ("torn", 1)


def test_progress_is_told_first_and_last(backend, proc):
    told = []
    backend.collect_all(
        "maps",
        skip_kernel=False,
        jobs=2,
        proc=str(proc),
        progress=lambda done, total: told.append((done, total)),
    )
    assert told[0] == (0, 5)
    assert told[-1] == (5, 5)
    assert sorted(told) == told


def test_timestamp_is_not_later_than_those_of_the_processes(api, proc):
    system = api.snapshot_all(proc=str(proc))
    assert all(system.timestamp_ms <= p.snapshot.timestamp_ms for p in system.processes)


# error, message, why, arguments
REFUSED = [
    (ValueError, "'maps'", "an unknown detail names the choices", {"detail": "all"}),
    (ValueError, "jobs", "no thread at all", {"jobs": 0}),
    (ValueError, "jobs", "fewer than none", {"jobs": -1}),
    (TypeError, "wait", "an unknown argument", {"wait": 1}),
]


@cases(REFUSED, why=2)
def test_bad_argument_is_refused(api, proc, case):
    error, message, _, arguments = case
    with pytest.raises(error, match=message):
        api.snapshot_all(proc=str(proc), **arguments)


def test_what_the_oracle_reads_is_there(api, proc):
    system = api.snapshot_all(proc=str(proc), detail="smaps")
    expected, _ = oracle.read(SMAPS)
    assert expected == rows(system.processes[0].snapshot)
    assert (proc.path / "10" / "statm").read_bytes() == STATM
