"""Texts that people pasted or packed are read; a text that is right never changes."""

import bz2
import gzip
import lzma
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from support import grammar
from support.cases import cases
from support.tables import rows
from support.text import header, record

import memc
from memc.errors import FormatError, MemcError
from memc.files.loading import _load_text
from memc.files.pasted import is_whole
from memc.read.backend import backend

MAPS = header(0x1000, 0x3000, name=b"/a") + header(0x3000, 0x4000, "r-xs", b"/b c", 7)
SMAPS = record(0x1000, 0x3000, b"Rss: 4 kB", b"VmFlags: rd wr ", name=b"[heap]")
SMAPS += record(0x4000, 0x5000, b"Rss: 0 kB", name=b"")
PROMPTS = (b"$ cat /proc/1/smaps\n", b"root@host:~# cat /proc/self/smaps\n")
PROMPTS += (b"[ann@host ~]$ sudo cat /proc/1/smaps\n", b"ann@host:~$\n", b"% cat x\n")
PROMPTS += (b"PS C:\\> type smaps.txt\n", b"$\n", b"# cat /proc/1/maps\n")


def quoted(text, mark):
    return b"".join(mark + line for line in text.splitlines(keepends=True))


def some_returns(text):
    lines = text.split(b"\n")
    return b"\r\n".join(lines[:2]) + b"\n" + b"\n".join(lines[2:])


# why, how the text is changed
WAYS = [
    ("CR LF", lambda text: text.replace(b"\n", b"\r\n")),
    ("CR at some lines", some_returns),
    ("CR CR LF", lambda text: text.replace(b"\n", b"\r\r\n")),
    ("a fence", lambda text: b"```\n" + text + b"```\n"),
    ("a fence with a language", lambda text: b"```text\n" + text + b"```\n"),
    ("another fence", lambda text: b"~~~ console\n" + text + b"~~~\n"),
    ("an indent", lambda text: quoted(text, b"    ")),
    ("a tab", lambda text: quoted(text, b"\t")),
    ("a quote", lambda text: quoted(text, b"> ")),
    ("quotes in quotes", lambda text: quoted(text, b"> >> ")),
    ("empty lines", lambda text: b"\n \n" + text.replace(b"\n", b"\n\n")),
    ("a byte order mark", lambda text: b"\xef\xbb\xbf" + text),
    ("several prompts", lambda text: PROMPTS[0] * 2 + text + PROMPTS[1]),
    ("gzip", gzip.compress),
    ("gzip of gzip", lambda text: gzip.compress(gzip.compress(text))),
    ("CR alone", lambda text: text.replace(b"\n", b"\r")),
    ("CR alone, in gzip", lambda t: gzip.compress(t.replace(b"\n", b"\r"))),
    ("xz", lzma.compress),
    ("bzip2", bz2.compress),
    ("gzip of xz", lambda text: gzip.compress(lzma.compress(text))),
    ("UTF-16 with a mark", lambda text: text.decode().encode("utf-16")),
    ("UTF-16, the other way", lambda text: text.decode().encode("utf-16-be")),
    ("UTF-16 without a mark", lambda text: text.decode().encode("utf-16-le")),
    ("gzip in two parts", lambda t: gzip.compress(t[:50]) + gzip.compress(t[50:])),
    ("all", lambda t: gzip.compress(quoted(b"```\n$ cat x\n" + t + b"```", b"> "))),
    *(
        (f"prompt {prompt!r}", lambda text, prompt=prompt: prompt + text)
        for prompt in PROMPTS
    ),
]


@cases(WAYS, why=0)
@pytest.mark.parametrize("text", [MAPS, SMAPS], ids=["maps", "smaps"])
@pytest.mark.parametrize("reader", ["native", "pure"])
def test_pasted_text_is_read_as_if_it_were_not(
    tmp_path, monkeypatch, reader, text, case
):
    monkeypatch.setenv("MEMC_BACKEND", reader)
    path = tmp_path / "file"
    if text is MAPS and case[0] == "CR at some lines":
        text = header(0x100, 0x200) + text  # maps: a nameless region proves it
    path.write_bytes(case[1](text))
    loaded = memc.load(path)
    path.write_bytes(text)
    assert (rows(memc.load(path)), loaded.notes) == (rows(loaded), ())


# why, what is written, words of the error
REFUSED = [
    ("UTF-32", MAPS.decode().encode("utf-32"), "not UTF-32"),
    ("UTF-16 that is cut", MAPS.decode().encode("utf-16")[:-1], "damaged UTF-16"),
    ("a tar archive", b"a" * 257 + b"ustar", "not a tar archive"),
    ("a byte order mark alone", b"\xef\xbb\xbf", "not nothing"),
    ("fences alone", b"```\n```\n", "not nothing"),
    ("a prompt alone", b"$ cat /proc/2/maps\n$\n", "not nothing"),
    ("NUL bytes alone", b"\0" * 64, "NUL"),
    (
        "pmap -X -q",
        b"1:   a\n    00001000 r--p 00000000 08:01 12    4   4   4\n",
        "pmap",
    ),
]


@cases(REFUSED, why=0)
def test_what_is_no_text_of_the_kernel_is_named(tmp_path, case):
    path = tmp_path / "file"
    path.write_bytes(case[1])
    with pytest.raises(FormatError, match=case[2]):
        memc.load(path)


def test_gzip_that_unpacks_to_gzip_for_ever_is_an_error(tmp_path):
    packed = MAPS
    for _ in range(6):
        packed = gzip.compress(packed)
    path = tmp_path / "file"
    path.write_bytes(packed)
    with pytest.raises(MemcError, match="packed more than 4 times"):
        memc.load(path)


# why, a text that is right as it is
RIGHT = [
    ("CR and a line in a name", header(0x1000, 0x2000, name=b"/a\r" + MAPS[:-1])),
    ("a name that ends in CR", header(0x1000, 0x2000, name=b"/a\r") + MAPS[76:]),
    ("every name ends in a blank", header(0x1000, 0x2000, name=b"/a ")),
    ("a name that ends in a fence", header(0x1000, 0x2000, name=b"/a```")),
    ("a name that is a prompt", header(0x1000, 0x2000, name=b"/a $ cat x")),
    ("CR in smaps", record(0x1000, 0x2000, b"Rss: 4 kB", name=b"/a\r")),
]


@cases(RIGHT, why=0)
def test_text_that_is_right_does_not_change(tmp_path, case):
    path = tmp_path / "file"
    path.write_bytes(case[1])
    expected = backend().parse_text(case[1], "smaps", strict=True)
    assert rows(memc.load(path)) == rows(expected)


@settings(max_examples=200, deadline=None)
@given(grammar.smaps())
def test_no_guess_changes_what_strict_reading_takes(text):
    try:
        expected = backend().parse_text(text, "smaps", strict=True)
    except FormatError:
        return
    sizes = [] if expected.notes else list(expected.columns["size_kb"])
    if not text.strip() or not is_whole(text, sizes):
        return
    loaded = _load_text(text, strict=False)
    if isinstance(loaded, list):  # of several processes
        assert [note.code for note in expected.notes] == ["torn"]
    else:
        assert rows(loaded) == rows(expected)


def test_bad_line_hides_nothing_and_is_named(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(quoted(b"$ cat x\n" + MAPS + b"?? no line\n" + SMAPS, b"> "))
    loaded = memc.load(path)
    (note,) = [note for note in loaded.notes if note.code == "bad_line"]
    assert (note.count, "line 4, column 3" in note.text) == (1, True)
    with pytest.raises(FormatError) as caught:
        memc.load(path, strict=True)
    assert (caught.value.line, caught.value.column) == (4, 3)


@pytest.mark.parametrize("command", ["show", "diff"])
def test_commands_pass_a_bad_line_over(memc, tmp_path, command):
    path = tmp_path / "file"
    path.write_bytes(MAPS + b"?? no line\n")
    targets = (path,) * (2 if command == "diff" else 1)
    result = memc(command, *targets)
    assert (result.status, b"1 line passed over" in result.err) == (0, True)
    strict = memc(command, "--strict", *targets)
    assert (strict.status, b"line 3" in strict.err) == (
        2 if command == "diff" else 1,
        True,
    )


def test_damaged_gzip_is_a_clear_error(tmp_path, monkeypatch):
    path = tmp_path / "file"
    packed = gzip.compress(MAPS * 100)
    for data, words in (
        (packed[:-12], "cut short"),
        (packed[:30] + b"\0" * 20 + packed[50:], "damaged gzip data|cut short"),
    ):
        path.write_bytes(data)
        with pytest.raises(MemcError, match=words):
            memc.load(path)
    monkeypatch.setattr("memc.files.packed.MAX_SIZE", 1 << 20)
    path.write_bytes(gzip.compress(bytes(4 << 20)))
    with pytest.raises(MemcError, match="when unpacked"):
        memc.load(path)


# ---- pmap ----------------------------------------------------------------------------

X = b"""11324:   ./gohold
Address           Kbytes     RSS   Dirty Mode  Mapping
0000000000400000     520     520       0 r-x-- gohold
0000000000482000       8       -       - rw-s-   [ anon ]
ffffffffff600000       4       0       0 --x--   [ stack ]
---------------- ------- ------- -------
total kB          711648   55188   54028
"""


def test_output_of_pmap_x_is_read(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"$ pmap -x 11324\r\n" + X.replace(b"\n", b"\r\n"))
    snap = memc.load(path)
    assert (snap.pid, snap.notes, snap.total_vsize_kb) == (11324, (), 532)
    assert [(r.start, r.perm, r.pathname, r.rss_kb) for r in snap] == [
        (0x400000, "r-xp", "gohold", 520),
        (0x482000, "rw-s", "", None),
        (0xFFFFFFFFFF600000, "--xp", "[stack]", 0),
    ]
    assert {r.pss_kb for r in snap} == {r.inode for r in snap} == {None}
    assert snap.total_rss_kb is None


def test_several_processes_of_pmap_are_all_read(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(X + X.replace(b"11324:   ./gohold", b"7:   /bin/sh -c x"))
    found = [(p.pid, p.name, len(p.snapshot)) for p in memc.load(path).processes]
    assert found == [(7, "sh", 3), (11324, "gohold", 3)]


def test_bad_line_of_pmap_is_noted(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(X.replace(b"r-x-- gohold", b"r?"))
    snap = memc.load(path)
    assert (len(snap), [(n.code, n.count) for n in snap.notes]) == (
        2,
        [("bad_line", 1)],
    )
    with pytest.raises(FormatError, match="pmap at line 3"):
        memc.load(path, strict=True)


@pytest.mark.kernel
@pytest.mark.skipif(shutil.which("pmap") is None, reason="procps is not installed")
@pytest.mark.parametrize("options", [(), ("-x",), ("-d",), ("-X",), ("-XX", "-p")])
def test_every_form_of_pmap_tells_the_regions(tmp_path, options):
    child = subprocess.Popen(["sleep", "60"])
    try:
        os.waitid(os.P_PID, child.pid, os.WNOHANG | os.WEXITED | os.WNOWAIT)
        while b"sleep" not in (tmp := _exe(child.pid)):
            assert tmp is not None
        text = Path(f"/proc/{child.pid}/maps").read_text
        before = None
        while before != (before := text()):  # its libraries are still being loaded
            told = subprocess.run(
                ["pmap", *options, str(child.pid)], stdout=subprocess.PIPE, check=True
            )
            snap = memc.snapshot(child.pid, detail="smaps")
    finally:
        child.kill()
        child.wait()
    path = tmp_path / "file"
    path.write_bytes(told.stdout)
    loaded = memc.load(path)
    names = ["start", "end", "perm"]
    names += [
        name for name in ("rss_kb", "vm_flags", "inode") if name in loaded.columns
    ]
    assert loaded.notes == ()
    for name in names:
        assert list(loaded.columns[name]) == list(snap.columns[name])
    assert ("vm_flags" in loaded.columns) == ("-XX" in options)


def _exe(pid):
    return os.readlink(f"/proc/{pid}/exe").encode()
