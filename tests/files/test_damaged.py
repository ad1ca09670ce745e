"""Damage in a document of memc hides nothing but what is damaged, and is told."""

import re

import pytest
from hypothesis import given, settings, strategies as st
from support.cases import cases
from support.commands import COMMANDS
from support.text import page, record
from support.trees import Tree

import memc
from memc.errors import FormatError
from memc.table.snapshot import Snapshot, SystemSnapshot

MEMC = COMMANDS["python"]
STATUS = b"Name:\ta\nVmSize:\t24 kB\nVmRSS:\t12 kB\n"
MAPS = b"".join(page(n) for n in (1, 3, 5))
SMAPS = b"".join(
    record(n << 12, (n + 1) << 12, b"Rss: 4 kB", b"Pss: 2 kB") for n in (1, 3, 5)
)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Give a tree of four processes with three regions each."""
    tree = Tree(tmp_path_factory.mktemp("world") / "proc")
    for pid in (5, 6, 7, 8):
        tree.add(pid, maps=MAPS, smaps=SMAPS, status=STATUS, comm=b"a {[,\n")
    return tree


@pytest.fixture
def take(world):
    return lambda *args: MEMC(*args, "--proc", world).out


def loaded(path, data, **options):
    path.write_bytes(data)
    return memc.load(path, **options)


def regions(found):
    """Count the regions of each process, or of the only one."""
    if isinstance(found, Snapshot):
        return {found.pid: len(found)}
    return {process.pid: len(process.snapshot) for process in found.processes}


def lost(found):
    """Return what the notes count: of the document, and of its processes."""
    snaps = [p.snapshot for p in getattr(found, "processes", ())]
    notes = [note for one in (found, *snaps) for note in one.notes]
    return sum(note.count for note in notes if note.code == "bad_line")


def nth(pattern, n, new):
    """Return a function that changes the n-th match in a text."""

    def change(data):
        match = list(re.finditer(pattern, data))[n]
        return data[: match.start()] + new + data[match.end() :]

    return change


WHOLE = dict.fromkeys((5, 6, 7, 8), 3)
# why, change, regions of each process that are left
SYSTEMS = [
    ("a number", nth(rb'"size_kb": ?4', 4, b'"size_kb": 4x'), WHOLE | {6: 2}),
    ("a value that is none of ours", nth(rb'"perm": ?"[^"]*"', 4, b'"perm": 7'),
     WHOLE | {6: 2}),
    ("an address", nth(rb"0x[0-9a-f]+", 8, b"0y1000"), WHOLE | {6: 2}),
    ("the start of a region", nth(rb'"start"', 4, b'"st\xffrt'), WHOLE | {6: 2}),
    ("bytes that are not UTF-8", nth(rb'"type": ?"', 4, b'"type": "\xff'),
     WHOLE | {6: 2}),
    ("NUL", nth(rb'"end": ?"0x', 11, b"\0" * 9), WHOLE | {8: 2}),
    ("a key of a snapshot", nth(rb'"total_rss_kb": ?', 1, b'"total_rss_kb": x'), WHOLE),
    ("a user", nth(rb'"uid": ?', 1, b'"uid": -'), WHOLE),
    ("a number of regions", nth(rb'"region_count": ?3', 1, b'"region_count": 7'),
     WHOLE),
    ("a pid", nth(rb'\{\s*"pid": ?6', 0, b'{"pid": "six"'),
     {k: v for k, v in WHOLE.items() if k != 6}),
    ("the number of processes", nth(rb'"process_count": ?4', 0, b'"process_count": 9'),
     WHOLE),
    ("the time", nth(rb'"timestamp_ms": ?', 0, b'"timestamp_ms": ?'), WHOLE),
    ("two regions of one process",
     lambda data: nth(rb"0x5000", 1, b"1")(nth(rb"0x1000", 1, b"1")(data)),
     WHOLE | {6: 1}),
    ("regions of two processes",
     lambda data: nth(rb"0x5000", 3, b"1")(nth(rb"0x1000", 1, b"1")(data)),
     WHOLE | {6: 2, 8: 2}),
    ("the end is cut off", lambda d: d[: d.rindex(b'"perm"')], WHOLE | {8: 2}),
    ("the last process is cut", lambda d: d[: d.rindex(b'"name"') + 3],
     {k: v for k, v in WHOLE.items() if k != 8}),
]  # fmt: skip
FORMS = [[], ["--compact"], ["--full"], ["--full", "--compact"]]


@cases(SYSTEMS, why=0)
@pytest.mark.parametrize("form", FORMS, ids=" ".join)
def test_damage_in_a_document_of_all_hides_nothing_else(tmp_path, take, case, form):
    _, change, expected = case
    whole = take("--all", *form)
    data = change(whole)
    assert data != whole
    found = loaded(tmp_path / "file", data)
    assert isinstance(found, SystemSnapshot)
    left = {pid: n for pid, n in regions(found).items() if pid in expected}
    assert left == expected
    assert lost(found) > 0
    with pytest.raises(FormatError):
        memc.load(tmp_path / "file", strict=True)


# why, change, regions that are left
ONES = [
    ("a number", nth(rb'"size_kb": ?4', 1, b'"size_kb": 4x'), 2),
    ("an order", nth(rb'"0x3000"', 0, b'"0xff3000"'), 2),
    ("a key of the process", nth(rb'"total_rss_kb": ?', 0, b'"total_rss_kb": x'), 3),
    ("its pid", nth(rb'"pid": ?5', 0, b'"pid": "5"'), 3),
    ("the end is cut off", lambda data: data[:-3], 3),
    ("it is cut in a region", lambda data: data[: data.rindex(b'"perm"')], 2),
]


@cases(ONES, why=0)
@pytest.mark.parametrize("form", FORMS, ids=" ".join)
def test_damage_in_a_document_of_one_hides_nothing_else(tmp_path, take, case, form):
    _, change, expected = case
    found = loaded(tmp_path / "file", change(take(5, "--smaps", *form)))
    assert len(found) == expected
    (note,) = found.notes
    assert (note.code, note.count) == ("bad_line", 1)
    assert "1 line passed over, the first: expected " in note.text
    with pytest.raises(FormatError):
        memc.load(tmp_path / "file", strict=True)


# why, how the second of three documents is damaged, how many are left
STREAMS = [
    ("no JSON", lambda _: b"garbage\n", 2),
    ("a line is cut", lambda one: one[:9] + b"\n", 2),
    ("NUL", lambda _: b"\0" * 99 + b"\n", 2),
    ("other JSON", lambda _: b'{"a": 1}\n', 2),
    ("a region", nth(rb'"size_kb": ?4', 0, b'"size_kb": 4x'), 2),
]


@cases(STREAMS, why=0)
@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize(
    "form", [[5], ["--all"], [5, "--compact"], ["--all", "--compact"]], ids=str
)
def test_damaged_document_hides_no_other(tmp_path, take, case, place, form):
    _, change, left = case
    three = [take(*form) for _ in range(3)]
    three[place] = change(three[place])
    found = loaded(tmp_path / "file", b"".join(three))
    assert len(found) == left
    assert lost(found[-1]) == 1
    with pytest.raises(FormatError):
        memc.load(tmp_path / "file", strict=True)


def test_stream_that_was_cut_while_it_was_written_is_read(tmp_path, take):
    """Its last document has no end, and what is whole of it is read."""
    whole = take(5, "--compact")
    found = loaded(tmp_path / "file", whole * 2 + whole[:20])
    assert [len(one) for one in found] == [3, 3]
    assert lost(found[-1]) == 1


# Why, arguments, status, is the damage told?
COMMANDS_ON = [
    ("show", ["show"], [0]),
    ("show by process", ["show", "--by", "process"], [0]),
    ("diff", ["diff"], [0]),
    ("check is not passed", ["check", "--max-rss", "1G"], [2]),
    ("check of growth is not passed", ["check", "--max-growth", "1G/h"], [2]),
    ("check finds what is over", ["check", "--max-rss", "1K"], [1, 2]),
    ("strict", ["show", "--strict"], [1]),
    ("strict", ["check", "--strict", "--max-rss", "1G"], [2]),
]
DETAILS = [["--totals"], ["--smaps"], ["--all"], ["--all", "--totals"]]


@cases(COMMANDS_ON, why=0)
@pytest.mark.parametrize("how", DETAILS, ids=" ".join)
def test_commands_tell_of_a_damaged_stream(tmp_path, world, case, how):
    _, (command, *options), status = case
    who = [] if "--all" in how else [5]
    times = ["--count", 3, "--interval", 5, "--compact", "--proc", world]
    first, second, third = MEMC(*who, *how, *times).out.splitlines(keepends=True)
    path = tmp_path / "file"
    path.write_bytes(first + second[:40] + b"\n" + third)
    result = MEMC(command, path, *options)
    assert result.status in status
    said = result.err.decode()
    assert "passed over" in said or ("expected JSON" in said and "--strict" in options)
    assert result.out or status != [0]


def test_what_is_not_damaged_has_no_note(tmp_path, take):
    for who in ([5], ["--all"]):
        assert lost(loaded(tmp_path / "file", take(*who, "--smaps", "--full"))) == 0


@settings(max_examples=200)
@given(st.data())
def test_any_change_of_a_byte_is_an_error_or_told(tmp_path_factory, data):
    """No change may be read as more than there was; strict reading or a note tells it,
    or it is a document of memc with another value."""
    whole = documents_of(tmp_path_factory)
    at = data.draw(st.integers(0, len(whole) - 2))
    new = bytes([data.draw(st.integers(0, 255))])
    changed = whole[:at] + new + whole[at + 1 :]
    path = tmp_path_factory.mktemp("any") / "file"
    try:
        found = loaded(path, changed)
    except FormatError:
        return
    try:
        memc.load(path, strict=True)
    except FormatError:
        assert lost(found) > 0
        assert all(n <= 3 for n in regions(found).values())


MADE = []


def documents_of(factory):
    if not MADE:
        tree = Tree(factory.mktemp("made") / "proc")
        for pid in (5, 6):
            tree.add(pid, maps=MAPS, status=STATUS)
        MADE.append(MEMC("--all", "--proc", tree).out)
    return MADE[0]
