"""Bad text: where the error is, and what it says."""

import pytest
from support.cases import cases
from support.tables import starts
from support.text import header, page
from support.words import CRLF, CUT, EARLY, NO_NUL, WIDE, WIDE_DEVICE, expected

from memc.errors import FormatError, MemcError

H = b"1000-2000 rw-p 00000000 08:01 77 /x\n"
# column, what is expected there, why, the line
HEADERS = [
    (1, "start address", "an empty line", b""),
    (1, "start address", "something else", b"<html>"),
    (1, "start address", "a blank before", b" " + H[:-1]),
    (1, "start address", "CR alone", b"\r"),
    (1, "start address", "a minus", b"-1000-2000 rw-p 0 0:0 0"),
    (5, "start address", "no minus", b"1000 2000 rw-p 0 0:0 0"),
    (2, "start address", "hex prefix", b"0x1000-2000 rw-p 0 0:0 0"),
    (2, "start address", "a capital digit", b"1F-2000 rw-p 0 0:0 0"),
    (5, "start address", "the line ends", b"1000"),
    (6, "end address", "no end", b"1000-"),
    (6, "end address", "a blank for the end", b"1000- 2000 rw-p 0 0:0 0"),
    (7, "end address", "a capital digit", b"1000-2F00 rw-p 0 0:0 0"),
    (10, "end address", "no blank behind", b"1000-2000rw-p 0 0:0 0"),
    (10, "end address", "a TAB behind", b"1000-2000\trw-p 0 0:0 0"),
    (
        6,
        "an end address not below the start",
        "end below start",
        b"2000-1000 rw-p 0 0:0 0",
    ),
    (11, "permissions", "two blanks", b"1000-2000  rw-p 0 0:0 0"),
    (11, "permissions", "letters out of place", b"1000-2000 wr-p 0 0:0 0"),
    (12, "permissions", "x for w", b"1000-2000 rx-p 0 0:0 0"),
    (13, "permissions", "an unknown letter", b"1000-2000 rwzp 0 0:0 0"),
    (14, "permissions", "s out of place", b"1000-2000 rwxw 0 0:0 0"),
    (11, "permissions", "S out of place", b"1000-2000 Swxp 0 0:0 0"),
    (14, "permissions", "P is no letter", b"1000-2000 rwxP 0 0:0 0"),
    (14, "permissions", "three letters", b"1000-2000 rw- 0 0:0 0"),
    (14, "permissions", "the line ends", b"1000-2000 rw-"),
    (15, "permissions", "five letters", b"1000-2000 rw-ps 0 0:0 0"),
    (15, "permissions", "the line ends behind", b"1000-2000 rw-p"),
    (16, "offset", "two blanks", b"1000-2000 rw-p  0 0:0 0"),
    (16, "offset", "no digit", b"1000-2000 rw-p - 0:0 0"),
    (17, "offset", "not hexadecimal", b"1000-2000 rw-p 0g 0:0 0"),
    (17, "offset", "the line ends", b"1000-2000 rw-p 0"),
    (18, "device", "no major", b"1000-2000 rw-p 0 :0 0"),
    (19, "device", "no colon", b"1000-2000 rw-p 0 0-0 0"),
    (20, "device", "no minor", b"1000-2000 rw-p 0 0: 0"),
    (21, "device", "no inode behind", b"1000-2000 rw-p 0 0:0"),
    (22, "inode", "no digit", b"1000-2000 rw-p 0 0:0 "),
    (22, "inode", "a name in its place", b"1000-2000 rw-p 0 0:0 /x"),
    (23, "inode", "hexadecimal", b"1000-2000 rw-p 0 0:0 1f /x"),
    (23, "inode", "no blank behind", b"1000-2000 rw-p 0 0:0 7/x"),
    (1, WIDE, "17 digits", b"10000000000000000-20000000000000000 rw-p 0 0:0 0"),
    (6, WIDE, "17 digits", b"1000-10000000000000000 rw-p 0 0:0 0"),
    (16, WIDE, "17 digits", b"1000-2000 rw-p 10000000000000000 0:0 0"),
    (22, WIDE, "2^64", b"1000-2000 rw-p 0 0:0 18446744073709551616"),
    (18, WIDE_DEVICE, "9 digits", b"1000-2000 rw-p 0 100000000:0 0"),
    (20, WIDE_DEVICE, "9 digits", b"1000-2000 rw-p 0 0:100000000 0"),
    (16, NO_NUL, "NUL in a field", b"1000-2000 rw-p \0 0:0 0"),
    (25, NO_NUL, "NUL in a name", b"1000-2000 rw-p 0 0:0 0 /\0"),
    (4, NO_NUL, "NUL is told before the rest", b"zzz\0"),
]

# column, what is expected there, why, the line behind a good header
COUNTERS = [
    (5, "a number", "no number", b"Rss:"),
    (8, "a number", "only blanks", b"Rss:   "),
    (6, "a number", "a negative one", b"Rss: -4 kB"),
    (6, "a number", "hexadecimal", b"Rss: x4 kB"),
    (5, "a number", "a word", b"Pss:many kB"),
    (7, "a number", "Size is checked too", b"Size: x kB"),
    (13, "a number", "known without unit", b"THPeligible:"),
    (14, "a number", "known without unit", b"THPeligible: no"),
    (9, "kB", "the unit is missing", b"Rss:   4"),
    (10, "kB", "the unit is missing", b"Rss:   4 "),
    (8, "kB", "another unit", b"Rss: 4 KB"),
    (8, "kB", "another unit", b"Rss: 4 MB"),
    (7, "kB", "a fraction", b"Rss: 4.5 kB"),
    (7, "kB", "a capital hex digit", b"Rss: 4A kB"),
    (10, "kB", "a letter behind", b"Rss: 4 kBs"),
    (11, "kB", "a word behind", b"Rss: 4 kB x"),
    (15, "the end of the line", "junk behind", b"THPeligible: 1x"),
    (6, WIDE, "2^64", b"Rss: 18446744073709551616 kB"),
    (14, WIDE, "2^64", b"THPeligible: 18446744073709551616"),
    (6, WIDE, "2^64, unknown with kB", b"Foo: 18446744073709551616 kB"),
    (6, WIDE, "2^64, unknown", b"Foo: 18446744073709551616"),
    (4, NO_NUL, "NUL in a key", b"Rss\0: 4 kB"),
    (14, NO_NUL, "NUL in the flags", b"VmFlags: rd w\0"),
    (9, NO_NUL, "NUL in what is passed over", b"Whatever\0"),
    (1, "start address", "a small letter first", b"rss: 4 kB"),
    (1, "start address", "a blank first", b" Rss: 4 kB"),
]

# line, column, what is expected there, why, the whole text, which is not ended
CUTS = [
    (2, 2, "cut in the start", H + b"1"),
    (2, 5, "cut behind the start", H + b"1000"),
    (2, 6, "cut behind the minus", H + b"2000-"),
    (2, 10, "cut behind the end", H + b"2000-3000"),
    (2, 11, "cut before the letters", H + b"2000-3000 "),
    (2, 13, "cut in the letters", H + b"2000-3000 rw"),
    (2, 17, "cut in the offset", H + b"2000-3000 rw-p 0"),
    (2, 20, "cut in the device", H + b"2000-3000 rw-p 0 08"),
    (2, 22, "cut before the inode", H + b"2000-3000 rw-p 0 0:0 "),
    (2, 3, "cut in a key", H + b"Rs"),
    (2, 5, "cut before the number", H + b"Rss:"),
    (2, 9, "cut before the unit", H + b"Rss:   4"),
    (2, 10, "cut in a key that may be new", H + b"Private_C"),
]

TABLE = [
    *((1, *row[:3], row[3] + b"\n" + H) for row in HEADERS),
    *((2, *row[:3], H + row[3] + b"\n" + H) for row in COUNTERS),
    *((line, column, CUT, why, text) for line, column, why, text in CUTS),
    (1, 1, EARLY, "a counter first", b"Rss: 4 kB\n" + H),
    (1, 1, EARLY, "any word first", b"Whatever\n" + H),
    (1, 1, EARLY, "a bad counter first", b"Rss: x\n" + H),
    (1, 4, NO_NUL, "NUL is told first", b"Rss\0\n" + H),
    (1, 36, CRLF, "every line", H.replace(b"\n", b"\r\n") * 2),
    (1, 1, CRLF, "one line and no more", b"\r\n"),
]


@cases(TABLE, why=3)
def test_bad_line_is_refused_with_its_place(backend, case):
    line, column, what, _, text = case
    with pytest.raises(FormatError) as caught:
        backend.parse_text(text, "smaps", strict=True)
    assert expected(what, line, column) == str(caught.value)
    assert (line, column) == (caught.value.line, caught.value.column)


@cases(TABLE, why=3)
def test_bad_line_is_noted_with_the_same_words_when_not_strict(backend, case):
    line, column, what, _, text = case
    table = backend.parse_text(text, "smaps", strict=False)
    bad = next(note for note in table.notes if note.code == "bad_line")
    assert bad.text.endswith(expected(what, line, column))


def test_format_error_is_a_memc_error_and_a_value_error():
    assert issubclass(FormatError, MemcError)
    assert issubclass(FormatError, ValueError)


def test_counter_in_maps_text_is_refused(backend):
    with pytest.raises(FormatError) as caught:
        backend.parse_text(H + b"Rss: 4 kB\n", "maps", strict=True)
    what = "a region, not a counter: is this smaps text?"
    assert expected(what, 2, 1) == str(caught.value)


def test_a_line_that_lacks_only_its_newline_is_whole(backend):
    table = backend.parse_text(page(1) + page(2)[:-1], "maps", strict=True)
    assert starts(table) == [4096, 8192]


def test_one_name_that_ends_in_cr_is_a_name(backend):
    text = header(0, 1, name=b"/a\r") + page(1)
    table = backend.parse_text(text, "maps", strict=True)
    assert list(table.columns["pathname"]) == ["/a\r", ""]


def test_last_line_without_newline_makes_cr_a_part_of_the_names(backend):
    text = header(0, 1, name=b"/a\r") + page(1)[:-1] + b"\r"
    table = backend.parse_text(text, "maps", strict=True)
    assert list(table.columns["pathname"]) == ["/a\r", "\r"]
