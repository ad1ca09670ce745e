"""What the target does while it is read: each at a fixed place of the reading."""

from itertools import pairwise
from pathlib import Path

import orjson
import pytest
from support import children
from support.tracer import Reader
from support.words import ENDED, torn

pytestmark = pytest.mark.kernel

DETAIL = pytest.mark.parametrize("detail", ["maps", "smaps"])


def kill(child):
    """Kill and leave a zombie."""
    child.kill()
    children.wait_for_end(child.pid)


def reap(child):
    child.kill()
    child.wait()


def options(detail):
    return ["--smaps", "--compact"] if detail == "smaps" else ["--compact"]


@pytest.fixture
def changer():
    with children.script("changer") as child:
        yield child


@DETAIL
@pytest.mark.parametrize("end", [kill, reap])
def test_list_that_ends_early_is_never_passed_off_as_whole(memc, changer, detail, end):
    whole = Path(f"/proc/{changer.pid}/{detail}").read_bytes()
    with Reader(memc, changer.pid, *options(detail)) as reader:
        reader.run_until(f"/proc/{changer.pid}/{detail}", position=1)
        end(changer)
        status, out, err = reader.finish()
    assert (status, err) == (0, b"")
    document = orjson.loads(out)
    assert document["notes"] == [{"code": "cut", "count": 1, "text": ENDED}]
    starts = [
        int(line.split(b"-")[0], 16) for line in whole.split(b"\n") if b"-" in line
    ]
    found = [int(region["start"], 16) for region in document["regions"]]
    assert 0 < len(found) < len(starts)
    assert found == starts[: len(found)]
    assert (document["total_rss_kb"], document["total_vsize_kb"]) == (None, None)


@DETAIL
def test_process_that_calls_exec_is_read_again(memc, changer, detail):
    path = Path(f"/proc/{changer.pid}/maps")
    before = path.read_text().split("-")[0]
    with Reader(memc, changer.pid, *options(detail)) as reader:
        reader.run_until(f"/proc/{changer.pid}/{detail}", position=1)
        children.tell(changer, "exec")
        status, out, err = reader.finish()
    assert (status, err) == (0, b"")
    document = orjson.loads(out)
    starts = [int(line.split("-")[0], 16) for line in path.read_text().splitlines()]
    assert [int(region["start"], 16) for region in document["regions"]] == starts
    assert starts[0] != int(before, 16)
    assert "notes" not in document
    assert document["total_rss_kb"] > 0


@DETAIL
def test_process_that_ends_before_its_list_is_opened_is_gone(memc, changer, detail):
    with Reader(memc, changer.pid, *options(detail)) as reader:
        reader.run_until(f"/proc/{changer.pid}")
        reap(changer)
        status, out, err = reader.finish()
    expected = f"memc: process {changer.pid}: ended while it was read\n".encode()
    assert (status, out, err) == (1, b"", expected)


@DETAIL
def test_zombie_found_in_place_of_a_process_is_empty_and_whole(memc, changer, detail):
    with Reader(memc, changer.pid, *options(detail)) as reader:
        reader.run_until(f"/proc/{changer.pid}")
        kill(changer)
        status, out, err = reader.finish()
    words = f"process {changer.pid}: has no memory: it has ended and is a zombie"
    assert (status, err.decode()) == (0, f"memc: {words}\n")
    document = orjson.loads(out)
    assert (document["regions"], "notes" in document) == ([], False)


@DETAIL
def test_regions_that_merge_behind_the_reader_are_repaired_and_noted(
    memc, changer, detail
):
    text = Path(f"/proc/{changer.pid}/{detail}").read_bytes()
    stripes = [
        i for i in range(len(text)) if text.startswith(b" rw-p 00000000 00:00 0 \n", i)
    ]
    middle = stripes[len(stripes) // 2]
    with Reader(memc, changer.pid, *options(detail)) as reader:
        reader.run_until(f"/proc/{changer.pid}/{detail}", position=middle)
        children.tell(changer, "merge")
        status, out, err = reader.finish()
    assert (status, err) == (0, b"")
    document = orjson.loads(out)
    (note,) = document["notes"]
    assert tuple(note.values()) == torn(note["count"])
    assert note["count"] > 10
    places = [(int(r["start"], 16), int(r["end"], 16)) for r in document["regions"]]
    assert all(end <= start for (_, end), (start, _) in pairwise(places))
    assert max(end - start for start, end in places) >= 100 * 4096
