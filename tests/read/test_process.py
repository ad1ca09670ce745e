"""What tells a process from others: its name, start, user, control group, arguments."""

import orjson
import pytest
from support import arrow
from support.cases import cases
from support.text import page, record
from support.trees import STATM

import memc
from memc.table import document

SMAPS = record(0x1000, 0x2000, b"Rss: 4 kB")
READ = {"skip_kernel": False, "jobs": 1}


def stat(started, comm=b"made-up"):
    """Give the text of a stat with its fields 1 to 24."""
    before = b"S 1 1 1 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0"
    return b"7 (%s) %s %s 4096 1\n" % (comm, before, started)


@cases(
    [
        (12345, stat(b"12345"), "field 22"),
        (12345, stat(b"12345", b"a) R 9 (b"), "brackets in the name"),
        (12345, stat(b"12345", b"two words"), "blanks in the name"),
        (12345, stat(b"12345", b") \n) "), "a newline in the name"),
        (12345, stat(b"12345", b"\xff\xfe"), "a name that is not UTF-8"),
        (0, stat(b"0"), "started with the machine: 0 is known"),
        (2**64 - 1, stat(b"18446744073709551615"), "the largest number"),
        (None, stat(b"18446744073709551616"), "more than 64 bits"),
        (None, stat(b"-1"), "less than nothing"),
        (None, stat(b"x"), "no number"),
        (None, b"7 (cut) S 1 1", "a stat that is cut short"),
        (None, b"7 cut", "no brackets"),
        (None, b"", "empty"),
        (None, None, "no stat"),
    ],
    why=2,
)
def test_start_time_is_what_stat_says(case, backend, tree):
    expected, text, _ = case
    tree.add(7, maps=page(1), smaps=SMAPS, statm=STATM, stat=text)
    (process,) = backend.collect_all("maps", proc=str(tree), **READ).processes
    assert process.started == expected
    assert process.snapshot.started == expected
    assert backend.collect(7, "smaps", str(tree)).started == expected


@cases(
    [
        ("python3 -m http.server", b"python3\0-m\0http.server\0", "three arguments"),
        ("nginx: worker process", b"nginx: worker process\0\0\0", "a rewritten title"),
        ("sh -c  ", b"sh\0-c\0 \0", "an argument that is a blank ends it"),
        ("a  b", b"a\0\0b\0", "an empty argument"),
        ("no end", b"no\0end", "no NUL at the end"),
        ("\udcff\n\x1b", b"\xff\n\x1b\0", "bytes of any kind"),
        ("x" * 300_000, b"x" * 300_000 + b"\0", "longer than any buffer"),
        ("", b"", "a kernel thread"),
        (None, None, "no such file"),
    ],
    why=2,
)
def test_command_line_has_a_blank_between_arguments(case, backend, tree):
    expected, text, _ = case
    tree.add(7, maps=page(1), cmdline=text)
    system = backend.collect_all("maps", proc=str(tree), cmdlines=True, **READ)
    assert system.processes[0].cmdline == expected


def test_group_is_what_the_file_has_whatever_that_is(backend, tree):
    tree.add(7, maps=page(1), cgroup=b"0::/a\0b\n")
    (process,) = backend.collect_all(
        "maps", proc=str(tree), cgroups=True, **READ
    ).processes
    assert process.cgroup == "/a\0b"


@cases(
    [
        (4294967295, b"4294967295", "the largest"),
        (None, b"4294967296", "larger"),
        (None, b"9" * 5000, "much larger"),
        (None, b"-1", "less than nothing"),
        (None, b"x", "no number"),
    ],
    why=2,
)
def test_user_is_a_number_of_32_bits(case, backend, tree):
    expected, uid, _ = case
    tree.add(7, maps=page(1), status=b"Uid:\t0\t%s\t0\t0\n" % uid)
    (process,) = backend.collect_all("maps", proc=str(tree), **READ).processes
    assert process.uid == expected


def test_group_and_command_line_are_read_only_when_asked_for(backend, tree):
    tree.add(7, maps=page(1), cmdline=b"a\0", cgroup=b"0::/x\n")
    for asked in ({}, {"cgroups": True}, {"cmdlines": True}):
        system = backend.collect_all("maps", proc=str(tree), **READ, **asked)
        (process,) = system.processes
        assert (process.cgroup, process.cmdline) == (
            "/x" if "cgroups" in asked else None,
            "a" if "cmdlines" in asked else None,
        )
        missing = {"cgroups": "cgroup", "cmdlines": "cmdline"}
        assert system.unread == tuple(
            name for word, name in missing.items() if word not in asked
        )


@pytest.fixture
def crowd(tree):
    more = {"stat": stat(b"55"), "cgroup": b"0::/a\xff\n", "cmdline": b"a\0\xff\0"}
    tree.add(7, maps=page(1), smaps=SMAPS, status=b"Uid:\t1\t1001\n", **more)
    tree.add(8, maps=page(1), smaps=SMAPS, comm=b"\xff\n")
    return tree


def read_all(backend, tree):
    whole = {"cgroups": True, "cmdlines": True, **READ}
    return backend.collect_all("smaps", proc=str(tree), **whole)


def test_documents_of_all_tell_who_between_name_and_snapshot(backend, crowd):
    system = read_all(backend, crowd)
    plain, full = (orjson.loads(system.to_json(full=full)) for full in (False, True))
    who = ["pid", "name", "uid", "started"]
    assert list(plain["processes"][0]) == [*who, "snapshot"]
    assert list(full["processes"][0]) == [*who, "cgroup", "cmdline", "snapshot"]
    first, second = (
        [process[name] for name in (*who, "cgroup", "cmdline")]
        for process in full["processes"]
    )
    assert first == [7, "made-up", 1001, 55, "/a\N{REPLACEMENT CHARACTER}", "a \ufffd"]
    assert second == [8, "\ufffd", None, None, None, None]


def test_full_document_of_one_tells_name_and_start_after_the_pid(backend, crowd):
    for pid, name, started in ((7, "made-up", 55), (8, "\ufffd", None)):
        snap = backend.collect(pid, "maps", str(crowd))
        full = orjson.loads(snap.to_json(full=True))
        assert list(full)[:4] == ["pid", "name", "started", "timestamp_ms"]
        assert (full["name"], full["started"]) == (name, started)
        assert list(orjson.loads(snap.to_json()))[:2] == ["pid", "timestamp_ms"]


def test_document_of_all_holds_the_very_document_of_one(backend, crowd):
    system = read_all(backend, crowd)
    for full in (False, True):
        whole = orjson.loads(system.to_json(full=full))
        for process, shown in zip(system.processes, whole["processes"], strict=True):
            assert shown["snapshot"] == document.of_snapshot(
                process.snapshot, full=full
            )


def test_both_backends_and_python_write_the_same_bytes(backends, crowd):
    for full in (False, True):
        shown = []
        for backend in backends:
            system = read_all(backend, crowd)
            made = document.dumps(document.of_system(system, full=full))
            assert made == system.to_json(full=full)
            whole = orjson.loads(made)
            for keys in (whole, *(p["snapshot"] for p in whole["processes"])):
                for name in ("timestamp_ms", "cost_ns", "bytes_read"):
                    keys.pop(name, None)
            shown.append(whole)
        assert shown[0] == shown[1]


@pytest.mark.parametrize("full", [False, True])
def test_load_reads_back_who_it_was(backend, crowd, tmp_path, full):
    system = read_all(backend, crowd)
    (tmp_path / "file").write_bytes(system.to_json(full=full))
    again = memc.load(tmp_path / "file")
    first = again.processes[0]
    assert (first.uid, first.started) == (1001, 55)
    expected = ("/a\ufffd", "a \ufffd") if full else (None, None)
    assert (first.cgroup, first.cmdline) == expected
    assert again.unread == (() if full else ("cgroup", "cmdline"))
    assert (first.snapshot.name, first.snapshot.started) == ("made-up", 55)


def test_load_of_a_copied_tree_reads_who_it_was(crowd):
    loaded = memc.load(str(crowd))
    first = loaded.processes[0]
    assert (first.uid, first.started, first.cmdline) == (1001, 55, "a \udcff")
    assert (loaded.unread, first.snapshot.started) == ((), 55)


FRONT = ["pid", "name", "uid", "cgroup", "started", "cmdline"]


def test_arrow_has_who_in_front_and_says_what_was_not_read(backend, crowd):
    fields, batches = arrow.read(read_all(backend, crowd))
    assert [name for name, _, _ in fields[:6]] == FRONT
    first, second = ([batch[name] for name in FRONT] for batch in batches)
    assert first == [[7], ["made-up"], [1001], ["/a\ufffd"], [55], ["a \ufffd"]]
    assert second == [[8], ["\ufffd"], [None], [None], [None], [None]]


def test_arrow_says_which_columns_nobody_asked_for(backend, crowd):
    system = backend.collect_all("maps", proc=str(crowd), **READ)
    assert arrow.notes(system) == {
        "cgroup": "not read: snapshot_all(cgroups=True) reads it",
        "cmdline": "not read: snapshot_all(cmdlines=True) reads it",
    }
    assert arrow.notes(read_all(backend, crowd)) == {}
