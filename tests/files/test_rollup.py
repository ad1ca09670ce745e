"""The text of smaps_rollup: totals, and no region (field 8)."""

import gzip

import orjson
import pytest
from support.cases import cases
from support.commands import COMMANDS
from support.text import record

import memc

MEMC = COMMANDS["python"]
WORDS = "regions, not the totals of smaps_rollup"
HEADER = b"00400000-7ffd4ffcf000 ---p 00000000 00:00 0" + b" " * 30 + b"[rollup]\n"


def rollup(rss=552, pss=551, *, more=b"Swap: 12 kB\n"):
    counters = b"Rss:  %d kB\nPss:  %d kB\nPss_Anon: 3 kB\n" % (rss, pss)
    return HEADER + counters + b"Private_Clean: 4 kB\nPrivate_Dirty: 500 kB\n" + more


TWO = rollup() + rollup(80, 40, more=b"")
WHOLE = {"rss": 552, "pss": 551, "uss": 504, "swap": 12}
OTHER = {"rss": 80, "pss": 40, "uss": 504, "swap": None}


def known(snap):
    names = [name for name in WHOLE if name != "rss"]
    return {"rss": snap.total_rss_kb} | {n: snap.totals[f"{n}_kb"] for n in names}


def quoted(text):
    return b"".join(b"> " + line + b"\n" for line in text.splitlines())


# a text, what it tells of each process, why
TEXTS = [
    (rollup(), [WHOLE], "as the kernel prints it"),
    (TWO, [WHOLE, OTHER], "one after the other: the first was lost"),
    (TWO.replace(b"\n", b"\r\n"), [WHOLE, OTHER], "CR LF"),
    (quoted(TWO), [WHOLE, OTHER], "quotes"),
    (b"$ cat a\n" + rollup() + b"$ cat b\n" + rollup(), [WHOLE] * 2, "prompts"),
    (b"```\n" + rollup() + b"```\n", [WHOLE], "a fence"),
    (gzip.compress(rollup()), [WHOLE], "packed"),
    (rollup().replace(b"[rollup]", b"[rollup]  "), [WHOLE], "blanks at the end"),
    (rollup().rstrip(), [WHOLE], "no last newline"),
    (HEADER, [dict.fromkeys(WHOLE)], "a line alone tells nothing"),
    (
        HEADER + b"Rss: 7 kB\nPrivate_Dirty: 5 kB\n",
        [dict.fromkeys(WHOLE) | {"rss": 7}],
        "a half of USS is no USS",
    ),
]


@cases(TEXTS, why=2)
def test_totals_are_told_and_nothing_else(tmp_path, case):
    text, expected, _ = case
    path = tmp_path / "text"
    path.write_bytes(text)
    loaded = memc.load(path)
    snaps = loaded if isinstance(loaded, list) else [loaded]
    assert [known(snap) for snap in snaps] == expected
    for snap in snaps:
        assert (snap.detail, snap.pid, snap.total_vsize_kb) == ("rollup", None, None)
        assert (len(snap), snap.notes, snap.totals["threads"]) == (0, (), None)
    found = orjson.loads(MEMC("show", path, "--json").out)
    rows = [(g["rss_kb"], g["size_kb"], g["regions"]) for g in found["groups"]]
    order = sorted(expected, key=lambda one: -(one["pss"] or 0))
    assert rows == [(one["rss"], None, None) for one in order]
    assert (found["total"]["size_kb"], found["total"]["regions"]) == (None, None)


def test_documents_of_it_load_again(tmp_path):
    path = tmp_path / "text"
    path.write_bytes(rollup())
    snap = memc.load(path)
    path.write_bytes(snap.to_json(full=True))
    again = memc.load(path)
    assert (known(again), again.total_vsize_kb) == (WHOLE, None)
    assert orjson.loads(again.to_json())["total_vsize_kb"] is None


# a text, the options, the status, words, why
CHECKED = [
    (rollup(), ("--max-rss", "1M"), 0, "", "within"),
    (rollup(), ("--max-pss", "1K"), 1, "pss 551 KiB is over 1 KiB", "over"),
    (rollup(), ("--max-size", "1T"), 2, "size cannot be judged", "not 128 TiB"),
    (rollup(), ("--max-regions", "9"), 2, "regions cannot be judged", "not 1"),
    (TWO, ("--max-rss", "100K"), 1, "rss 552 KiB is over", "the first of two"),
    (TWO, ("--total", "--max-pss", "590K"), 1, "total of 2 processes", "the sum"),
    (TWO, ("--max-growth", "1M/s"), 2, "one sample", "two processes are no stream"),
]


@cases(CHECKED, why=4)
def test_check_judges_what_is_known(tmp_path, case):
    text, options, status, words, _ = case
    path = tmp_path / "text"
    path.write_bytes(text)
    result = MEMC("check", path, *options)
    assert (result.status, words in (result.out + result.err).decode()) == (
        status,
        True,
    )


def test_diff_compares_two_texts(tmp_path):
    paths = tmp_path / "a", tmp_path / "b"
    for path, rss in zip(paths, (552, 600), strict=True):
        path.write_bytes(rollup(rss))
    found = orjson.loads(MEMC("diff", *paths, "--json").out)
    (row,) = found["changes"]
    assert (row["rss_growth_kb"], row["pss_growth_kb"], row["grew"]) == (48, 0, 0)
    assert (row["size_growth_kb"], row["regions_after"], row["changed"]) == (
        None,
        None,
        1,
    )
    both = tmp_path / "both"
    both.write_bytes(TWO)
    assert MEMC("diff", both, both).out == b"the same: totals\n"
    found = orjson.loads(MEMC("diff", paths[0], both, "--json").out)
    assert [row["appeared"] for row in found["changes"]] == [1]


# a text, line, column, why
BAD = [
    (rollup(more=b"Swap: x kB\n"), (7, 7), "no number"),
    (rollup(more=b"Swap: 4\n"), (7, 8), "no unit"),
    (rollup(more=b"Swap: 4 k"), (7, 10), "the text is cut short"),
    (rollup(more=b"nonsense\n"), (7, 1), "no counter"),
    (b"x\n" + rollup(more=b""), (1, 1), "nothing that is before it"),
    (b"Swap: 9 kB\n" + rollup(more=b""), (1, 1), "no counter of another process"),
]


@cases(BAD, why=2)
def test_bad_lines_are_noted_or_fail(tmp_path, case):
    text, place, _ = case
    path = tmp_path / "text"
    path.write_bytes(text)
    with pytest.raises(memc.FormatError) as error:
        memc.load(path, strict=True)
    assert (error.value.line, error.value.column) == place
    (note,) = memc.load(path).notes
    assert (note.code, note.count) == ("bad_line", 1)
    assert known(memc.load(path)) == WHOLE | {"swap": None}


# ---- Among regions -------------------------------------------------------------------

REGION = record(0x1000, 0x2000, b"Rss: 4 kB", b"Pss: 2 kB")
OTHER_REGION = record(0x3000, 0x4000, b"Rss: 8 kB", b"Pss: 3 kB")

# a text, the line of its first totals, why
AMONG = [
    (rollup() + REGION + OTHER_REGION, 1, "before the regions"),
    (REGION + OTHER_REGION + rollup(), 7, "behind the regions"),
    (REGION + rollup() + OTHER_REGION, 4, "between regions"),
    (REGION + OTHER_REGION + TWO.rstrip(), 7, "twice"),
    (b"$ cat a\n" + REGION + OTHER_REGION + b"$ cat b\n" + rollup(), 9, "prompts"),
]


@cases(AMONG, why=2)
def test_totals_among_regions_are_no_region(tmp_path, case):
    text, line, why = case
    path = tmp_path / "text"
    path.write_bytes(text)
    snap = memc.load(path)
    assert list(snap.columns["size_kb"]) == [4, 4], why
    assert (snap.columns["rss_kb"].values.tolist(), snap.detail) == ([4, 8], "smaps")
    (note,) = snap.notes
    words = f"expected {WORDS} at line {line}, column 74"
    assert (note.code, words in note.text) == ("bad_line", True)
    with pytest.raises(memc.FormatError) as error:
        memc.load(path, strict=True)
    assert (error.value.what, error.value.line) == (WORDS, line)


def test_a_path_that_ends_like_it_is_a_region(tmp_path):
    path = tmp_path / "text"
    path.write_bytes(record(0x1000, 0x2000, b"Rss: 4 kB", name=b"/a [rollup]"))
    assert memc.load(path)[0].pathname == "/a [rollup]"
