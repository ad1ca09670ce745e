"""Columns of small tables are parts of one view, and the same as one by one."""

import os

import pytest
from support.readers import NATIVE

from memc.read import native_columns
from memc.read.native_columns import Strings, _columns, _columns_in_one

REGION = """\
7f{i:010x}000-7f{i:010x}fff r{w}-p 00000000 00:00 {i}   {name}
Size:                  4 kB
Rss:                   {i} kB
{more}VmFlags: rd{flag} mr
"""
FULL = "Pss:                   1 kB\nSwap:                  0 kB\n"


def smaps(count, more=lambda _: FULL):
    """Return the text of regions, of which `more` gives other lines."""
    return "".join(
        REGION.format(
            i=i,
            w="-w"[i % 2],
            name="/a\xff"[: i % 4],
            more=more(i),
            flag=" wr" * (i % 2),
        )
        for i in range(1, count + 1)
    ).encode("latin-1")


SMALL = {
    "one region, and columns that are all 0": smaps(1),
    "as many as a block begins with": smaps(64),
    "one more": smaps(65),
    "the most": smaps(1024),
    "values that are missing": smaps(30, lambda i: FULL if i % 3 else ""),
    "values that are missing, in one more than a block": smaps(
        65, lambda i: FULL if i % 3 else ""
    ),
}
OTHERS = {
    "no region": b"",
    "more than is trimmed": smaps(1025),
    "a key that memc does not know": smaps(3, lambda _: f"{FULL}New: 7 kB\n"),
}


def parse(text):
    return NATIVE.parse_text(text, "smaps", strict=True)


def told(columns):
    return {
        name: (
            column.name,
            column.values.format,
            column.values.tolist(),
            column.values.readonly,
            column.valid and bytes(column.valid),
            list(column),
        )
        for name, column in columns.items()
    }


def both(table):
    """Return the columns in one view, None if there is none, and one by one."""
    handle, rows = table._handle, len(table)
    made = Strings(handle)
    return tuple(
        make(handle, rows, lambda: made) for make in (_columns_in_one, _columns)
    )


@pytest.mark.parametrize("text", SMALL.values(), ids=SMALL)
def test_columns_in_one_view_are_those_by_themselves(text):
    in_one, each = both(parse(text))
    assert in_one is not None
    assert told(in_one) == told(each)
    assert [*in_one] == [*each]


@pytest.mark.parametrize("text", OTHERS.values(), ids=OTHERS)
def test_other_tables_have_their_columns_one_by_one(text):
    assert both(parse(text))[0] is None


def test_columns_of_a_process_are_the_same_both_ways():
    for detail in ("maps", "smaps", "rss", "uss"):
        in_one, each = both(NATIVE.collect(os.getpid(), detail))
        assert in_one is None or told(in_one) == told(each)


def test_a_snapshot_that_shares_its_columns_has_them_one_by_one():
    first, second = (NATIVE.collect(os.getpid(), "maps") for _ in range(2))
    NATIVE.share_columns(first, None)
    NATIVE.share_columns(second, first)
    assert both(second)[0] is None
    assert list(second.columns["start"]) == [r.start for r in second]


def test_a_column_in_one_view_outlives_its_table():
    column = parse(smaps(5)).columns["rss_kb"]
    assert list(column) == [1, 2, 3, 4, 5]


def test_amounts_need_no_strings(monkeypatch):
    """The pool of strings is half of what it costs to wrap the columns of a process."""
    snap = NATIVE.collect(os.getpid(), "rss")
    monkeypatch.setattr(native_columns, "Strings", None)
    assert sum(snap.columns["rss_kb"].values) > 0
    with pytest.raises(TypeError):
        _ = snap.columns["pathname"]
