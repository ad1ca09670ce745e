"""Frames of a recording: what is decoded is what was encoded, to the last byte."""

import json
import mmap
import os
import sqlite3
import zlib

import pytest
from hypothesis import given, strategies as st

import memc
from memc.files.recording.frames import Frame, decode, encode, flatten, restore
from memc.files.recording.schema import SCHEMA
from memc.files.recording.strings import Strings
from memc.table.region import Note

WIDTHS = {"Q": 8, "I": 4, "B": 1}
VSYSCALL = "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]\n"
TEXTS = {
    "no region": "00400000-00401000 r-xp 00000000 08:01 5 /bin/a\n",
    "addresses above 2**63": VSYSCALL,
    "a name that is not UTF-8": "1000-2000 rw-p 0 08:01 7 /tmp/\udcff\udc80\n",
    "a name with blanks": "1000-2000 rw-s 00002000 fd:0a 7 /tmp/a b (deleted)\n",
    "a key that memc does not know": "1000-2000 rw-p 00000000 00:00 0 \n"
    "Rss:                   4 kB\nNewThing:              7 kB\nVmFlags: rd wr mr\n",
    "values that are missing": "1000-2000 rw-p 00000000 00:00 0 \n"
    "Rss:                   4 kB\n2000-3000 r--p 00000000 00:00 0 \n",
}


@pytest.fixture
def strings():
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.executescript(SCHEMA)
    strings = Strings(db)
    strings.begin(1)
    yield strings
    db.close()


def save(strings):
    add = "insert into _string values(?,?,?) on conflict do nothing"
    strings._db.executemany(add, strings.rows)
    strings.rows.clear()


def again(strings, snaps):
    """Encode each snapshot after the one before; return what comes back."""
    before = held = None
    for snap in snaps:
        frame, meta = flatten(snap, strings)
        alone, data = encode(before, frame)
        before = frame
        save(strings)
        held = decode(None if alone else held, meta, data)
        yield restore(held, meta, strings, snap.pid, snap.started)


def assert_same(found, snap):
    assert found.to_json(full=True) == snap.to_json(full=True)
    assert found.notes == snap.notes
    for name in memc.Snapshot.__slots__:
        assert getattr(found, name) == getattr(snap, name), name
    for name in snap.columns:
        assert [*found.columns[name]] == [*snap.columns[name]], name


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_each_kind_of_value_comes_back(strings, tmp_path, text):
    path = tmp_path / "smaps"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    snap = memc.load(path)
    for found in again(strings, [snap, snap]):
        assert_same(found, snap)


@pytest.mark.parametrize("detail", ["maps", "rss", "uss", "smaps", "totals", "rollup"])
def test_frames_of_a_process_that_changes_come_back(strings, detail):
    snaps, held = [], []
    for i in range(12):
        held.append(
            mmap.mmap(-1, 65536 * (i + 1), prot=mmap.PROT_READ | mmap.PROT_WRITE)
        )
        held[-1].write(b"x" * 4096 * (i + 1))
        if i % 3 == 2:
            held.pop(0).close()
        snaps.append(memc.snapshot(os.getpid(), detail=detail))
    for found, snap in zip(again(strings, snaps), snaps, strict=True):
        assert_same(found, snap)
        assert not len(snap) or memc.diff(found, snap).is_same


def test_notes_come_back(strings):
    snap = memc.snapshot(os.getpid(), detail="maps")
    noted = memc.Snapshot(snap, snap, (Note("torn", 3, "why \udcff"),))
    assert [found.notes for found in again(strings, [noted])] == [noted.notes]


def frames():
    """Make pairs of frames with the same columns."""

    def pair(shape):
        def fill(rows, draw):
            columns, bits = {}, (rows + 7) // 8
            for number, (meaning, has_missing) in enumerate([("Q", False), *shape]):
                size = rows * WIDTHS[meaning]
                stored = draw(st.binary(min_size=size, max_size=size))
                valid = draw(st.binary(min_size=bits, max_size=bits))
                name = f"c{number}" if number else "start"
                columns[name] = meaning, stored, valid if has_missing else None
            return Frame(rows, columns)

        return fill

    shapes = st.lists(st.tuples(st.sampled_from("QIB"), st.booleans()), max_size=4)
    return shapes.map(pair)


@given(frames(), st.integers(0, 9), st.integers(0, 9), st.data())
def test_any_two_frames_come_back(fill, first, second, data):
    one = fill(first, data.draw)
    two = fill(second, data.draw)
    cut = data.draw(st.integers(0, min(first, second)))
    for name, (meaning, stored, valid) in two.columns.items():  # a common head
        width = WIDTHS[meaning]
        head = one.columns[name][1][: cut * width]
        two.columns[name] = meaning, head + stored[cut * width :], valid
    meta = json.dumps({"columns": two.shape()})
    alone, encoded = encode(one, two)
    found = decode(None if alone else one, meta, encoded)
    assert (found.rows, found.columns) == (two.rows, two.columns)


@given(st.data())
def test_a_damaged_frame_is_an_error_and_nothing_else(data):
    rows = 5
    frame = Frame(
        rows, {"start": ("Q", bytes(range(40)), None), "x": ("B", b"12345", b"\5")}
    )
    meta = json.dumps({"columns": frame.shape()})
    _, encoded = encode(frame, frame)
    plain = bytearray(zlib.decompress(encoded))
    for _ in range(data.draw(st.integers(1, 3))):
        plain[data.draw(st.integers(0, len(plain) - 1))] = data.draw(
            st.integers(0, 255)
        )
    cut = bytes(plain[: data.draw(st.integers(0, len(plain)))])
    try:
        found = decode(frame, meta, zlib.compress(cut))
    except memc.MemcError:
        return
    assert all(len(c[1]) == found.rows * WIDTHS[c[0]] for c in found.columns.values())


@pytest.mark.parametrize(
    ("meta", "data"),
    [("{", b""), ("{}", zlib.compress(b"")), ('{"columns": 5}', b"x"), ("[]", b"\x78")],
)
def test_damaged_meta_is_an_error(meta, data):
    with pytest.raises(memc.MemcError, match="a frame of the recording is damaged"):
        decode(None, meta, data)


def test_a_frame_where_nothing_changed_is_small(strings):
    snap = memc.snapshot(os.getpid(), detail="smaps")
    frame, _ = flatten(snap, strings)
    alone, data = encode(frame, frame)
    assert not alone
    assert len(data) < 100
