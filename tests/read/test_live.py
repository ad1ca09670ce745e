"""A live, stopped process with every kind of mapping, against independent readings.

The reader changes map counts: a page of libc that only the target had becomes shared.
So every field is compared on a copy of the target's files; of the live ones only what
map counts do not touch.
"""

import os
from pathlib import Path

import orjson
import psutil
import pytest
from support import children, documents, oracle
from support.children import vm_size_kb
from support.tables import rows
from support.trees import PAGE_KB

from memc.errors import ProcessGone

pytestmark = pytest.mark.kernel

DETAIL = pytest.mark.parametrize("detail", ["maps", "smaps"])
PLACE = ("start", "end", "perm", "offset", "dev_major", "dev_minor", "inode")
STEADY = (*PLACE, "pathname", "type", "size_kb", "rss_kb", "anonymous_kb", "swap_kb")
# What of psutil's tuple, in bytes, is what field of ours.
PSUTIL = {"rss": "rss_kb", "anonymous": "anonymous_kb", "swap": "swap_kb"}
PSUTIL_PRIVATE = {
    **PSUTIL,
    "pss": "pss_kb",
    "shared_clean": "shared_clean_kb",
    "shared_dirty": "shared_dirty_kb",
    "private_clean": "private_clean_kb",
    "private_dirty": "private_dirty_kb",
    "referenced": "referenced_kb",
}
# type, how the name of a region of the target ends
NAMES = [
    ("mapped_file", "/with blank"),
    ("mapped_file", "/two  blanks"),
    ("mapped_file", "/ leading"),
    ("mapped_file", "/trailing "),
    ("mapped_file", "/new\nline"),
    ("mapped_file", "/ends in newline\n"),
    ("mapped_file", "/tab\there"),
    ("mapped_file", "/carriage\rreturn\r"),
    ("mapped_file", "/back\\slash"),
    ("mapped_file", "/lit\neral"),
    ("mapped_file", "/not utf-8 \udcff\udcfe\udcc3"),
    ("mapped_file", "/utf-8 é中😀\u2028"),
    ("mapped_file", "/faked (deleted)"),
    ("mapped_file", "/gone (deleted)"),
    ("mapped_file", "/gone (deleted) (deleted)"),
    ("mapped_file", "/renamed"),
    ("mapped_file", "/[heap]"),
    ("mapped_file", "/[vdso]"),
    ("mapped_file", "/x.so.d/a.sock"),
    ("mapped_file", "/ld.so.cache"),
    ("mapped_file", "/" + "x" * 255),
    ("shared_lib", "/libx.so"),
    ("shared_lib", "/lib x.so.1.2"),
    ("shared_lib", "/libgone.so.1 (deleted)"),
    ("shared_lib", "/memfd:jit.so (deleted)"),
    ("code", "/code"),
    ("anonymous", "/memfd:with blank (deleted)"),
    ("anonymous", "/memfd:new\nline (deleted)"),
    ("anonymous", "/memfd: (deleted)"),
    ("anonymous", "/memfd:x (deleted) (deleted)"),
    ("anonymous", "/dev/zero (deleted)"),
    ("anonymous", "/dev/zero"),
    ("heap", "[heap]"),
    ("stack", "[stack]"),
]


def only(regions, fields):
    return [{f: region[f] for f in fields if f in region} for region in regions]


def is_private_memory(region):
    kinds = {"anonymous", "heap", "stack"}
    return region["type"] in kinds and region["perm"].endswith("p")


@DETAIL
def test_every_field_of_every_region_is_what_the_file_says(backend, copy, detail):
    expected, changes = oracle.live(copy.files[detail])
    snap = backend.collect(copy.pid, detail, copy.proc)
    assert rows(snap) == expected
    assert (snap.notes, changes) == ((), 0)


@DETAIL
def test_the_command_prints_every_field_of_every_region(memc, copy, detail):
    regions, _ = oracle.live(copy.files[detail])
    smaps = detail == "smaps"
    result = memc(copy.pid, "--full", "--proc", copy.proc, *["--smaps"] * smaps)
    assert (result.status, result.err) == (0, b"")
    seen = dict.fromkeys(key for region in regions for key in region)
    unknown = [key for key in seen if key not in documents.KNOWN]
    expected = [
        documents.region(r, detail=detail, full=True, more=unknown) for r in regions
    ]
    shown = orjson.loads(result.out)["regions"]
    assert shown == expected
    assert [list(region) for region in shown] == [list(region) for region in expected]


@pytest.mark.parametrize(("kind", "ending"), NAMES)
def test_region_of_the_target_is_there_by_its_name(backend, copy, kind, ending):
    snap = backend.collect(copy.pid, "smaps", copy.proc)
    assert kind in {r.type for r in snap if r.pathname.endswith(ending)}


def test_memory_of_every_kind_is_there(backend, copy):
    snap = backend.collect(copy.pid, "smaps", copy.proc)
    nameless = {(r.type, r.perm) for r in snap if r.pathname == ""}
    assert {("code", "rwxp"), ("code", "r-xp"), ("anonymous", "---p")} <= nameless
    assert any(r.lazy_free_kb for r in snap)
    assert any("lo" in r.vm_flags for r in snap)
    assert any(r.pathname.startswith("/SYSV") for r in snap)


def test_live_smaps_is_what_an_independent_reading_says(backend, target):
    expected, _ = oracle.live(Path(f"/proc/{target}/smaps").read_bytes())
    found = rows(backend.collect(target, "smaps", "/proc"))
    assert only(found, STEADY) == only(expected, STEADY)
    private = [region for region in expected if is_private_memory(region)]
    assert private
    assert [region for region in found if is_private_memory(region)] == private


def test_live_maps_is_what_an_independent_reading_says(backend, target):
    expected, _ = oracle.read(Path(f"/proc/{target}/maps").read_bytes())
    assert rows(backend.collect(target, "maps", "/proc")) == expected


@DETAIL
def test_live_totals_are_measured(backend, target, detail):
    snap = backend.collect(target, detail, "/proc")
    resident = int(Path(f"/proc/{target}/statm").read_text().split()[1]) * PAGE_KB
    expected = sum(snap.columns["rss_kb"]) if detail == "smaps" else resident
    assert snap.total_rss_kb == expected
    assert snap.total_vsize_kb == vm_size_kb(target)


def test_psutil_says_the_same_of_the_live_process(backend, target):
    theirs = {m.addr: m for m in psutil.Process(target).memory_maps(grouped=False)}
    ours = rows(backend.collect(target, "smaps", "/proc"))
    assert [f"{r['start']:08x}-{r['end']:08x}" for r in ours] == list(theirs)
    for region, their in zip(ours, theirs.values(), strict=True):
        assert region["perm"] == their.perms
        fields = PSUTIL_PRIVATE if is_private_memory(region) else PSUTIL
        told = {field: getattr(their, name) // 1024 for name, field in fields.items()}
        assert only([region], told) == [told]


@DETAIL
def test_zombie_is_empty_and_whole(backend, detail):
    with children.zombie() as pid:
        snap = backend.collect(pid, detail, "/proc")
    assert (len(snap), snap.notes, snap.total_rss_kb) == (0, (), 0)


@DETAIL
def test_process_that_is_no_more_is_gone(backend, detail):
    pid = children.ended()
    with pytest.raises(ProcessGone, match=f"process {pid}: no such process") as caught:
        backend.collect(pid, detail, "/proc")
    assert caught.value.pid == pid
    assert isinstance(caught.value, ProcessLookupError)


@DETAIL
def test_this_very_process_can_be_read(backend, detail):
    here = id(marker := bytearray(b"somewhere in this process"))
    snap = backend.collect(os.getpid(), detail, "/proc")
    assert marker
    assert any(region.start <= here < region.end for region in snap)
    assert "[stack]" in list(snap.columns["pathname"])
