"""Text to regions: each rule of what is a good line, and the words for a bad one."""

import pytest
from support.cases import cases
from support.tables import notes, rows, starts
from support.text import header, page, record

from memc.errors import FormatError

H = header(0x1000, 0x2000)

# why, one header line (no newline), what must come out of it
GOOD = [
    ("equal start and end", b"1000-1000 rw-p 0 00:00 0", {"start": 4096, "size_kb": 0}),
    ("no blank after inode", b"1000-2000 rw-p 0 00:00 0", {"pathname": ""}),
    ("one blank after inode", b"1000-2000 rw-p 0 00:00 0 ", {"pathname": ""}),
    ("unpadded name", b"1000-2000 rw-p 0 00:00 7 /x", {"pathname": "/x", "inode": 7}),
    ("blanks in a name", b"0-1 r--p 0 0:0 0 /a  b c", {"pathname": "/a  b c"}),
    ("trailing blanks stay", b"0-1 r--p 0 0:0 0  /a  ", {"pathname": "/a  "}),
    ("TAB in a name", b"0-1 r--p 0 0:0 0 /a\tb", {"pathname": "/a\tb"}),
    ("\\012 is a newline", b"0-1 r--p 0 0:0 0 /a\\012b", {"pathname": "/a\nb"}),
    ("\\012 twice", b"0-1 r--p 0 0:0 0 /\\012\\012", {"pathname": "/\n\n"}),
    ("\\\\012 too", b"0-1 r--p 0 0:0 0 /\\\\012", {"pathname": "/\\\n"}),
    (
        "other escapes are text",
        b"0-1 r--p 0 0:0 0 /\\011\\01",
        {"pathname": "/\\011\\01"},
    ),
    ("not UTF-8", b"0-1 r--p 0 0:0 0 /\xff\xc3", {"pathname": "/\udcff\udcc3"}),
    ("UTF-8", "0-1 r--p 0 0:0 0 /é中".encode(), {"pathname": "/é中"}),
    ("deleted stays", b"0-1 r--p 0 0:0 0 /a (deleted)", {"pathname": "/a (deleted)"}),
    ("hex device", b"0-1 r--p 0 103:1f 0", {"dev_major": 0x103, "dev_minor": 0x1F}),
    ("widest device", b"0-1 r--p 0 ffffffff:0 0", {"dev_major": 2**32 - 1}),
    ("offset over 2^36", b"0-1 r--p 7fffffff000 0:0 0", {"offset": 0x7FFFFFFF000}),
    ("offset as printed", b"1000-2000 r--p 1f0 0:0 0", {"offset": 0x1F0}),
    ("offset 2^64-1", b"0-1 r--p ffffffffffffffff 0:0 0", {"offset": 2**64 - 1}),
    ("inode 2^64-1", b"0-1 r--p 0 0:0 18446744073709551615", {"inode": 2**64 - 1}),
    ("leading zeros", b"00-%s1 r--p 0 0:0 0" % (b"0" * 30), {"end": 1}),
    ("no permission", b"0-1 ---p 0 0:0 0", {"perm": "---p"}),
    ("neither s nor p", b"0-1 rwx- 0 0:0 0", {"perm": "rwx-"}),
    ("every permission", b"0-1 rwxs 0 0:0 0", {"perm": "rwxs"}),
    ("vsyscall", b"ffffffffff600000-ffffffffff601000 --xp 0 0:0 0", {"size_kb": 4}),
]


@cases(GOOD, why=0)
@pytest.mark.parametrize("end", [b"\n", b""], ids=["newline", "end of text"])
def test_good_header_is_read(backend, case, end):
    _, line, expected = case
    table = backend.parse_text(line + end, "maps", strict=True)
    (row,) = rows(table)
    assert expected == {key: row[key] for key in expected}
    assert table.notes == ()


# why, the counter lines of one smaps record, what must come out of them
COUNTERS = [
    ("a kB key", b"Rss:    12 kB", {"rss_kb": 12}),
    ("0 is not absent", b"Rss: 0 kB", {"rss_kb": 0}),
    ("no blanks before", b"Rss:12 kB", {"rss_kb": 12}),
    ("no blank before kB", b"Rss: 12kB", {"rss_kb": 12}),
    ("TABs", b"Rss:\t12\tkB", {"rss_kb": 12}),
    ("blanks behind kB", b"Rss: 12 kB \t ", {"rss_kb": 12}),
    ("2^64-1", b"Rss: 18446744073709551615 kB", {"rss_kb": 2**64 - 1}),
    ("the later of two wins", b"Rss: 1 kB\nPss: 7 kB\nRss: 2 kB", {"rss_kb": 2}),
    ("Size makes no column", b"Size: 999 kB", {"size_kb": 4}),
    ("no unit", b"THPeligible:    1", {"thp_eligible": 1}),
    ("two TABs, as in 5.3", b"THPeligible:\t\t0", {"thp_eligible": 0}),
    ("text behind a blank", b"ProtectionKey: 3 of 16", {"protection_key": 3}),
    ("flags", b"VmFlags: rd wr ", {"vm_flags": ("rd", "wr")}),
    (
        "unknown flags",
        b"VmFlags: wf dp ss ?? q1x",
        {"vm_flags": ("wf", "dp", "ss", "??", "q1x")},
    ),
    ("no flags", b"VmFlags:", {"vm_flags": ()}),
    ("no flags but a blank", b"VmFlags: ", {"vm_flags": ()}),
    ("Android name", b"Name:   [anon:a (b) c] ", {"name": "[anon:a (b) c] "}),
    ("name not UTF-8", b"Name: \xff", {"name": "\udcff"}),
    ("unknown with kB", b"FutureField: 12 kB", {"future_field_kb": 12}),
    ("unknown without kB", b"Future_Count:   7", {"future_count": 7}),
    ("unknown with digits", b"Order2Pages: 7", {"order2_pages": 7}),
    ("capitals in a row", b"KSMPages: 7 kB", {"ksmpages_kb": 7}),
    ("unknown text passes", b"FutureText: yes it is\nRss: 1 kB", {"rss_kb": 1}),
    ("unknown word passes", b"Some words\nRss: 1 kB", {"rss_kb": 1}),
    ("unknown and no value", b"Foo:\nRss: 1 kB", {"rss_kb": 1}),
    ("unknown negative passes", b"Foo: -4 kB\nRss: 1 kB", {"rss_kb": 1}),
    ("no unknown size_kb", b"Size_kb: 7", {"size_kb": 4}),
    ("no unknown start", b"Start: 7", {"start": 4096}),
    ("no unknown type", b"Type: 7", {"type": "anonymous"}),
]


@cases(COUNTERS, why=0)
@pytest.mark.parametrize("end", [b"\n", b""], ids=["newline", "end of text"])
def test_good_counter_is_read(backend, case, end):
    _, lines, expected = case
    table = backend.parse_text(H + lines + end, "smaps", strict=True)
    (row,) = rows(table)
    assert expected == {key: row[key] for key in expected}
    assert table.notes == ()


# why, a counter line whose key means nothing
NO_COLUMN = [
    ("text", b"FutureText: yes"),
    ("no colon", b"Words"),
    ("a negative number", b"Foo: -1"),
    ("a column of every region", b"Start: 7"),
    ("Android's name", b"NAME: 7"),
    ("the exact bytes of a path", b"PathnameHex: 7"),
    ("a column of a system's Arrow stream", b"RegionName: 7"),
]


@cases(NO_COLUMN, why=0)
def test_unknown_line_makes_no_column(backend, case):
    text = record(0x1000, 0x2000, case[1])
    expected = list(backend.parse_text(H, "smaps", strict=True).columns)
    assert expected == list(backend.parse_text(text, "smaps", strict=True).columns)


def test_absent_is_not_zero_in_any_record(backend):
    text = (
        record(0x1000, 0x2000, b"Rss: 8 kB")
        + record(0x2000, 0x3000, b"Pss: 0 kB")
        + record(0x3000, 0x4000)
    )
    table = backend.parse_text(text, "smaps", strict=True)
    assert list(table.columns["rss_kb"]) == [8, None, None]
    assert list(table.columns["pss_kb"]) == [None, 0, None]


def test_counters_in_any_order_make_columns_in_the_order_of_the_kernel(backend):
    text = record(
        0x1000,
        0x2000,
        b"Zed: 1",
        b"Swap: 1 kB",
        b"VmFlags: rd",
        b"Alpha: 1",
        b"Rss: 1 kB",
    )
    table = backend.parse_text(text, "smaps", strict=True)
    assert list(table.columns)[10:] == ["rss_kb", "swap_kb", "vm_flags", "zed", "alpha"]


@pytest.mark.parametrize("kind", ["maps", "smaps"])
def test_empty_text_is_no_region_and_no_note(backend, kind):
    table = backend.parse_text(b"", kind, strict=True)
    assert len(table) == 0
    assert table.notes == ()


@pytest.mark.parametrize("kind", ["text", "", None, "MAPS"])
def test_unknown_kind_is_refused(backend, kind):
    with pytest.raises((ValueError, TypeError)) as caught:
        backend.parse_text(b"", kind, strict=True)
    assert not isinstance(caught.value, FormatError)


@pytest.mark.parametrize("give", [bytes, bytearray, memoryview])
def test_text_may_be_any_bytes(backend, give):
    table = backend.parse_text(give(page(1) + page(2)), "maps", strict=True)
    assert starts(table) == [4096, 8192]
    assert notes(table) == []


def test_text_as_str_is_refused(backend):
    with pytest.raises(TypeError):
        backend.parse_text(page(1).decode(), "maps", strict=True)
