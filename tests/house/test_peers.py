"""What other programs that read smaps get wrong: a row for each failing, read right.

The failings were found by reading the code of each; the texts are the shortest in
which they show.
"""

import pytest
from support.cases import cases
from support.tables import rows
from support.text import record

import memc

KINDS = b"""\
1000-2000 rw-p 00000000 00:00 0                          [heap]
2000-3000 r--p 00000000 00:00 0                          [vvar]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0  [vsyscall]
"""
WIDE = b"""\
1000-2000 r--p 00000000 08:01 7                          /a
Rss: 4 kB
2000-3000 r--p 1fffffffff000 103:02 8                    /b
Rss: 8 kB
"""
ORDERS = b"""\
1000-2000 rw-p 00000000 00:00 0
Rss: 4 kB
Pss: 2 kB
VmFlags: rd wr
2000-3000 rw-p 00000000 00:00 0
Swap: 0 kB
VmFlags: rd
Pss: 3 kB
Rss: 8 kB
"""
NAMES = b"""\
1000-2000 r--p 00000000 08:01 7                          /\xb0
2000-3000 r--p 00000000 08:01 7                          /SYSVx
3000-4000 rw-p 00000000 00:00 0
"""
ODD = b"""\
1000-2000 r--p 00000200 08:01 7                          /dev/x
2000-2000 r--p 00000000 00:00 0
3000-1000 r--p 00000000 00:00 0
4000-5000 r--p 00000000 00:00 0
"""
HEAD = b"1000-2000 r--p 00000000 08:01 7                          "


def line(rest):
    return HEAD + rest + b"\n"


# why: the peer and its failing; text; what some fields of each region must be
FAILINGS = [
    (
        "pcmffi: types out of step with their names",
        KINDS + b"3000-4000 rw-p 00000000 00:00 0\n",
        {"type": ["heap", "vvar", "anonymous", "vsyscall"]},
    ),
    (
        "pcmffi: device numbers taken for decimal",
        b"1000-2000 r--p 0 fd:01 7 /a\n2000-3000 r--p 0 103:1f 7 /a\n",
        {"dev_major": [0xFD, 0x103], "dev_minor": [1, 0x1F]},
    ),
    (
        "pcmffi: reads beyond a text without newline, and before a short path",
        HEAD + b"/a",
        {"pathname": ["/a"], "type": ["mapped_file"]},
    ),
    (
        "jc: a wide device or offset is no header, and spoils the region before",
        WIDE,
        {
            "rss_kb": [4, 8],
            "dev_major": [8, 0x103],
            "offset": [0, 0x1FFFFFFFFF000],
            "pathname": ["/a", "/b"],
        },
    ),
    (
        "jc: fails at a flag that it does not know",
        record(0x1000, 0x2000, b"VmFlags: wf dp ss"),
        {"vm_flags": [("wf", "dp", "ss")]},
    ),
    (
        "psutil: loses the blanks around a path",
        line(b"/ a ") + line(b"[anon: x ]").replace(b"1000-2000", b"2000-3000"),
        {"pathname": ["/ a ", "[anon: x ]"]},
    ),
    (
        "psutil: leaves \\012 as it is",
        line(b"/a\\012b"),
        {"pathname": ["/a\nb"]},
    ),
    (
        "psutil: (deleted) by what exists where it looks itself",
        line(b"/ (deleted)"),
        {"pathname": ["/ (deleted)"]},
    ),
    (
        "psutil: fails at a line that is no number",
        record(0x1000, 0x2000, b"Future: text", b"Rss: 4 kB"),
        {"rss_kb": [4]},
    ),
    (
        "procps: gives up when regions list their fields in another order",
        ORDERS,
        {
            "rss_kb": [4, 8],
            "pss_kb": [2, 3],
            "swap_kb": [None, 0],
            "vm_flags": [("rd", "wr"), ("rd",)],
        },
    ),
    (
        "procps: flags of small letters alone",
        record(0x1000, 0x2000, b"VmFlags: rd ?? q1"),
        {"vm_flags": [("rd", "??", "q1")]},
    ),
    (
        "prometheus: blanks in a path become one",
        line(b"/two  blanks"),
        {"pathname": ["/two  blanks"]},
    ),
    (
        "prometheus: offsets of 63 bits",
        b"1000-2000 r--p fffffffffffff000 08:01 7 /a\n",
        {"offset": [2**64 - 4096]},
    ),
    (
        "eminence: a path not UTF-8 loses all; /SYSVx; a line cut behind the inode",
        NAMES,
        {
            "pathname": ["/\udcb0", "/SYSVx", ""],
            "type": ["mapped_file", "anonymous", "anonymous"],
        },
    ),
    (
        "rbspy: an offset not of a page, or an empty region, loses all",
        ODD.replace(b"3000-1000", b"3000-3000"),
        {"offset": [0x200, 0, 0, 0], "size_kb": [4, 0, 0, 4]},
    ),
    (
        "smem: a path ends at its first blank",
        line(b"/a b (deleted)"),
        {"pathname": ["/a b (deleted)"]},
    ),
    (
        "lading: rejects a region without Pss or Swap",
        record(0x1000, 0x2000, b"Rss: 4 kB"),
        {"rss_kb": [4], "pss_kb": [None], "swap_kb": [None]},
    ),
]


@cases(FAILINGS, why=0)
def test_text_that_others_misread_is_read(backend, case):
    _, text, expected = case
    kind = "smaps" if b"kB" in text or b"VmFlags" in text else "maps"
    found = rows(backend.parse_text(text, kind, strict=True))
    assert {key: [row.get(key) for row in found] for key in expected} == expected


def test_rbspy_a_backward_region_loses_that_one_alone(backend):
    table = backend.parse_text(ODD, "maps", strict=False)
    assert list(table.columns["start"]) == [0x1000, 0x2000, 0x4000]
    assert [(note.code, note.count) for note in table.notes] == [("bad_line", 1)]


@pytest.fixture(params=["native", "pure"])
def api(request, monkeypatch):
    monkeypatch.setenv("MEMC_BACKEND", request.param)
    return memc


def test_procps_rows_and_totals_are_of_one_reading(api, tree):
    """It reads smaps twice, and a process changes between."""
    tree.add(7, smaps=record(0x1000, 0x2000, b"Rss: 4 kB"))
    snap = api.snapshot(7, detail="smaps", proc=str(tree))
    (tree.path / "7" / "smaps").write_bytes(record(0x1000, 0x3000, b"Rss: 8 kB"))
    assert (snap.total_rss_kb, snap.total_vsize_kb) == (4, 4)
    assert sum(snap.columns["rss_kb"]) == snap.total_rss_kb


def test_htop_what_cannot_be_read_is_neither_0_nor_what_was_before(backend, tree):
    folder = tree.add(7, smaps=record(0x1000, 0x2000, b"Rss: 4 kB", b"Pss: 4 kB"))
    assert list(backend.collect(7, "smaps", str(tree)).columns["pss_kb"]) == [4]
    (folder / "smaps").write_bytes(record(0x1000, 0x2000, b"Rss: 8 kB"))
    again = backend.collect(7, "smaps", str(tree))
    assert (again[0].rss_kb, again[0].pss_kb) == (8, None)


def test_ps_mem_processes_that_look_the_same_are_both_counted_and_exactly(api, tree):
    """It takes equal rollups for threads of one, and adds half a kB to each."""
    for pid in (7, 8):
        tree.add(pid, smaps=record(0x1000, 0x2000, b"Rss: 4 kB", b"Pss: 3 kB"))
    system = api.snapshot_all(detail="smaps", proc=str(tree))
    assert [list(p.snapshot.columns["pss_kb"]) for p in system.processes] == [[3]] * 2
