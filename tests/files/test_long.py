"""A long document is read in pieces, and is what it is when it is read at once."""

import gc
import json
import tracemalloc

import pytest
from support.cases import cases
from support.tables import notes, rows

import memc
from memc.errors import FormatError
from memc.files import json_long
from memc.table.snapshot import SystemSnapshot

AT_ONCE = 1 << 30
ODD = "/odd \udcff".encode("utf-8", "surrogateescape").hex()


def region(number, **changes):
    """Give the region of that number; None drops a key."""
    found = {
        "start": hex(number << 13),
        "end": hex((number << 13) + 4096),
        "type": "mapped_file",
        "perm": "r--p",
        "size_kb": 4,
        "pathname": f"/lib/{number % 3}",
    }
    return {k: v for k, v in (found | changes).items() if v is not ...}


def regions(count=9, **changes):
    """Give regions; a change is what the region of a number has instead."""
    return [
        region(n, **{k: v[n] for k, v in changes.items() if n in v})
        for n in range(count)
    ]


def one(listed, **changes):
    whole = {"pid": 7, "timestamp_ms": 1, "total_rss_kb": 2, "total_vsize_kb": 36}
    whole |= {"region_count": len(listed), "regions": listed}
    return {k: v for k, v in (whole | changes).items() if v is not ...}


def system(*snapshots):
    listed = [
        {"pid": n, "name": '{"start":', "snapshot": snapshot | {"pid": n}}
        for n, snapshot in enumerate(snapshots, 1)
    ]
    skipped = [{"pid": 9, "name": "x", "reason": "gone"}]
    return {
        "timestamp_ms": 1,
        "process_count": len(listed),
        "processes": listed,
        "skipped_processes": skipped,
    }


EVERY = range(9)
SMAPS = {
    name: dict.fromkeys(EVERY, 4)
    for name in [
        "rss_kb",
        "pss_kb",
        "shared_clean_kb",
        "shared_dirty_kb",
        "private_clean_kb",
        "private_dirty_kb",
        "swap_kb",
    ]
}
FLAGS = {n: ["rd", "mr"][: n % 3] for n in EVERY}
# why, the document, is it read in pieces?
WHOLE = [
    ("a layout", one(regions()), True),
    ("smaps", one(regions(vm_flags=FLAGS, **SMAPS)), True),
    ("no names", one(regions(pathname=dict.fromkeys(EVERY, ...))), True),
    ("a name that is not UTF-8", one(regions(pathname_hex={4: ODD})), True),
    ("names that look like cuts",
     one(regions(pathname=dict.fromkeys(EVERY, ',{"start":1},{"regions"}'))), True),
    ("a key that comes late", one(regions(uss_kb={7: 4, 8: 6})), True),
    ("a key that comes late, and is missing at once", one(regions(new={6: 4})), True),
    ("a text that comes late", one(regions(new={5: "x", 6: None, 8: "y"})), True),
    ("numbers that are missing", one(regions(uss_kb={1: None, 2: 3, 7: None})), True),
    ("null in all of smaps", one(regions(
        vm_flags=FLAGS, ksm_kb=dict.fromkeys(EVERY), **SMAPS)), True),
    ("null in all of a layout", one(regions(ksm_kb=dict.fromkeys(EVERY))), True),
    ("null in all of an unknown key", one(regions(new=dict.fromkeys(EVERY))), True),
    ("no place in one piece and none in another",
     one(regions(offset=dict.fromkeys(EVERY))), True),
    ("the other order of keys", one([{k: r[k] for k in sorted(r, reverse=True)}
                                     for r in regions()]), False),
    ("large numbers", one(regions(inode=dict.fromkeys(EVERY, 2**64 - 1))), True),
    ("notes behind the regions",
     one(regions(), notes=[{"code": "torn", "count": 1, "text": "]}"}]), True),
    ("regions of another kind in front",
     {"other": regions(4)} | one(regions()), False),
    ("regions of another kind behind", one(regions()) | {"other": regions(4)}, False),
    ("all processes", system(one(regions()), one(regions(vm_flags=FLAGS, **SMAPS)),
                             one(regions(2)), one([]), one(regions())), True),
    ("a mark", one(regions()) | {"name": "\x000"}, True),
]  # fmt: skip
BAD = [
    ("a number", one(regions(size_kb={5: -1}))),
    ("a bool", one(regions(size_kb={5: True}))),
    ("too large", one(regions(dev_major=dict.fromkeys(EVERY, 2**32)))),
    ("an address", one(regions(start={6: "7000"}))),
    ("an order", one(regions(start={6: "0x1"}))),
    ("an order between two pieces", one(regions(end={6: "0x7fffff"}))),
    ("a number of regions", one(regions(), region_count=8)),
    ("a place that comes late", one(regions(offset={7: 1, 8: 1}))),
    ("a place that ends", one(regions(offset={0: 1, 1: 1}))),
    ("a text and a number", one(regions(new={1: "x", 6: 7}))),
    ("a flag", one(regions(vm_flags=FLAGS | {5: ["rd", 1]}))),
    ("flags in one text", one(regions(vm_flags=FLAGS | {5: "rd"}))),
    ("no region", one([*regions(6), 7, *regions(9)[7:]])),
    ("a mark", one([*regions(6), "\x000", *regions(9)[7:]])),
    ("a mark in front", one(["\x000", *regions(9)])),
    ("the first of two errors", one(regions(perm={6: "x"}, size_kb={4: "x"}))),
    ("no list", one(regions(), notes=7)),
    ("in a process", system(one(regions()), one(regions(perm={6: "x"})))),
    ("no process", system(one(regions())) | {"processes": [3]}),
]


def seen(found):
    if isinstance(found, SystemSnapshot):
        told = [(p.pid, p.name, seen(p.snapshot)) for p in found.processes]
        return told, found.skipped[0].pid, found.unread
    columns = {
        name: (c.values.format, c.values.tolist(), c.valid and c.valid.tolist())
        for name, c in found.columns.items()
    }
    told = found.pid, found.name, found.detail, found.total_vsize_kb
    return told, columns, rows(found), notes(found)


def text_of(document, form):
    if form == "compact":
        return json.dumps(document, separators=(",", ":")).encode()
    return json.dumps(document, indent=2).replace("\n", form).encode()


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Give a function that loads with a length of pieces, or returns the error."""

    def run(data, length, **options):
        monkeypatch.setattr(json_long, "LENGTH", length)
        path = tmp_path / "file"
        path.write_bytes(data)
        try:
            return seen(memc.load(path, **options))
        except FormatError as error:
            return str(error)

    return run


@cases(WHOLE, why=0)
@pytest.mark.parametrize("form", ["compact", "\n", "\r\n"], ids=repr)
def test_pieces_are_the_same_as_the_whole(load, monkeypatch, case, form):
    _, document, in_pieces = case
    data = text_of(document, form)
    expected = load(data, AT_ONCE, strict=True)
    assert not isinstance(expected, str)
    for length in (1, 300, 600):
        assert load(data, length, strict=True) == expected
    monkeypatch.setattr(json_long, "LENGTH", 1)
    assert (json_long.read_long(data) is not None) == in_pieces


@cases(BAD, why=0)
@pytest.mark.parametrize("strict", [True, False])
def test_damage_is_told_as_in_the_whole(load, case, strict):
    data = text_of(case[1], "\n")
    expected = load(data, AT_ONCE, strict=strict)
    assert isinstance(expected, str) or not strict
    assert load(data, 1, strict=strict) == expected


def test_any_cut_end_is_told_as_in_the_whole(load):
    data = text_of(system(one(regions(4)), one(regions(4))), "compact")
    for end in range(len(data) // 2, len(data)):
        whole, pieces = (load(data[:end], n, strict=True) for n in (AT_ONCE, 1))
        assert whole == pieces


def peak(path):
    """Give the largest memory that Python had while it loaded a file."""
    tracemalloc.start()
    try:
        memc.load(path)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("wrap", [one, lambda listed: system(one(listed))])
def test_objects_of_all_regions_are_never_there_together(tmp_path, monkeypatch, wrap):
    path = tmp_path / "file"
    every = range(5_000)
    listed = regions(5_000, **{name: dict.fromkeys(every, 5) for name in SMAPS})
    path.write_bytes(text_of(wrap(listed), "compact"))
    in_pieces = peak(path)
    monkeypatch.setattr(json_long, "LENGTH", AT_ONCE)
    assert in_pieces < 0.6 * peak(path)


@pytest.mark.parametrize("is_on", [True, False])
def test_collector_of_cycles_is_as_it_was(load, is_on):
    was = gc.isenabled()
    try:
        (gc.enable if is_on else gc.disable)()
        load(text_of(one(regions()), "compact"), 1)
        load(b'{"pid": 1}', 1)
        assert gc.isenabled() == is_on
    finally:
        (gc.enable if was else gc.disable)()
