"""What a stranger sees: each text and number of a bundle; no terminal is harmed."""

import json

import pytest
from support import zips
from support.zips import MEMBERS, OWNED, document, lines, region, zipped

from memc.bundle.seen import seen
from memc.cli.bundle.text import text
from memc.errors import FormatError
from memc.files.bundle import open_bundle

EVIL = "/home/\x1b]0;owned\x07\u202egpj.exe"


def opened(*documents, **more):
    data = zipped(MEMBERS | {"samples.ndjson": lines(*documents)} | more)
    return open_bundle(data, "x")


def strings(value):
    """Yield every text in a document, keys too."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
    elif isinstance(value, str):
        yield value


def test_every_text_of_every_place_is_seen():
    one = document(0, region(pathname="/a/b", odd="odd text", **OWNED))
    whole = {
        "timestamp_ms": 0,
        "process_count": 1,
        "skipped": 1,
        "processes": [{"pid": 7, "name": "n", "cgroup": "/g", "snapshot": one}],
        "skipped_processes": [{"pid": 8, "name": "s", "reason": "denied"}],
        "extra": {"deep": ["deep text"]},
    }
    found = seen(opened(whole), "x")
    told = {t for kind in found["texts"].values() for t in kind} | {*found["keys"]}
    assert {*strings(whole)} - told == {"0x1000", "0x2000"}
    assert found["addresses"] == 2
    assert found["texts"]["paths"] == {"/a/b": 1}
    assert found["texts"]["names of processes"] == {"n": 1, "p-abcdefgh": 1, "s": 1}
    assert found["numbers"]["pid"] == [7, 8]


def test_a_member_that_is_no_json_is_told_with_its_place():
    with pytest.raises(FormatError, match=r"x: samples\.ndjson") as caught:
        seen(opened(document(), **{"samples.ndjson": b"{}\n{\n"}), "x")
    assert caught.value.line == 2


@pytest.mark.parametrize("machine", [b"[1]", b'"x"', b"7"])
def test_a_machine_that_is_no_object_is_told(machine):
    with pytest.raises(FormatError, match="expected an object at line 1"):
        seen(opened(document(), **{"machine.json": machine}), "x")


@pytest.mark.parametrize("width", [None, 20, 40, 80, 200])
def test_lines_fit_and_harm_no_terminal(width):
    evil = document(0, region(pathname=EVIL, **{"\x1b[2J": EVIL}, **OWNED))
    more = {"manifest.json": zips.manifest(note=EVIL, rules={EVIL: 3, "y": EVIL})}
    more["machine.json"] = json.dumps({EVIL: [{"a": [1, EVIL]}, 3], "b": {}}).encode()
    shown = text(seen(opened(evil, **more), "x"), width)
    rows = shown.split("\n")
    assert all(row.isprintable() for row in rows)
    assert "\\x1b" in shown
    assert width is None or max(map(len, rows)) <= width


def test_a_label_that_is_a_path_is_told_once():
    rows = region(pathname="/a", **OWNED | {"label": "/a"}), region(0x9000, **OWNED)
    shown = text(seen(opened(document(0, *rows)), "x"), None)
    assert "labels of owners" not in shown
    assert shown.count("/a\n") == 1
