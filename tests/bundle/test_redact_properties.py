"""What stays the same when a document is made fit for strangers."""

import json
import os
import re
from itertools import pairwise

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from support.corpus import captures
from support.redacting import (
    KEY,
    MARK,
    disowned,
    document_of,
    members,
    redact,
    told,
    unmarked,
)

import memc
from memc.bundle.check import offences
from memc.bundle.relayout import CUT, is_fixed
from memc.owners import owners
from memc.table.json_text import dumps

OTHER = b"another key"
PATHS = pytest.mark.parametrize(
    "path", [pytest.param(one.values[1], id=one.id) for one in captures()]
)
MIB, GIB, TIB = 1 << 20, 1 << 30, 1 << 40
BELOW = {"deadline": None, "max_examples": 150}


@pytest.fixture
def loaded(tmp_path):
    """Give a function: what memc reads back of a document."""

    def load(document):
        file = tmp_path / "x.json"
        file.write_bytes(dumps(document))
        return memc.load(file, strict=True)

    return load


def snapshots(path):
    if not os.path.getsize(path):
        return []
    found = memc.load(path)
    return found if isinstance(found, list) else [found]


def pairs(path):
    """Yield the regions of each process in a capture, and its document."""
    for snap in snapshots(path):
        if len(snap):
            yield snap, document_of(snap)


def facts(found):
    return [(owner.owner, owner.why, owner.guess) for owner in found]


@PATHS
def test_owners_are_found_again_without_the_names(path, loaded):
    for snap, document in pairs(path):
        (new,) = redact(document)
        stored = [
            tuple(row[key] for key in ("owner", "why", "guess"))
            for row in new["regions"]
        ]
        assert stored == facts(owners(snap))
        again = owners(loaded(disowned(new)))
        assert facts(again) == stored
        assert [told(o.label) for o in again] == [
            row["label"] for row in new["regions"]
        ]


@PATHS
def test_nothing_of_a_capture_is_outside_of_the_vocabulary(path):
    for _, document in pairs(path):
        for strict in (False, True):
            new = redact(document, strict=strict)
            form = "strict" if strict else "safe"
            assert offences(members(new, {"form": form})) == []


@PATHS
def test_what_was_hidden_once_changes_but_in_pseudonyms(path):
    for _, document in pairs(path):
        once = redact(document)
        twice = redact(*once, key=OTHER)
        assert unmarked(once) == unmarked(twice)


@PATHS
def test_two_keys_share_no_pseudonym_and_one_key_makes_the_same(path):
    for _, document in pairs(path):
        first, again, other = (
            json.dumps(redact(document, key=key)) for key in (KEY, KEY, OTHER)
        )
        assert first == again
        assert not {*MARK.findall(first)} & {*MARK.findall(other)}


@PATHS
def test_no_address_survives_that_is_not_the_same_everywhere(path):
    for _, document in pairs(path):
        text = json.dumps(redact(document))
        numbers = {*map(int, re.findall(r"\d+", text))}
        numbers |= {int(one, 16) for one in re.findall(r"0x([0-9a-f]+)", text)}
        assert {*loose(document)} & numbers == set()


def loose(document):
    """Yield the addresses above 36 GiB but those of runs at fixed places."""
    last, fixed = 0, True
    for row in document["regions"]:
        start, end = (int(row[key], 16) for key in ("start", "end"))
        fixed = is_fixed(start) or (fixed and start - last < CUT)
        if not fixed:
            yield from (start, end)
        last = end


def later(document, step):
    """Return a document of the same process some time later."""
    new = json.loads(json.dumps(document))
    new["timestamp_ms"] = step
    rows = new["regions"]
    for i, row in enumerate(rows):
        above = int(rows[i + 1]["start"], 16) if i + 1 < len(rows) else None
        end = int(row["end"], 16)
        if i % 3 == 0 and above is not None and above - end >= 64 << 10:
            row["end"] = hex(end + (64 << 10))
            row["size_kb"] += 64
        if "rss_kb" in row and i % 4 == 1 and row["rss_kb"] is not None:
            row["rss_kb"] += 8
    kept = [row for i, row in enumerate(rows) if i % 11 != 10]
    new["regions"], new["region_count"] = kept, len(kept)
    return new


@PATHS
def test_a_diff_finds_the_same_changes(path, loaded):
    for _, document in pairs(path):
        document["timestamp_ms"] = 1
        samples = [document, later(document, 60_000)]
        before = [loaded(disowned(sample)) for sample in samples]
        after = [loaded(disowned(sample)) for sample in redact(*samples)]
        old, new = memc.diff(*before), memc.diff(*after)
        assert [change.kind for change in new] == [change.kind for change in old]
        for name in ("rss", "size"):
            assert new.growth(name) == old.growth(name)


names = st.sampled_from(
    ["", "", "", "[heap]", "[stack]", "/x/libann.so", "/usr/lib/libz.so", "[anon:ann]"]
)
gaps = st.sampled_from([0, 0, 0, 4096, 8192, MIB, 40 * MIB, GIB, 100 * GIB, 3 * TIB])
sizes = st.sampled_from([4096, 8192, 132 << 10, MIB, 2 * MIB, 64 * MIB, GIB])
perms = st.sampled_from(["rw-p", "---p", "r-xp", "r--p", "rw-s"])
firsts = st.sampled_from([0x400000, 40 * GIB, 0xC000000000, 3 * TIB, 0x55CBC4243000])
shapes = st.tuples(
    firsts, st.lists(st.tuples(gaps, sizes, perms, names), min_size=1, max_size=24)
)


def made(shape):
    at, rows = shape
    regions = []
    for gap, size, perm, name in rows:
        start = at + gap
        at = start + size
        row = {"start": hex(start), "end": hex(at), "type": "unknown", "perm": perm}
        row |= {"size_kb": size >> 10} | ({"pathname": name} if name else {})
        regions.append(row)
    return {"pid": 1, "timestamp_ms": 5, "region_count": len(rows), "regions": regions}


def ends(document):
    return [(int(row["start"], 16), int(row["end"], 16)) for row in document["regions"]]


@given(shapes)
@settings(**BELOW)
def test_order_sizes_and_what_touches_what_stay(shape):
    document = made(shape)
    (new,) = redact(document)
    old, moved = ends(document), ends(new)
    assert moved == sorted(moved)
    assert [b - a for a, b in old] == [b - a for a, b in moved]
    touching, still = (
        [below[1] == above[0] for below, above in pairwise(spans)]
        for spans in (old, moved)
    )
    assert touching == still
    assert offences(members([new])) == []


@given(shapes)
@settings(**BELOW)
def test_what_was_laid_once_stays_there(shape):
    once = redact(made(shape))
    assert unmarked(redact(*once, key=OTHER)) == unmarked(once)


@given(shapes, st.integers(1, 1 << 18))
@settings(**BELOW)
def test_where_the_kernel_put_a_process_does_not_show(shape, steps):
    """It does in the multiples that rules look for, so those stay."""
    rows = shape[1]
    first = 0x55CBC4243000
    here, there = (made((at, rows)) for at in (first, first + steps * 64 * MIB))
    assert redact(here) == redact(there)
