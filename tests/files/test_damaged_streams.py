"""A damaged document of a stream does not hide the others."""

import orjson
import pytest
from support.cases import cases

import memc as package
from memc.errors import FormatError


def document(pid, rss_kb, when):
    region = {"start": "0x1000", "end": "0x3000", "type": "heap", "perm": "rw-p"}
    return {
        "pid": pid,
        "timestamp_ms": when,
        "total_rss_kb": rss_kb,
        "total_vsize_kb": 8,
        "region_count": 1,
        "regions": [{**region, "size_kb": 8, "pathname": "[heap]"}],
    }


def one(number):
    return orjson.dumps(document(5, number, number))


def every(number):
    process = {"pid": 5, "name": "x", "snapshot": document(5, number, number)}
    system = {"timestamp_ms": number, "process_count": 1, "processes": [process]}
    return orjson.dumps({**system, "skipped": 0, "skipped_processes": []})


def indented(number):
    return orjson.dumps(document(5, number, number), option=orjson.OPT_INDENT_2)


# why, what is written instead of the samples; None is left as it was
DAMAGES = [
    ("the end is cut", lambda lines: [*lines[:2], lines[2][:-9]], [1, 2]),
    ("the end is a part", lambda lines: [*lines, lines[2][:40]], [1, 2, 3]),
    ("a line between", lambda lines: [lines[0], b"xx", *lines[1:]], [1, 2, 3]),
    ("NUL bytes at the end", lambda lines: [*lines, b"\0" * 40], [1, 2, 3]),
    ("the first is cut", lambda lines: [lines[0][20:], *lines[1:]], [2, 3]),
    ("JSON of others", lambda lines: [*lines, b'{"level": "info"}'], [1, 2, 3]),
    ("one is left", lambda lines: [lines[0], lines[1][:50]], [1]),
]


@pytest.fixture(params=[one, every], ids=["one", "all"])
def damaged(request, tmp_path):
    def damaged(damage, make=request.param):
        path = tmp_path / "file"
        path.write_bytes(b"\n".join(damage([make(i) for i in (1, 2, 3)])) + b"\n")
        return path

    return damaged


@cases(DAMAGES, why=0)
def test_the_others_are_loaded_and_a_note_counts_it(damaged, case):
    _, damage, expected = case
    path = damaged(damage)
    found = package.load(path)
    assert [sample.timestamp_ms for sample in found] == expected
    assert [note.code for note in found[-1].notes] == ["bad_line"]
    assert "1 line passed over, the first: expected" in found[-1].notes[0].text
    with pytest.raises(FormatError):
        package.load(path, strict=True)


def test_indented_stream_that_is_cut_is_read(damaged):
    path = damaged(lambda texts: [texts[0], texts[1][:-9]], indented)
    assert [sample.timestamp_ms for sample in package.load(path)] == [1]


def test_stream_without_a_good_document_is_an_error(damaged):
    with pytest.raises(FormatError, match="line 1, column"):
        package.load(damaged(lambda lines: [line[:30] for line in lines]))


@pytest.mark.parametrize("words", ["show", "diff", "show --json", "diff --json"])
def test_commands_show_the_others_and_say_so(memc, damaged, words):
    path = damaged(DAMAGES[2][1])
    command, *more = words.split()
    result = memc(command, path, *more)
    assert (result.status, bool(result.out)) == (0, True)
    assert b"1 line passed over" in result.err
    if more:
        assert b'"bad_line"' in result.out
    strict = memc(command, path, "--strict")
    assert (strict.status > 0, strict.out) == (True, b"")
    assert b"line 2, column 1" in strict.err


@pytest.mark.parametrize("limit", ["--max-size 1G", "--max-growth 1G/s"])
def test_check_passes_nothing_of_it(memc, damaged, limit):
    result = memc("check", damaged(DAMAGES[0][1]), *limit.split())
    assert (result.status, b"1 line passed over" in result.err) == (2, True)
