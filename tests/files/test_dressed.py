"""Right texts in the dress of trackers, mails, logs and terminals: the same table."""

import re

import pytest
from hypothesis import given, settings, strategies as st
from support.cases import cases
from support.tables import rows
from support.text import header

import memc
from memc.errors import FormatError
from memc.files.loading import _load_text
from memc.files.packed import as_utf8
from memc.files.pasted import mend_ends

LIB = b"/usr/lib/x86_64-linux-gnu/libc.so.6"
MAPS = header(0x55D0C8A00000, 0x55D0C8A02000, "r-xp", b"/usr/bin/cat", 7)
MAPS += header(0x55D0C9A00000, 0x55D0C9A21000, name=b"[heap]")
MAPS += header(0x7F0000000000, 0x7F0000200000, "r--p", LIB, 9)
MAPS += header(0x7F0000400000, 0x7F0000401000, name=b"")
MAPS += header(0x7FFD4FF00000, 0x7FFD4FF21000, name=b"[stack]")


def one(start, end, rss, name=b""):
    told = b"Size: %14d kB" % ((end - start) >> 10), b"Rss: %15d kB" % rss
    told += b"Pss: %15d kB" % (rss // 2), b"VmFlags: rd wr mr mw me ac "
    inode = 7 if name[:1] == b"/" else 0
    head = header(start, end, "rw-p", name, inode)
    return head + b"".join(line + b"\n" for line in told)


SMAPS = one(0x55D0C8A00000, 0x55D0C8A02000, 8, b"/usr/bin/cat")
SMAPS += one(0x55D0C9A00000, 0x55D0C9A21000, 100, b"[heap]")
SMAPS += one(0x7F0000000000, 0x7F0000200000, 512, LIB)
SMAPS += one(0x7FFD4FF00000, 0x7FFD4FF21000, 12, b"[stack]")


def each(before, behind=b""):
    """Put something before and behind each line; %d is the number of the line."""

    def dress(text):
        lines = text.splitlines()
        made = (
            (before % n if b"%" in before else before) + line + behind
            for n, line in enumerate(lines, 1)
        )
        return b"\n".join(made) + b"\n"

    return dress


def grep_n(text):
    """Number the lines as grep does: ":" at a match, "-" at what is beside it."""
    return b"".join(
        b"%d%b%b" % (n, b"-" if line[:1].isupper() else b":", line)
        for n, line in enumerate(text.splitlines(keepends=True), 1)
    )


def tracked(text):
    """Escape as a page of a tracker does."""
    text = (
        text.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b"  ", b" &nbsp;")
    )
    return b"<pre><code>" + text + b"</code></pre>\n"


def wrapped(text):
    """Break before a name and inside of the flags, as mailers do."""
    text = re.sub(rb" +([/[])", rb"\n\1", text)
    return text.replace(b" mr mw", b" mr\nmw")


def spaced(text):
    nbsp = b"\xc2\xa0"
    return re.sub(rb"  +", lambda m: b" " + nbsp * (len(m[0]) - 1), text)


def coloured(text):
    return text.replace(b"[heap]", b"\x1b[01;31m\x1b[K[heap]\x1b[m\x1b[K")


def lit(text):
    return b"".join(b"\x1b[32m" + line + b"\x1b[0m\n" for line in text.splitlines())


def padded(text):
    return b"".join(line.ljust(120) + b"\n" for line in text.splitlines())


def escaped(text):
    return b'"' + text.replace(b"\n", rb"\n") + b'"'


# why, how the text is dressed
WAYS = [
    ("journald", each(b"Nov 28 03:47:%02d vm sh[71]: ")),
    ("kubectl logs --timestamps", each(b"2026-11-28T03:47:01.%09dZ ")),
    ("a log with a date and a level", each(b"2026-11-28 03:47:01,%03d INFO x.y: ")),
    ("a log with a time alone", each(b"03:47:01 ")),
    ("logcat", each(b"11-28 03:47:01.%03d  71  71 I mem     : ")),
    ("docker compose", each(b"web-1  | ")),
    ("the kernel's log", each(b"[  123.%06d] ")),
    ("cat -n", each(b"%6d\t")),
    ("cat -n, tabs turned to blanks", each(b"%6d  ")),
    ("grep -n with lines beside", grep_n),
    ("grep -H", each(b"/proc/71/smaps:")),
    ("pssh", each(b"[1] node7: ")),
    ("a list", each(b"- ")),
    ("a comment", each(b"// ")),
    ("a comment of sh", each(b"# ")),
    ("a new file in a patch", each(b"+")),
    ("strings of a list", each(b'    "', b'",')),
    ("code of Markdown, each line", each(b"`", b"`")),
    ("a fence at the data", lambda text: b"```" + text[:-1] + b"```\n"),
    ("a fence behind the data", lambda text: b"```\n" + text[:-1] + b"```\n"),
    ("noformat of Jira", lambda text: b"{noformat}\n" + text + b"{noformat}\n"),
    ("code of Jira", lambda text: b"{code:bash}\n" + text + b"{code}\n"),
    ("code of a forum", lambda text: b"[code]\n" + text + b"[/code]\n"),
    ("details of GitHub", lambda t: b"<details>\n```\n" + t + b"```\n</details>\n"),
    ("a heading of head", lambda text: b"==> /proc/71/smaps <==\n" + text),
    ("a heading of more", lambda t: b"::::::::\n/proc/71/smaps\n::::::::\n" + t),
    ("a page of a tracker", tracked),
    ("quotes as HTML", each(b"&gt; ")),
    ("lines as HTML", lambda text: text.replace(b"\n", b"<br>\n")),
    ("breaks as HTML alone", lambda text: text.replace(b"\n", b"<br/>")),
    ("wrapped by a mailer", wrapped),
    ("wrapped and quoted", lambda text: each(b"> ")(wrapped(text))),
    ("blanks that do not break", spaced),
    ("zero-width blanks", each(b"\xe2\x80\x8b")),
    ("tabs between the fields", lambda text: re.sub(rb" +(?=[^ \n])", b"\t", text)),
    ("columns of column -t", lambda text: re.sub(rb" (?=[^ \n])", b"  ", text)),
    ("one blank between the fields", lambda text: re.sub(rb"  +", b" ", text)),
    ("colours of grep", coloured),
    ("colours of each line", lit),
    ("padded by a terminal", padded),
    ("a string with escapes", escaped),
    ("PowerShell", lambda text: text.replace(b"\n", b"\r\n").decode().encode("utf-16")),
]


def read(data, *, strict=False):
    return _load_text(mend_ends(as_utf8(data)), strict=strict)


@cases(WAYS, why=0)
@pytest.mark.parametrize("strict", [False, True], ids=["lenient", "strict"])
@pytest.mark.parametrize("text", [MAPS, SMAPS], ids=["maps", "smaps"])
def test_dressed_text_is_read_as_the_bare_one(text, strict, case):
    loaded = read(case[1](text), strict=strict)
    assert (rows(loaded), loaded.notes) == (rows(read(text)), ())


def test_one_region_in_a_string_with_escapes_is_read():
    """Nothing but its counters tells that it is more than a line of maps."""
    text = one(0x55D0C8A00000, 0x55D0C8A01000, 0, b"")
    assert rows(read(escaped(text))) == rows(read(text))


margins = st.sampled_from([b"", b"    ", b"> ", b"\t", b"> > "])
ends = st.sampled_from([b"\n", b"\r\n", b"\n\n"])
frames = st.sampled_from(
    [(b"", b""), (b"```\n", b"```\n"), (b"$ cat /proc/7/smaps\n", b"root@h:~# \n")]
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 99), st.integers(0, 9)), min_size=1, max_size=6),
    st.sampled_from([way for _, way in WAYS if way is not padded]),
    margins,
    ends,
    frames,
)
def test_any_dress_over_any_text_gives_the_same_table(sizes, way, margin, end, frame):
    text, at = b"", 0x55D0C8A00000
    for pages, rss in sizes:
        text += one(at, at + pages * 4096, rss, LIB if rss else b"")
        at += (pages + 1) * 4096
    dressed = way(text)
    if b"\0" not in dressed and b"\n" in dressed[:-1]:
        dressed = frame[0] + dressed + frame[1]
        dressed = b"".join(margin + line + end for line in dressed.splitlines())
    loaded = read(dressed)
    assert (rows(loaded), loaded.notes) == (rows(read(text)), ())


# ---- What is not of the region above -------------------------------------------------

STATUS = (
    b"Name:\tcat\nUmask:\t0022\nState:\tS\nTgid:\t7\nVmRSS:\t 999 kB\nRssAnon: 9 kB\n"
)
MEMINFO = (
    b"MemTotal: 24 kB\nMemFree: 9 kB\nAnonHugePages: 777 kB\nFilePmdMapped: 5 kB\n"
)
LOST = b"".join(SMAPS.splitlines(keepends=True)[:2])  # the header and the size
TAIL = b"".join(SMAPS.splitlines(keepends=True)[6:])  # without the header before it

# why, the text, words of the note, how many regions are whole
ORPHANS = [
    ("meminfo behind regions", SMAPS + MEMINFO, "another file", 4),
    ("status behind regions", SMAPS + STATUS, "another file", 4),
    ("a prompt, and a filter", SMAPS + b"$ grep Rss x\nRss: 9 kB\n", "its counters", 4),
    ("a fence is no break", b"```\n" + SMAPS + b"```\n" + MEMINFO, "another file", 4),
    ("lines were left out", LOST + b"[snip]\n" + TAIL, "", 2),
    ("the same, and no mark", LOST + TAIL, "", 2),
    ("a size of another region", LOST + SMAPS[len(LOST) :] + b"Size: 8 kB\n", "", 4),
]


@cases(ORPHANS, why=0)
def test_counters_of_others_are_noted_and_make_no_number(case):
    _, text, words, whole = case
    loaded = read(text)
    right = {region.start: region.rss_kb for region in read(SMAPS)}
    for region in loaded:
        assert region.rss_kb in (None, right[region.start])
        assert region.anon_huge_pages_kb is None
    assert sum(region.rss_kb is not None for region in loaded) == whole
    notes = [note for note in loaded.notes if note.code == "bad_line"]
    assert notes
    assert words in " ".join(note.text for note in notes)
    assert not {"vm_rss_kb", "mem_total_kb", "rss_anon_kb"} & loaded.columns.keys()
    with pytest.raises(FormatError):
        read(text, strict=True)


def test_a_difference_of_two_texts_mixes_nothing():
    lines = SMAPS.splitlines(keepends=True)
    text = b"".join(b"-" + line for line in lines[:5]) + b"".join(
        b"+" + line for line in lines[5:10]
    )
    with pytest.raises(FormatError):
        read(text)


ONE, REST = MAPS[: MAPS.index(b"\n") + 1], MAPS[MAPS.index(b"\n") + 1 :]

# why, the text, the number of regions of each process
SEVERAL = [
    (
        "head: the second goes on upwards",
        b"==> /proc/1/maps <==\n%b\n==> /proc/2/maps <==\n%b" % (ONE, REST),
        [1, 4],
    ),
    (
        "grep -H",
        each(b"/proc/1/maps:")(ONE) + each(b"/proc/22/maps:")(REST),
        [1, 4],
    ),
    (
        "prompts",
        b"$ cat /proc/1/maps\n%b$ cat /proc/2/maps\n%b" % (ONE, REST),
        [1, 4],
    ),
    ("echo of pids", b"=== 1 ===\n%b=== 2 ===\n%b" % (ONE, REST), [1, 4]),
    ("pid", b"PID: 1\n%bPID: 2\n%b" % (ONE, REST), [1, 4]),
    ("of one", b"$ cat /proc/1/maps\n%b$ ls\n%b" % (ONE, REST), [5]),
    ("of one, twice", b"==> /proc/1/maps <==\n" + MAPS + b"$ ls\n" + MAPS, [5, 5]),
]


@cases(SEVERAL, why=0)
def test_headings_tell_processes_apart(case):
    loaded = read(case[1])
    found = loaded if isinstance(loaded, list) else [loaded]
    assert [len(snap) for snap in found] == case[2]
    assert all(snap.notes == () for snap in found)


def test_lines_without_end_are_no_line_that_was_wrapped():
    loaded = read(SMAPS + b"aa\n" * 20_000)
    (note,) = loaded.notes
    assert (note.code, note.count > 10_000) == ("bad_line", True)


# ---- pmap ----------------------------------------------------------------------------

BUSYBOX = (
    b"1: init\nAddress\t\t  Kbytes     PSS   Dirty    Swap  Mode  Mapping\n"
    b"0000000000400000     520     257       8       3  r-xp  /bin/busybox\n"
    b"0000000000600000     132       8       8       0  rw-p  [heap]\n"
    b"----------------  ------  ------  ------  ------\n"
    b"total                652     265      16       3\n"
)
TOYBOX = (
    b"1: sh\nAddress           Kbytes     PSS   Dirty    Swap Mode  Mapping\n"
    b"0000000000400000     520     257       8       3 r-x-- sh\n"
    b"0000000000600000     132       8       8       0 rw---   [anon]\n"
)
OLD = (
    b"1:   sh\nAddress   Kbytes     RSS    Anon  Locked Mode   Mapping\n"
    b"00400000     520     257       -       - r-x--  libc-2.5.so\n"
    b"00600000     132       -       -       - rw---    [ anon ]\n"
    b"-------- ------- ------- ------- -------\n"
    b"total kB     652       -       -       -\n"
)
PLAIN = (
    b"1: init\n0000000000400000     520K r-xp  /bin/busybox\n"
    b"0000000000600000     132K rw-p  [heap]\nmapped: 652K\n"
)

# why, the text, what each column has
FORMS = [
    ("busybox", BUSYBOX, {"pss_kb": [257, 8], "swap_kb": [3, 0], "rss_kb": None}),
    ("toybox", TOYBOX, {"pss_kb": [257, 8], "swap_kb": [3, 0], "rss_kb": None}),
    ("procps 3.2", OLD, {"rss_kb": [257, None], "pss_kb": None, "locked_kb": None}),
    ("busybox, plain", PLAIN, {"rss_kb": None}),
]


@cases(FORMS, why=0)
@pytest.mark.parametrize("way", [None, "journald", "a list", "CR"])
def test_every_kind_of_pmap_is_read(case, way):
    _, text, expected = case
    if way == "CR":
        text = text.replace(b"\n", b"\r\n")
    elif way:
        text = dict(WAYS)[way](text)
    loaded = read(text)
    assert ([r.size_kb for r in loaded], loaded.notes) == ([520, 132], ())
    assert [r.perm for r in loaded] == ["r-xp", "rw-p"]
    for name, values in expected.items():
        found = loaded.columns.get(name)
        assert (found and list(found)) == values


def test_busybox_without_its_head_is_no_guess():
    text = b"".join(
        line for line in BUSYBOX.splitlines(keepends=True) if line[:2] == b"00"
    )
    with pytest.raises(FormatError):
        read(text)


def test_the_public_function_reads_a_file(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(dict(WAYS)["journald"](SMAPS))
    assert rows(memc.load(path)) == rows(read(SMAPS))
