"""Odd corners of the interface: limits, odd arguments, threads, pickles."""

import pickle
from concurrent.futures import ThreadPoolExecutor

import orjson
import pytest
from support.cases import cases
from support.tables import rows
from support.text import header, page, record

import memc
from memc.errors import AccessDenied, FormatError, ProcessError, ProcessGone

MAX = 2**64 - 1

# error, why, pid
BAD_PIDS = [
    (TypeError, "a str", "7"),
    (TypeError, "None", None),
    (ValueError, "0", 0),
    (ValueError, "a negative one", -1),
    (ProcessGone, "over any pid", 2**31),
    (ProcessGone, "over 64 bits", 2**64),
]


@cases(BAD_PIDS, why=1)
@pytest.mark.parametrize("kind", ["maps", "smaps"])
@pytest.mark.parametrize("name", ["fast", "fallback"])
def test_fast_and_fallback_refuse_the_same_pids(name, kind, case):
    error, _, pid = case
    with pytest.raises(error):
        getattr(getattr(memc, name), f"parse_{kind}")(pid)


def test_root_with_a_nul_in_it_is_refused_not_cut(backend, tree):
    tree.add(7, maps=page(1))
    with pytest.raises(ValueError, match=r"(?i)nul"):
        backend.collect(7, "maps", f"{tree}\0/nowhere")


def test_root_may_be_any_bytes_of_a_path(backend, tmp_path):
    proc = tmp_path / "pr\udcffoc"
    (proc / "7").mkdir(parents=True)
    (proc / "7" / "maps").write_bytes(page(1))
    assert len(backend.collect(7, "maps", str(proc))) == 1


# total_rss_kb, why, the Rss of two regions
SUMS = [
    (MAX, "as large as 64 bits", (MAX, 0)),
    (100, "over 64 bits is no sum: statm", (MAX, 1)),
    (100, "twice the largest", (MAX, MAX)),
]


@cases(SUMS, why=1)
def test_sum_over_64_bits_is_never_a_wrong_number(backend, tree, case):
    expected, _, amounts = case
    text = b"".join(
        record(i * 4096, (i + 1) * 4096, b"Rss: %d kB" % kb)
        for i, kb in enumerate(amounts)
    )
    tree.add(7, smaps=text)
    snap = backend.collect(7, "smaps", str(tree))
    assert snap.total_rss_kb == expected
    assert orjson.loads(snap.to_json())["total_rss_kb"] == expected


# total_rss_kb, why, statm
STATMS = [
    (4, "the second number", b"7 1 0 0 0 0 0\n"),
    (4, "no newline", b"7 1"),
    (None, "over 64 bits", b"7 18446744073709551616 0 0\n"),
    (None, "over 64 bits in kB", b"7 18446744073709551615 0 0\n"),
    (None, "negative", b"7 -1 0\n"),
    (None, "a fraction", b"7 x 0\n"),
]


@cases(STATMS, why=1)
def test_statm_is_read_as_pages(backend, tree, case):
    expected, _, statm = case
    tree.add(7, maps=page(1), statm=statm)
    assert backend.collect(7, "maps", str(tree)).total_rss_kb == expected


@pytest.mark.parametrize(
    ("name", "comm"),
    [
        ("a\nb", b"a\nb\n"),
        ("kworker/R-" + "x" * 53, b"kworker/R-" + b"x" * 53 + b"\n"),
        ("", b"\n"),
        ("", b""),
        ("no newline", b"no newline"),
        ("(sd-pam) ", b"(sd-pam) \n"),
        ("\udcff\udcfe", b"\xff\xfe\n"),
        ("é", "é\n".encode()),
    ],
)
def test_name_of_a_process_is_its_comm(backend, tree, name, comm):
    tree.add(7, maps=page(1), comm=comm)
    system = backend.collect_all("maps", skip_kernel=False, jobs=1, proc=str(tree))
    assert system.processes[0].name == name
    shown = comm.removesuffix(b"\n").decode("utf-8", "replace")
    assert orjson.loads(system.to_json())["processes"][0]["name"] == shown


def test_any_thread_may_read_a_snapshot(backend, tree):
    text = b"".join(
        record(i * 4096, (i + 1) * 4096, b"Rss: %d kB" % i, name=b"/%d" % (i % 7))
        for i in range(300)
    )
    tree.add(7, smaps=text)
    snap = backend.collect(7, "smaps", str(tree))
    with ThreadPoolExecutor(8) as pool:
        found = list(
            pool.map(lambda _: (rows(snap), snap.to_json(full=True)), range(16))
        )
    assert all(each == found[0] for each in found)


def test_threads_read_different_processes_at_once(backend, tree):
    for pid in range(1, 17):
        tree.add(pid, maps=b"".join(map(page, range(pid * 20))))
    with ThreadPoolExecutor(8) as pool:
        read = pool.map(
            lambda pid: backend.collect(pid, "maps", str(tree)), range(1, 17)
        )
        assert [len(snap) for snap in read] == [pid * 20 for pid in range(1, 17)]


ERRORS = [
    FormatError("permissions", 3, 7),
    ProcessError("process 7: maps: no", 7),
    ProcessGone("process 7: no such process", 7),
    AccessDenied("process 7: maps: permission denied", 7),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_error_travels_between_processes(error):
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), vars(copy)) == (type(error), str(error), vars(error))


def test_errors_of_the_system_carry_its_number():
    assert [ERRORS[2].errno, ERRORS[3].errno] == [3, 13]


@pytest.mark.parametrize("count", [0, 1, 63, 64, 65, 500])
def test_unknown_fields_are_kept_up_to_a_limit(backends, count):
    lines = [b"Unknown%d: %d" % (i, i) for i in range(count)]
    tables = [
        b.parse_text(record(0, 4096, *lines), "smaps", strict=True) for b in backends
    ]
    assert rows(tables[0]) == rows(tables[1])
    assert [tables[0].columns[f"unknown{i}"][0] for i in range(min(count, 64))] == [
        *range(min(count, 64))
    ]


def test_many_regions_are_read(backend):
    text = b"".join(
        header(i * 8192, i * 8192 + 4096, name=b"/file %d" % (i % 1000))
        for i in range(20_000)
    )
    table = backend.parse_text(text, "maps", strict=True)
    assert len(table) == 20_000
    assert table[-1].pathname == "/file 999"
    assert sum(table.columns["size_kb"]) == 80_000
