"""Columns, regions and tables: what Python shows of packed memory."""

import pytest
from support.cases import cases
from support.text import header, page, record

from memc.table.columns import Column
from memc.table.fields import CORE, FIELDS, TYPES
from memc.table.region import Note, Region

TEXT = (
    record(0x1000, 0x3000, b"Rss: 8 kB", b"VmFlags: rd wr", perm="rw-p", name=b"[heap]")
    + record(0x3000, 0x4000, b"Pss: 0 kB", perm="r-xs", name=b"/a\xff b ")
    + record(0x5000, 0x6000, b"Rss: 0 kB", b"VmFlags:", b"NewThing: 7 kB", b"Name: n")
)

# column, the values shown, the raw format, the raw values (None: not told)
SHOWN = [
    ("start", [0x1000, 0x3000, 0x5000], "Q", [0x1000, 0x3000, 0x5000]),
    ("end", [0x3000, 0x4000, 0x6000], "Q", [0x3000, 0x4000, 0x6000]),
    ("perm", ["rw-p", "r-xs", "rw-p"], "B", [19, 13, 19]),
    ("offset", [0, 0, 0], "Q", [0, 0, 0]),
    ("dev_major", [0, 0, 0], "I", [0, 0, 0]),
    ("dev_minor", [0, 0, 0], "I", [0, 0, 0]),
    ("inode", [0, 0, 0], "Q", [0, 0, 0]),
    ("pathname", ["[heap]", "/a\udcff b ", ""], "I", None),
    ("type", ["heap", "code", "anonymous"], "B", [0, 2, 5]),
    ("size_kb", [8, 4, 4], "Q", [8, 4, 4]),
    ("rss_kb", [8, None, 0], "Q", None),
    ("pss_kb", [None, 0, None], "Q", None),
    ("vm_flags", [("rd", "wr"), None, ()], "I", None),
    ("new_thing_kb", [None, None, 7], "Q", None),
    ("name", [None, None, "n"], "I", None),
]


@pytest.fixture
def table(backend):
    return backend.parse_text(TEXT, "smaps", strict=True)


def test_columns_of_two_tables_with_as_many_names_are_told_apart(backend):
    """Names are kept for the next table that has the same."""
    for n, name in ((7, "new"), (8, "old"), (9, "new")):
        text = record(0, 4096, f"{name.capitalize()}: {n} kB".encode())
        columns = backend.parse_text(text, "smaps", strict=True).columns
        assert (*columns, *columns[f"{name}_kb"]) == (*CORE, f"{name}_kb", n)


def test_names_of_many_columns_are_read_to_the_last(backend):
    """They are longer than the room that is made for them at first."""
    keys = [f"Unknown{'x' * 30}{n}" for n in range(60)]
    lines = [f"{key}: {n} kB".encode() for n, key in enumerate(keys)]
    columns = backend.parse_text(record(0, 4096, *lines), "smaps", strict=True).columns
    last = [*columns][-1]
    assert (len(columns), last) == (len(CORE) + 60, f"{keys[-1].lower()}_kb")
    assert [*columns[last]] == [59]


def test_columns_come_in_the_order_of_the_kernel_and_unknown_ones_last(table):
    assert [name for name, *_ in SHOWN] == list(table.columns)


@cases(SHOWN, why=0)
def test_column_shows_its_values_and_their_raw_form(table, case):
    name, shown, form, raw = case
    column = table.columns[name]
    assert shown == list(column)
    assert shown == [column[row] for row in range(3)]
    assert shown == [column[row] for row in range(-3, 0)]
    assert (3, form) == (len(column), column.values.format)
    assert raw is None or raw == list(column.values)


@cases(SHOWN, why=0)
def test_region_has_each_column_as_an_attribute(table, case):
    name, shown, *_ = case
    assert shown == [getattr(region, name) for region in table]


@cases(SHOWN, why=0)
def test_valid_has_a_bit_a_row_and_is_absent_when_nothing_is_missing(table, case):
    name, shown, *_ = case
    valid = table.columns[name].valid
    if None not in shown:
        assert valid is None
    else:
        expected = [value is not None for value in shown]
        assert expected == [bool(valid[row >> 3] >> (row & 7) & 1) for row in range(3)]


@pytest.mark.parametrize("rows", [1, 7, 8, 9, 63, 64, 65, 200])
def test_validity_holds_across_the_bytes_of_the_bitmap(backend, rows):
    text = b"".join(
        record(i * 4096, i * 4096 + 4096, *([b"Rss: %d kB" % i] * (i % 3 == 0)))
        for i in range(rows)
    )
    expected = [i if i % 3 == 0 else None for i in range(rows)]
    table = backend.parse_text(text, "smaps", strict=True)
    assert expected == list(table.columns["rss_kb"])


@pytest.mark.parametrize("rows", [1, 7, 8, 9, 200])
def test_a_column_that_comes_late_is_missing_before(backend, rows):
    text = b"".join(page(i) for i in range(rows)) + record(2**40, 2**41, b"Late: 1 kB")
    table = backend.parse_text(text, "smaps", strict=True)
    assert [None] * rows + [1] == list(table.columns["late_kb"])


@pytest.mark.parametrize("name", [s[0] for s in SHOWN])
def test_views_are_read_only(table, name):
    column = table.columns[name]
    with pytest.raises(TypeError):
        column.values[0] = 0
    assert column.values.readonly
    assert column.valid is None or column.valid.readonly


def test_sum_of_a_column_works_where_none_is_missing(table):
    assert sum(table.columns["size_kb"]) == 16
    with pytest.raises(TypeError):
        sum(table.columns["rss_kb"])


@pytest.mark.parametrize("row", [3, -4, 2**40])
def test_row_out_of_range_is_an_index_error(table, row):
    for sequence in (table, table.columns["start"], table.columns["rss_kb"]):
        with pytest.raises(IndexError):
            sequence[row]


def test_table_is_a_sequence_of_regions(table):
    assert len(table) == 3
    assert all(isinstance(region, Region) for region in table)
    assert [region.start for region in table] == [0x1000, 0x3000, 0x5000]
    assert [region.start for region in table[:0:-1]] == [0x5000, 0x3000]
    assert table[-1].start == 0x5000
    assert [region.start for region in reversed(table)] == [0x5000, 0x3000, 0x1000]
    with pytest.raises(TypeError):
        table["0"]


def test_columns_are_a_mapping(table):
    assert len(SHOWN) == len(table.columns)
    assert "rss_kb" in table.columns
    assert "swap_kb" not in table.columns
    assert table.columns.get("swap_kb") is None
    with pytest.raises(KeyError):
        table.columns["swap_kb"]


def test_known_field_the_kernel_did_not_give_is_none(table):
    known = {name for _, name, _ in FIELDS}
    absent = known - set(table.columns)
    assert absent
    assert {None} == {getattr(table[0], name) for name in absent}


@pytest.mark.parametrize("name", ["rss", "no_such_kb", "Rss", "__len__"])
def test_what_is_no_field_at_all_is_an_attribute_error(table, name):
    with pytest.raises(AttributeError):
        getattr(table[0], name)


def test_attribute_of_a_region_cannot_be_set(table):
    with pytest.raises(AttributeError):
        table[0].rss_kb = 1


def test_maps_has_the_core_columns_and_no_more(backend):
    table = backend.parse_text(header(0, 4096), "maps", strict=True)
    assert list(CORE) == list(table.columns)


def test_empty_table_has_empty_core_columns(backend):
    table = backend.parse_text(b"", "maps", strict=True)
    assert {name: [] for name in CORE} == {n: list(c) for n, c in table.columns.items()}
    assert table[:] == []


def test_repr_of_a_region_says_where_and_what(table):
    assert repr(table[0]) == "<Region 1000-3000 rw-p heap [heap]>"


def test_notes_compare_by_their_parts():
    note = Note("torn", 2, "text")
    assert Note("torn", 2, "text") == note
    assert {note} == {Note("torn", 2, "text")}
    for other in (Note("cut", 2, "text"), Note("torn", 1, "text"), Note("torn", 2, "")):
        assert other != note
    assert note != ("torn", 2, "text")
    assert "torn" in repr(note)


def test_column_made_by_hand_decodes_what_is_valid():
    values = memoryview(bytes([0, 1, 2])).toreadonly()
    column = Column(values, memoryview(bytes([0b101])), TYPES.__getitem__)
    assert list(column) == ["heap", None, "code"]
    assert list(reversed(column)) == ["code", None, "heap"]
    assert column.count(None) == 1
    assert column.index("code") == 2
