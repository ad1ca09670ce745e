"""Tables made of Python values: the columns, and the same Arrow as of a text."""

import subprocess
import sys

import pytest
from support import arrow
from support.cases import cases
from support.tables import rows
from support.text import header, record

from memc.table import build
from memc.table.fields import PERMS, TYPES
from memc.table.region import Note

SMAPS = (
    record(0x1000, 0x3000, b"Rss: 4 kB", b"New: 7 kB", name=b"[heap]")
    + record(0x3000, 0x4000, b"Rss: 0 kB", perm="r-xs", name=b"/a")
    + record(0x5000, 0x6000, b"Pss: 1 kB", name=b"/a")
)
NOTE = Note("late", 2, "two samples were left out")

# ---- Columns -------------------------------------------------------------------------

# what it shows, the numbers as they lie there, why, code, values
COLUMNS = [
    ([1, 2, 3], [1, 2, 3], "numbers", "Q", [1, 2, 3]),
    ([1, None, 3], [1, 0, 3], "one is missing", "Q", [1, None, 3]),
    ([None, None], [0, 0], "all are missing", "I", [None, None]),
    ([0, None], [0, 0], "0 is not missing", "B", [0, None]),
    ([], [], "no value at all", "Q", []),
    ([2**64 - 1, 0], [2**64 - 1, 0], "the largest of 64 bits", "Q", [2**64 - 1, 0]),
    ([2**32 - 1], [2**32 - 1], "the largest of 32 bits", "I", [2**32 - 1]),
    ([255], [255], "the largest of 8 bits", "B", [255]),
]


@cases(COLUMNS, why=2)
def test_column_has_its_values_and_none_for_what_is_missing(case):
    expected, stored, _, code, values = case
    column = build.column(code, values)
    assert list(column) == expected
    assert (list(column.values), column.values.format) == (stored, code)
    assert (column.valid is None) == (None not in values)


@cases(COLUMNS, why=2)
def test_column_cannot_be_written_to(case):
    column = build.column(case[3], case[4])
    assert column.values.readonly
    assert column.valid is None or column.valid.readonly


def test_missing_values_have_a_bit_each_the_lowest_first():
    values = [None if row in (0, 9) else row for row in range(10)]
    column = build.column("Q", values)
    assert bytes(column.valid) == bytes([0b11111110, 0b01])
    assert list(column) == values


@cases(
    [
        ("over 8 bits", "B", 256),
        ("over 32 bits", "I", 2**32),
        ("over 64 bits", "Q", 2**64),
        ("below 0", "Q", -1),
        ("below 0 in a byte", "B", -1),
    ],
    why=0,
)
def test_number_that_does_not_fit_is_an_overflow(case):
    _, code, value = case
    with pytest.raises(OverflowError):
        build.column(code, [value])
    with pytest.raises(OverflowError):
        build.column(code, [None, value])


def test_meanings_take_the_place_of_numbers():
    column = build.column("I", [1, 0, None, 1], ["", "/a"])
    assert list(column) == ["/a", "", None, "/a"]
    assert list(column.values) == [1, 0, 0, 1]
    assert list(build.column("B", [11], PERMS)) == [PERMS[11]]


@cases(
    [
        (["", "/a", "/b"], [0, 1, 0, 2, 1], "texts", ["", "/a", "", "/b", "/a"]),
        ([None, ("rd",)], [0, 1, 0], "anything with a hash", [None, ("rd",), None]),
        ([], [], "nothing", []),
    ],
    why=2,
)
def test_pool_has_each_value_once_in_the_order_of_first_use(case):
    different, numbers, _, values = case
    assert build.pool(iter(values)) == (different, numbers)


# ---- Tables --------------------------------------------------------------------------


def made():
    """Give the table of SMAPS, made of Python values alone."""
    names, places = build.pool(["[heap]", "/a", "/a"])
    perms = [PERMS.index(perm) for perm in ("rw-p", "r-xs", "rw-p")]
    types = [TYPES.index(kind) for kind in ("heap", "code", "mapped_file")]
    zeros = [0, 0, 0]
    return build.table(
        3,
        {
            "start": build.column("Q", [0x1000, 0x3000, 0x5000]),
            "end": build.column("Q", [0x3000, 0x4000, 0x6000]),
            "perm": build.column("B", perms, PERMS),
            "offset": build.column("Q", zeros),
            "dev_major": build.column("I", zeros),
            "dev_minor": build.column("I", zeros),
            "inode": build.column("Q", zeros),
            "pathname": build.column("I", places, names),
            "type": build.column("B", types, TYPES),
            "size_kb": build.column("Q", [8, 4, 4]),
            "rss_kb": build.column("Q", [4, 0, None]),
            "pss_kb": build.column("Q", [None, None, 1]),
            "new_kb": build.column("Q", [7, None, None]),
        },
        (NOTE,),
    )


def test_table_of_values_is_that_of_the_text(backend):
    table, expected = made(), backend.parse_text(SMAPS, "smaps", strict=True)
    assert (len(table), list(table.columns)) == (3, list(expected.columns))
    assert rows(table) == rows(expected)
    assert table.notes == (NOTE,)
    for name, column in expected.columns.items():
        assert list(table.columns[name]) == list(column), name


def test_its_arrow_stream_is_that_of_the_text(backend):
    table, expected = made(), backend.parse_text(SMAPS, "smaps", strict=True)
    assert arrow.read(table) == arrow.read(expected)
    assert arrow.schema(table) == arrow.schema(expected)


def test_regions_of_it_have_attributes_and_none_for_other_fields():
    heap, code, file = made()
    assert (heap.pathname, heap.rss_kb, heap.new_kb) == ("[heap]", 4, 7)
    assert heap.swap_kb is None
    assert (code.type, code.perm, code.pss_kb) == ("code", "r-xs", None)
    assert (file.rss_kb, file.pss_kb, file.vm_flags) == (None, 1, None)


def test_columns_may_be_added_to_a_table(backend):
    text = header(0x1000, 0x3000) + b"junk"
    table = backend.parse_text(text, "maps", strict=False)
    more = build.extend(table, {"rss_kb": [4], "uss_kb": [None]})
    assert list(more.columns) == [*table.columns, "rss_kb", "uss_kb"]
    assert (more[0].rss_kb, more[0].uss_kb) == (4, None)
    assert rows(more) == [rows(table)[0] | {"rss_kb": 4}]
    assert "rss_kb" not in table.columns
    assert more.notes == table.notes != ()


def test_table_of_nothing_has_no_row_and_no_column():
    table = build.table(0, {})
    assert (len(table), list(table.columns), table.notes) == (0, [], ())
    assert list(table) == []


def test_it_needs_no_json_no_file_and_no_backend():
    code = "import sys, memc.table.build; print(*sys.modules)"
    argv = [sys.executable, "-I", "-c", code]
    done = subprocess.run(argv, check=True, capture_output=True, text=True)
    rooms = ("memc.files", "memc.read", "memc.pure", "memc.ffi", "json", "orjson")
    assert [m for m in done.stdout.split() if m.startswith(rooms)] == []
