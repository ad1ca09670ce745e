"""The document of a diff: the same as the command prints, for the same files."""

import json
import subprocess
import sys

import pytest
from support.text import page, record

import memc
from memc import fast

HEAP = record(0x1000, 0x3000, b"Rss: 8 kB", name=b"[heap]")
GROWN = record(0x1000, 0x4000, b"Rss: 12 kB", name=b"[heap]")
BOTH = {
    "grew and appeared": (HEAP, GROWN + record(0x5000, 0x6000, b"Rss: 4 kB")),
    "gone": (HEAP + record(0x5000, 0x6000), HEAP),
    "same": (HEAP, HEAP),
    "maps": (page(1), page(1) + page(2)),
    "hostile": (b"", record(0x1000, 0x2000, name=b"/x\x1b\xff")),
}
OF_FILES = ("before", "after", "skipped_processes", "notes")


@pytest.mark.parametrize("name", BOTH)
def test_document_is_what_the_command_prints(name, tmp_path):
    files = [tmp_path / "before", tmp_path / "after"]
    for file, text in zip(files, BOTH[name], strict=True):
        file.write_bytes(text or HEAP)
    argv = [sys.executable, "-m", "memc", "diff", *files, "--json", "--by", "region"]
    done = subprocess.run(argv, capture_output=True, check=False, cwd="/")
    printed = json.loads(done.stdout)
    made = memc.diff(*(memc.load(str(file)) for file in files)).to_dict()
    nameless = {"pid": None, "name": "", "file": None}
    for change in printed["changes"]:
        change.update(nameless)
    assert {key: made[key] for key in printed if key not in OF_FILES} == {
        key: printed[key] for key in printed if key not in OF_FILES
    }
    assert made["after"] == nameless | {"timestamp_ms": None, "processes": 1}


def test_changes_are_found_by_number_and_parts_of_the_document_by_name():
    diff = memc.diff(fast.parse_smaps_text(HEAP), fast.parse_smaps_text(GROWN))
    assert diff["change_count"] == 1
    assert diff["changes"][0]["rss_growth_kb"] == 4
    assert diff[0].kind == "grew"
    with pytest.raises(TypeError, match="expected a number"):
        diff["nothing"]
    assert json.loads(diff.to_json()) == dict(diff)


def test_note_says_whose_amounts_are_not_whole():
    table = fast.parse_smaps_text(HEAP + b"x\n", strict=False)
    notes = memc.diff(table, table).to_dict()["notes"]
    assert [note["code"] for note in notes] == ["bad_line"] * 2
