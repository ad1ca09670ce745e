"""What a notebook shows of each object."""

import os
import re
import subprocess
import sys

import pytest
from support.text import page, record

import memc
from memc import fast

ME = os.getpid()


def two(**more):
    return memc.snapshot(ME, detail="smaps", **more), memc.snapshot(ME, detail="smaps")


MADE = {
    **{
        f"snapshot {detail}": lambda d=detail: memc.snapshot(ME, detail=d)
        for detail in ("maps", "rss", "smaps", "totals", "rollup")
    },
    "told by another": lambda: memc.snapshot(ME, detail="rss").shared_with(1),
    "all": lambda: memc.snapshot_all(detail="totals"),
    "all with regions": lambda: memc.snapshot_all(detail="rss", skip_kernel=True),
    "process": lambda: memc.snapshot_all(detail="totals").processes[0],
    "table": lambda: fast.parse_smaps(ME),
    "empty table": lambda: fast.parse_maps_text(b""),
    "diff": lambda: memc.diff(*two()),
    "diff of all": lambda: memc.diff(*[memc.snapshot_all(detail="rss")] * 2),
    **{
        f"growth by {by}": lambda by=by: memc.diff(*two()).by(by)
        for by in (
            "owner",
            "path",
            "region",
            "type",
            "process",
            "user",
            "process,owner",
        )
    },
    "machine": memc.machine,
    "freed": lambda: memc.freed(ME),
}


@pytest.mark.kernel
@pytest.mark.parametrize("name", MADE)
def test_each_object_is_shown_without_script_in_20_kb(name):
    text = MADE[name]()._repr_html_()
    assert 0 < len(text.encode()) <= 20_000
    assert text.startswith("<div")
    assert text.endswith("</div>")
    assert "<script" not in text
    assert not re.search(r" on\w+=|https?:|url\(", text)


def words(made):
    return re.sub(r"\|\s*(\|\s*)*", "|", re.sub(r"<[^>]+>", "|", made._repr_html_()))


HEAP = record(0x1000, 0x3000, b"Rss: 8 kB", b"Swap: 4 kB", name=b"[heap]")


@pytest.fixture
def tree_of_one(tree):
    tree.add(7, comm=b"<i>me\n", smaps=HEAP + record(0x3000, 0x4000, b"Rss: 2 kB"))
    return tree


def test_snapshot_shows_its_owners(backend, tree_of_one):
    snap = backend.collect(7, "smaps", str(tree_of_one))
    text = words(snap)
    assert "Process 7" in text
    assert "2 regions · swap 4 KiB · RSS 10 KiB · mapped 12 KiB" in text
    assert text.index("malloc main heap|8 KiB") < text.index("anonymous|2 KiB")


def test_all_processes_show_the_largest(backend, tree):
    for pid in range(1, 15):
        smaps = record(0x1000, 0x100000, b"Rss: %d kB" % pid)
        tree.add(pid, smaps=smaps)
    tree.add(20, smaps=None, maps=None)
    system = backend.collect_all("smaps", skip_kernel=False, jobs=1, proc=str(tree))
    text = words(system)
    assert "14 processes" in text
    assert "1 could not be read" in text
    assert "|14 made-up|" in text
    assert "|5 made-up|" in text
    assert "|4 made-up|" not in text
    assert "|4 others|10 KiB|" in text


def test_note_says_why_a_table_is_not_whole(backend):
    table = backend.parse_text(page(2) + b"x\n", "maps", strict=False)
    assert "⚠ bad_line: " in words(table)


def test_diff_shows_what_each_owner_grew_by():
    before = fast.parse_smaps_text(HEAP)
    after = fast.parse_smaps_text(HEAP.replace(b"Rss: 8 kB", b"Rss: 12 kB"))
    text = words(memc.diff(before, after))
    assert "malloc main heap|+4 KiB|" in text
    assert "|12 KiB|" in text
    assert "nothing changed" in words(memc.diff(before, before))


def test_growth_of_processes_names_them():
    system = memc.snapshot_all(detail="rss", skip_kernel=True)
    alone = memc.diff(system, memc.SystemSnapshot(0, (), ()))
    assert re.search(r"\|\d+ \S+.*?\|-[\d.]+ [KMG]iB\|", words(alone))


def test_nothing_of_it_is_loaded_before_a_notebook_asks():
    code = """if True:
        import sys, os, memc
        snap = memc.snapshot(os.getpid(), detail="smaps")
        snap.to_dict(), memc.diff(snap, snap).by("owner"), memc.freed(os.getpid())
        early = {m for m in sys.modules if m.startswith(("memc.human.html", "plotly"))}
        early |= {m for m in sys.modules if m.endswith(("picture", "pictures"))}
        assert not early, early
        snap._repr_html_()
        assert not any(m.startswith("plotly") for m in sys.modules)
    """
    subprocess.run([sys.executable, "-c", code], check=True, cwd="/")
