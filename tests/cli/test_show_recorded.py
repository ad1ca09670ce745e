"""``memc show`` of a recording: its processes at a time, and their owners."""

import json
import re

import pytest
from support import recorded_hour
from support.commands import COMMANDS
from support.recorded_hour import END, MIN, NOON, rss_of_leaker
from support.recordings import Made

import memc
from memc.files.recording.times import show_time

ONCE = COMMANDS["python"]
NAMES = {"leaker", "server", "worker"}
CHOSEN = [  # options, and the names of the processes that are shown by process
    ("", NAMES),
    ("--all", NAMES),
    ("--at +22m", NAMES | {"burst"}),
    ("--at -30m", NAMES),
    ("100 201", {"leaker", "worker"}),
    ("--name ^[sw]", {"server", "worker"}),
    ("--user 1000 --at +20m", {"leaker", "burst"}),
    ("--cgroup web.service", {"server", "worker"}),
    ("--tree 200", {"server", "worker"}),
    ("--match secret", {"leaker"}),
    ("200 --match secret", set()),
    ("--container abcd", set()),
]
MISSING = [  # options, and what is said
    ("999", "no process 999 was recorded"),
    ("300", "process 300 did not live at"),
    ("2", "process 2 kthreadd: it had no memory"),
    ("--name nobody", "no process with a name that matches 'nobody'"),
    ("--at -2h", "the recording goes from"),
    ("--at +41m", "there is a gap from"),
    ("--path heap", "memc record --regions keeps them; --by process works"),
    ("100 --by region", "no regions were recorded"),
    ("201 --by owner", "no owners were recorded"),
]


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return recorded_hour.make(tmp_path_factory.mktemp("show") / "hour.memc")


def show(file, *options):
    result = ONCE("show", file, *options, "--json")
    assert result.status == 0, result.err
    return json.loads(result.out)


@pytest.mark.parametrize(("options", "names"), CHOSEN)
def test_pids_and_tests_choose_in_the_recording(file, options, names):
    result = ONCE("show", file, *options.split(), "--by", "process", "--json")
    if not names:
        assert result.status == 1
        return
    assert {group["name"] for group in json.loads(result.out)["groups"]} == names


@pytest.mark.parametrize(("options", "words"), MISSING)
def test_what_is_not_there_is_told(file, options, words):
    result = ONCE("show", file, *options.split())
    assert words in result.err.decode()
    assert (result.status, result.out) == (1, b"")


def test_a_recording_without_a_time_is_its_end_by_process(file):
    found = show(file)
    assert found["by"] == "process"
    assert found["recorded"] == [{"file": file, "at_ms": END}]
    rss = {group["pid"]: group["rss_kb"] for group in found["groups"]}
    assert rss == {100: rss_of_leaker(END), 200: 50_000, 201: 20_000}


def test_what_was_not_recorded_is_unknown_and_never_0(file):
    (group,) = show(file, "200", "--by", "process", "--wide")["groups"]
    assert (group["swap_kb"], group["size_kb"]) == (100, 80_000)
    unknown = {"pss_kb", "private_kb", "peak_rss_kb", "regions", "page_tables_kb"}
    assert {group[name] for name in unknown} == {None}
    table = ONCE("show", file, "200", "--by", "process", "--columns", "pss,rss").out
    assert table.decode().splitlines()[1].split() == ["-", "48.8M"]


def test_a_pid_is_shown_by_owner_with_the_age(file):
    at_ms = NOON + 33 * MIN
    result = ONCE("show", file, "100", "--at", str(at_ms // 1000))
    assert f"{file}: its owners are those of 60 s before" in result.err.decode()
    lines = result.out.decode().splitlines()
    assert lines[0].split() == ["RSS", "SWAP", "SIZE", "REGIONS", "OWNER"]
    assert lines[-1] == f"{file} at {show_time(at_ms)}"
    found = show(file, "100", "--at", str(at_ms // 1000))
    held = recorded_hour.owners_of_leaker(rss_of_leaker(at_ms - MIN))
    amounts = "rss_kb", "size_kb", "swap_kb", "regions"
    assert {
        group["owner"]: {name: group[name] for name in amounts}
        for group in found["groups"]
    } == held
    (note,) = found["notes"]
    assert (note["code"], note["count"]) == ("as_of", MIN)


def test_owners_are_found_in_an_earlier_segment(file):
    found = show(file, "200")
    assert [group["owner"] for group in found["groups"]] == ["thread stack"]
    assert found["notes"][0]["text"] == "its owners are those of 59 min before"


def test_a_pid_whose_owners_were_never_read_is_shown_as_a_whole(file):
    for pids in (["201"], ["100", "201"]):
        assert show(file, *pids)["by"] == "process"


def test_owners_of_all_say_whom_they_leave_out(file):
    result = ONCE("show", file, "--by", "owner", "--json")
    assert {group["owner"] for group in json.loads(result.out)["groups"]} == {
        *("malloc main heap", "library text", "thread stack"),
    }
    words = "left out: 1 process with 19.5 MiB of RSS, whose owners were not recorded"
    assert words in result.err.decode()


def test_a_span_shows_the_end_and_the_growth(file):
    found = show(file, "--since", "10m", "--sort", "growth")
    growth = {group["pid"]: group["growth_kb"] for group in found["groups"]}
    assert growth == {100: 60_000, 200: 0, 201: 0}


def test_a_frame_is_shown_as_any_snapshot(tmp_path):
    snap = memc.load(_smaps(tmp_path))
    snap.timestamp_ms = NOON + 40 * MIN
    file = recorded_hour.make(tmp_path / "frames.memc", frames={40: snap})
    found = show(file, "100", "--by", "region", "--at", "+40m")
    (region,) = found["groups"]
    assert (region["start"], region["rss_kb"]) == ("0x400000", 4)
    assert show(file, "100", "--at", "+40m")["groups"][0]["pss_kb"] == 4
    later = show(file, "100", "--at", "+43m")  # its owners were read again
    assert later["groups"][0]["owner"] == "malloc main heap"
    kept = show(file, "100", "--at", "-1s", "--by", "path")
    assert [group["path"] for group in kept["groups"]] == ["/usr/bin/leaker"]


def _smaps(folder):
    path = folder / "smaps.txt"
    path.write_text(
        "00400000-00402000 r-xp 00000000 08:01 7 /usr/bin/leaker\n"
        "Size: 8 kB\nRss: 4 kB\nPss: 4 kB\nPrivate_Clean: 4 kB\nPrivate_Dirty: 0 kB\n"
        "Swap: 0 kB\n"
    )
    return str(path)


def test_words_of_live_risks_do_not_stand_before_a_recorded_pid(file):
    assert "risks" not in show(file, "100")


@pytest.fixture
def odd(tmp_path):
    """Give a recording with pages of hugetlb, and a child that shares all memory."""
    made = Made(tmp_path / "odd.memc")
    made.run(NOON)
    one, two = made.start(NOON, 10, b"parent"), made.start(NOON, 11, b"child", ppid=10)
    beside = made.store.segment, one, NOON, 2048, None
    made.store.batch.add("_beside", beside)
    made.store.batch.add("_beside", (made.store.segment, two, NOON, 0, 10))
    made.tick(NOON, {one: {"rss_kb": 100}, two: {}})
    made.close(NOON)
    return made.path


def test_hugetlb_and_a_shared_memory_are_told_as_of_the_living(odd):
    parent, child = show(odd)["groups"]
    assert (parent["rss_kb"], parent["hugetlb_kb"]) == (100, 2048)
    assert (child["pid"], child["same_memory_as"], child["rss_kb"]) == (11, 10, None)
    table = ONCE("show", odd).out.decode()
    assert "11 child has the memory of 10, and is counted there" in table
    result = ONCE("check", odd, "--max-rss", "0", "--json")
    (checked,) = json.loads(result.out)["checked"]
    assert (checked["value_kb"], checked["hugetlb_kb"]) == (2148, 2048)


@pytest.mark.parametrize("form", ["--csv", "--json", "--wide"])
@pytest.mark.parametrize("by", ["owner", "process", "user", "cgroup,owner", "name"])
def test_every_form_shows_a_recording(file, form, by):
    result = ONCE("show", file, "--by", by, form)
    assert result.status in (0, 1)
    assert re.search(r"\d", result.out.decode()) or b"tells no" in result.err
