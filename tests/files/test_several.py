"""Processes that were pasted one after another are never mixed into one."""

import gzip

import pytest
from support.cases import cases
from support.text import header, record

import memc as package

CODE = header(0x400000, 0x401000, "r-xp", b"/bin/a", 7)
HEAP = header(0x600000, 0x700000, name=b"[heap]")
STACK = header(0x7FFD00000000, 0x7FFD00021000, name=b"[stack]")
GATE = header(0xFFFFFFFFFF600000, 0xFFFFFFFFFF601000, "--xp", b"[vsyscall]")
OTHER = header(0x555500000000, 0x555500001000, "r-xp", b"/bin/b", 8)
MAPS = CODE + HEAP + STACK + GATE
FEW = OTHER + STACK
SMAPS = record(0x1000, 0x2000, b"Rss: 4 kB") + record(
    0x3000, 0x4000, b"Rss: 8 kB", name=b"[stack]"
)
PLAIN = b"".join(header(i << 12, (i + 1) << 12) for i in range(1, 9))
TOTALS = header(0x1000, 0x4000, "---p", b"[rollup]") + b"Rss: 12 kB\nPss: 3 kB\n"


def headers_of(smaps):
    return b"".join(
        line for line in smaps.splitlines(keepends=True) if line[:1] not in b"RPV"
    )


# why, the text, the number of regions of each process
TEXTS = [
    ("two of maps", MAPS + FEW, [4, 2]),
    ("the same twice", MAPS + MAPS, [4, 4]),
    ("three", MAPS + FEW + MAPS, [4, 2, 4]),
    ("two of smaps", SMAPS + SMAPS, [2, 2]),
    ("maps of one, smaps of another", MAPS + SMAPS, [4, 2]),
    ("prompts between", b"$ cat /proc/1/maps\n" + MAPS + b"$ cat x\n" + FEW, [4, 2]),
    ("fences", b"```\n" + MAPS + b"```\nand\n```\n" + FEW + b"```\n", [4, 2]),
    ("quotes", b"> " + (MAPS + FEW)[:-1].replace(b"\n", b"\n> ") + b"\n", [4, 2]),
    ("CR LF", (MAPS + FEW).replace(b"\n", b"\r\n"), [4, 2]),
    ("packed", gzip.compress(MAPS + FEW), [4, 2]),
    ("no line end", (MAPS + FEW)[:-1], [4, 2]),
    ("no mark, but long", PLAIN + PLAIN, [8, 8]),
    ("an end of the first is missing", CODE + HEAP + MAPS, [2, 4]),
    ("totals between", SMAPS + TOTALS + SMAPS, [2, 2]),
    ("maps and smaps of the same process", headers_of(SMAPS) + SMAPS, [2]),
    ("smaps and maps of the same process", SMAPS + headers_of(SMAPS), [2]),
    ("sorted the other way", STACK + HEAP + CODE, [3]),
    ("a torn list", CODE + header(0x400000, 0x402000) + STACK, [2]),
    ("one region stands alone", STACK + CODE, [2]),
]


@cases(TEXTS, why=0)
@pytest.mark.parametrize("reader", ["native", "pure"])
def test_processes_of_a_text_are_told_apart(tmp_path, monkeypatch, reader, case):
    monkeypatch.setenv("MEMC_BACKEND", reader)
    _, text, expected = case
    path = tmp_path / "file"
    path.write_bytes(text)
    loaded = package.load(path)
    found = loaded if isinstance(loaded, list) else [loaded]
    assert [len(snap) for snap in found] == expected
    if len(expected) > 1:
        notes = [note.code for snap in found for note in snap.notes]
        assert "torn" not in notes


def test_a_bad_line_is_named_where_it_stands(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(MAPS + FEW + b"?? no line\n")
    first, second = package.load(path)
    assert (first.notes, len(second.notes)) == ((), 1)
    assert "line 7, column 1" in second.notes[0].text


def test_command_shows_both(memc, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(SMAPS + SMAPS)
    result = memc("show", path, "--by", "process", "--csv")
    sizes = [line.split(b",") for line in result.out.splitlines()[1:]]
    assert (result.status, len(sizes)) == (0, 2)
    checked = memc("check", path, "--max-rss", "12K")
    assert (checked.status, checked.out) == (0, b"")
