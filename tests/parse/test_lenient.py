"""Text read without being strict: what is kept, and what is noted."""

from support.cases import cases
from support.tables import notes, rows, starts
from support.text import header, page, record
from support.words import CRLF, CUT, EARLY, passed_over, torn

R4 = b"Rss: 4 kB"

# starts of the regions kept, notes, why, text: not strict
LENIENT = [
    (
        [4096],
        [passed_over(1, "start address", 1, 1)],
        "a bad line first",
        b"zzz\n" + page(1),
    ),
    ([4096], [passed_over(2, "start address", 1, 1)], "two", b"zzz\nyyy\n" + page(1)),
    ([4096], [passed_over(1, CUT, 2, 5)], "cut short", page(1) + b"2000"),
    ([], [passed_over(1, "start address", 1, 1)], "nothing but junk", b"\n"),
    (
        [4096, 12288],
        [passed_over(1, "start address", 2, 1)],
        "between",
        page(1) + b"\n" + page(3),
    ),
    (
        [4096],
        [passed_over(1, EARLY, 1, 1)],
        "counters first",
        R4 + b"\n" + R4 + b"\n" + page(1),
    ),
    (
        [4096],
        [passed_over(2, CRLF, 1, 41)],
        "CR LF",
        record(0x1000, 0x2000, R4).replace(b"\n", b"\r\n"),
    ),
    (
        [0x1000],
        [torn(1)],
        "the same start twice",
        header(0x1000, 0x2000) + header(0x1000, 0x3000),
    ),
    (
        [0x1000, 0x3000],
        [torn(1)],
        "backwards",
        header(0x3000, 0x4000) + header(0x1000, 0x2000),
    ),
    (
        [0x1000, 0x2000],
        [
            torn(2),
            passed_over(1, "start address", 2, 1),
        ],
        "torn and bad: torn first",
        header(0x1000, 0x3000)
        + b"\n"
        + header(0x4000, 0x5000)
        + header(0x2000, 0x6000),
    ),
]


@cases(LENIENT, why=2)
def test_what_can_be_kept_is_kept_when_not_strict(backend, case):
    expected, said, _, text = case
    table = backend.parse_text(text, "smaps", strict=False)
    assert (expected, said) == (starts(table), notes(table))


def test_counters_behind_a_bad_line_wait_for_the_next_header(backend):
    text = record(0x1000, 0x2000, R4, b"Pss: x", b"Swap: 8 kB") + record(
        0x2000, 0x3000, b"Swap: 12 kB"
    )
    table = backend.parse_text(text, "smaps", strict=False)
    assert list(table.columns["rss_kb"]) == [4, None]
    assert list(table.columns["swap_kb"]) == [None, 12]
    assert [note[:2] for note in notes(table)] == [("bad_line", 1)]


def test_cr_lf_is_taken_off_when_not_strict(backend):
    text = record(0x1000, 0x2000, R4, b"VmFlags: rd wr", name=b"/a")
    (row,) = rows(
        backend.parse_text(text.replace(b"\n", b"\r\n"), "smaps", strict=False)
    )
    assert (row["pathname"], row["rss_kb"], row["vm_flags"]) == ("/a", 4, ("rd", "wr"))
