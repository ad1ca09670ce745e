"""A recording as a live view shows it: times, lines and details.

The recording is that of `support.recorded_hour`, or made for the case.
"""

import json
import re

import pytest
from support.recorded_hour import (
    BURST,
    END,
    KERNEL,
    LEAKER,
    MIN,
    SERVER,
    STEP,
    WORKER,
    make,
    rss_of_leaker,
)
from support.recordings import NOON, Made

from memc import load
from memc.errors import MemcError
from memc.files.recording.recording import Recording
from memc.targets.choice import Choice
from memc.top import panes
from memc.top.format import header
from memc.top.replay import RecordingSource
from memc.top.sums import gather
from memc.top.view import View

S = 1000


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return make(tmp_path_factory.mktemp("hour") / "hour.memc")


@pytest.fixture
def hour(path):
    source = RecordingSource(path)
    yield source
    source.close()


@pytest.fixture
def new(tmp_path):
    """Give a recording in the making, and what shows it once it is written."""
    made = Made(tmp_path / "new.memc")
    made.run(NOON)
    opened = []

    def shown(**options):
        made.flush()
        opened.append(RecordingSource(made.path, **options))
        return opened[-1]

    yield made, shown
    for source in opened:
        source.close()


def line_of(tell, pid):
    (line,) = [line for line in tell.lines if line.pid == pid]
    return line


def at(source, t_ms):
    source.go(str(t_ms))
    return source.look()


def test_begins_at_the_end(hour):
    tell = hour.look()
    assert (tell.t_ms, tell.begin_ms, tell.end_ms) == (END, NOON, END)
    assert not tell.is_live
    assert hour.is_at_end
    assert {line.pid for line in tell.lines} == {LEAKER, SERVER, WORKER, KERNEL}


def test_begins_at_a_time(path):
    source = RecordingSource(path, at="+5m")
    assert source.look().t_ms == NOON + 5 * MIN
    assert not source.is_at_end
    source.close()


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("teatime", "expected a time such as"),
        ("+2h", "the recording goes from"),
        ("-2h", "+0s is its begin"),
    ],
)
def test_what_is_no_time_of_it_is_refused(path, hour, at, words):
    with pytest.raises(MemcError, match=re.escape(words)):
        RecordingSource(path, at=at)
    before = hour.look()
    with pytest.raises(MemcError, match=re.escape(words)):
        hour.go(at)
    assert hour.look() is before


MINUTES = (0, 1, 5, 20, 25, 29.9, 30, 42, 55, 60)


@pytest.mark.parametrize("minute", MINUTES)
def test_lines_have_what_the_recording_has(path, hour, minute):
    tell = at(hour, NOON + int(minute * MIN))
    with Recording(path) as recording:
        system = recording.at(tell.t_ms).system()
    assert len(tell.lines) == len(system.processes)
    for process in system.processes:
        line, snap = line_of(tell, process.pid), process.snapshot
        totals = snap.totals
        assert (line.name, line.cgroup) == (process.name, process.cgroup or "")
        assert line.rss_kb == snap.total_rss_kb
        assert line.anon_kb == totals["rss_anon_kb"]
        assert line.file_kb == totals["rss_file_kb"]
        assert line.shmem_kb == totals["rss_shmem_kb"]
        assert line.swap_kb == totals["swap_kb"]
        assert line.is_kernel == (process.pid == KERNEL)


def test_line_tells_where_a_process_belongs(hour):
    tell = hour.look()
    server, worker = line_of(tell, SERVER), line_of(tell, WORKER)
    assert (server.service, server.cgroup) == (
        "web.service",
        "/system.slice/web.service",
    )
    assert worker.ppid == SERVER
    leaker = line_of(tell, LEAKER)
    assert (leaker.service, leaker.container) == ("leaker", "")
    assert leaker.cmdline == "/usr/bin/leaker --secret"
    assert line_of(tell, SERVER).user == "root"


def test_history_is_that_of_five_minutes_before(hour):
    t_ms = NOON + 15 * MIN
    line = line_of(at(hour, t_ms), LEAKER)
    times = [t_ms - 5 * S * back for back in reversed(range(60))]
    assert line.history == [rss_of_leaker(ms // STEP * STEP) for ms in times]
    assert line.rate_kb_min == pytest.approx(6000, rel=0.02)


def test_history_begins_with_the_process(hour):
    line = line_of(at(hour, NOON + 21 * MIN), BURST)
    assert line.history == [None] * 47 + [500_000] * 13
    assert line.rate_kb_min == 0


def test_history_has_a_hole_where_there_was_a_gap(hour):
    line = line_of(at(hour, NOON + 43 * MIN), LEAKER)
    known = [kb is not None for kb in line.history]
    # A look of each 10 s; the gap is of 2 min, and so of 23 points between its ends.
    assert known == [True] * 24 + [False] * 23 + [True] * 13


def test_regions_are_counted_where_owners_were_read(hour):
    tell = hour.look()
    assert line_of(tell, LEAKER).regions == 20
    assert line_of(tell, WORKER).regions is None


def test_machine_is_told(new):
    made, shown = new
    made.tick(NOON, machine=(16_000, 9_000, 0, 0, 0, 0, 0))
    made.tick(NOON + S, machine=(16_000, 8_000, 0, 0, 0, 20_000, 0))
    tell = shown().look()
    assert (tell.total_kb, tell.available_kb) == (16_000, 8_000)
    assert tell.psi_some == pytest.approx(2.0)
    assert tell.own_cpu == pytest.approx(0.0001)  # a look costs 1000 ns there


def test_pressure_is_that_of_ten_seconds(new):
    """The kernel counts it every two seconds: that of one could be above 100 %."""
    made, shown = new
    for second, waited_us in enumerate([0, 0, 1_500_000]):
        made.tick(NOON + second * S, machine=(16_000, 9_000, 0, 0, 0, waited_us, 0))
    assert shown().look().psi_some == pytest.approx(75.0)


def test_faults_are_those_since_the_look_before(new):
    made, shown = new
    still, busy = made.start(NOON, 10), made.start(NOON, 11)
    made.tick(NOON, {still: {}, busy: {"minflt": 100, "majflt": 1}})
    made.segment(NOON + S, passed_ms=S)
    made.tick(NOON + S, {still: {"minflt": 7}, busy: {"minflt": 200, "majflt": 3}})
    made.tick(NOON + 2 * S, {busy: {"minflt": 201, "majflt": 3}})
    source = shown()
    assert line_of(source.look(), 11).faults_s == 1
    source.step(-1)
    assert line_of(source.look(), 11).faults_s == 102
    assert line_of(source.look(), 10).faults_s is None
    source.step(-1)
    assert line_of(source.look(), 11).faults_s is None


def test_names_are_escaped(new):
    made, shown = new
    evil = made.start(NOON, 10, b"\x1b[2Jx\xff", cmdline="a\x07", cgroup="/\u202eb")
    made.tick(NOON, {evil: {"rss_kb": 5}}, held={evil: {"heap\x1b": 5}})
    source = shown()
    line = line_of(source.look(), 10)
    texts = line.name, line.cmdline, line.cgroup, line.service
    assert texts == ("\\x1b[2Jx\\xff", "a\\x07", "/\\u202eb", "\\x1b[2Jx\\xff")
    assert source.details(line).owners[0].name == "heap\\x1b"


def test_key_stays_while_a_process_runs_another_program(new):
    made, shown = new
    shell = made.start(NOON, 10, b"sh")
    made.tick(NOON, {shell: {"rss_kb": 1000}})
    program = made.exec(NOON + 5 * S, shell, b"java")
    made.tick(NOON + 5 * S, {program: {"rss_kb": 9000}})
    source = shown()
    after = line_of(source.look(), 10)
    assert (after.name, after.rss_kb) == ("java", 9000)
    assert after.history[-2:] == [None, 9000]  # of this program alone
    before = line_of(at(source, NOON), 10)
    assert (before.name, before.rss_kb, before.key) == ("sh", 1000, after.key)


def test_key_changes_when_a_pid_is_used_again(new):
    made, shown = new
    old = made.start(NOON, 10, b"old")
    made.tick(NOON, {old: {"rss_kb": 9}})
    made.end(NOON + S, old)
    young = made.start(NOON + S, 10, b"young", start_ticks=99)
    made.tick(NOON + S, {young: {"rss_kb": 7}})
    source = shown()
    after, before = line_of(source.look(), 10), line_of(at(source, NOON), 10)
    assert (before.name, after.name) == ("old", "young")
    assert after.key != before.key
    assert [kb for kb in after.history if kb is not None] == [7]
    assert "ended" in source.details(after).note  # it is not there at this time
    source.go("-0s")
    source.look()
    assert "ended" in source.details(before).note


def test_who_is_over_a_limit_is_warned_of_until_it_is_under(new):
    made, shown = new
    fat = made.start(NOON, 10, b"fat")
    made.tick(NOON, {fat: {}})
    limit = '{"limit":"max-rss","value_kb":1100000,"most_kb":1048576}'
    made.event(NOON + S, "over", limit, process=fat)
    made.tick(NOON + S)
    made.event(NOON + 2 * S, "under", limit, process=fat)
    made.tick(NOON + 2 * S)
    source = shown()
    told = [line_of(at(source, NOON + i * S), 10).warning for i in range(3)]
    assert told == ["", "over --max-rss 1.00G", ""]
    tell = at(source, NOON + S)
    assert tell.event.endswith("fat 10 over --max-rss 1.00G")


CHOICES = {
    "named": ({"name": re.compile("leak")}, {LEAKER}),
    "of a pid": ({"pids": [SERVER]}, {SERVER}),
    "of a tree": ({"trees": [SERVER]}, {SERVER, WORKER}),
    "of a group": ({"cgroups": ["web.service"]}, {SERVER, WORKER}),
    "of a user": ({"uids": [1000]}, {LEAKER}),
    "of nobody": ({"uids": [4321]}, set()),
}


@pytest.mark.parametrize(("given", "pids"), CHOICES.values(), ids=CHOICES)
def test_only_those_that_are_chosen_are_shown(path, given, pids):
    choice = Choice()
    for name, value in given.items():
        setattr(choice, name, value)
    source = RecordingSource(path, choice)
    assert {line.pid for line in source.look().lines} == pids
    source.close()


def test_details_tell_owners_and_their_age(hour):
    tell = at(hour, NOON + 15 * MIN)
    found = hour.details(line_of(tell, LEAKER))
    assert found.age_s == 60  # owners were read at each second minute
    rss = rss_of_leaker(NOON + 14 * MIN)
    amounts = [(owner.name, owner.rss_kb, owner.swap_kb) for owner in found.owners]
    assert amounts == [
        ("malloc main heap", rss - 20_000, 0),
        ("library text", 20_000, 0),
    ]
    heap, text = found.owners
    assert heap.history[-1] == rss - 20_000
    assert heap.rate_kb_min > 0 == text.rate_kb_min
    assert found.note == ""
    assert "regions were not recorded" in found.no_regions
    told = panes.regions(found, 80, 5)
    assert "regions were not recorded" in told[0][0][0]


def test_details_have_the_regions_that_were_recorded_last(new, tmp_path):
    made, shown = new
    number = made.start(NOON, 10)
    text = tmp_path / "smaps"
    text.write_text("1000-2000 rw-p 0 08:01 7 /tmp/\x1bevil\nRss: 4 kB\nSwap: 8 kB\n")
    owners = {"private file": 4}
    usage, frames = {number: {"rss_kb": 4}}, {number: load(text)}
    made.tick(NOON, usage, held={number: owners}, frames=frames)
    made.tick(NOON + 2 * S)
    source = shown()
    found = source.details(line_of(source.look(), 10))
    (region,) = found.regions
    told = region.start, region.end, region.perms, region.pathname
    assert told == (0x1000, 0x2000, "rw-p", "/tmp/\\x1bevil")
    assert (region.rss_kb, region.swap_kb) == (4, 8)
    assert region.owner
    assert found.note == ""
    assert found.age_s == 2


def test_details_say_why_there_are_none(hour):
    found = hour.details(line_of(hour.look(), WORKER))
    assert not found.owners
    assert "owners were not recorded" in found.note


def test_details_of_what_has_no_memory_say_so(hour):
    tell = hour.look()
    assert "no memory of its own" in hour.details(line_of(tell, KERNEL)).note
    group = gather(tell.lines, key=-1, name="all")
    assert "a group" in hour.details(group).note


def test_saved_document_is_that_of_the_time(path, hour):
    tell = at(hour, NOON + 15 * MIN)
    line = line_of(tell, LEAKER)
    one, every = json.loads(hour.save(line)), json.loads(hour.save(None))
    with Recording(path) as recording:
        moment = recording.at(tell.t_ms)
        assert one == moment.snapshot(LEAKER).to_dict()
        assert every == moment.system().to_dict()


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_position_fits_and_says_the_time(hour, width):
    hour.go("+20m")
    text = "".join(part for part, _ in hour.position(width))
    assert len(text) <= width
    assert re.match(r"\[replay .*\d\d:\d\d:\d\d", text[:40])


def test_position_has_a_map_with_the_gap_and_the_place(hour):
    hour.go("+20m")
    text = "".join(part for part, _ in hour.position(100))
    assert "20 min of 1 h" in text
    assert re.search(r"gap \d\d:\d\d-\d\d:\d\d\]", text)
    drawn = text[text.index("▕") + 1 : -1]
    assert drawn.index("●") == len(drawn) // 3
    assert "─" in drawn[drawn.index("●") :]


def test_a_gap_within_a_second_has_one_time(new):
    made, shown = new
    made.run(NOON, interval_ms=100)
    for after_ms in (0, 100, 700, 800):
        made.tick(NOON + after_ms)
    text, _ = shown().position(80)[0]
    assert re.search(r"gap \d\d:\d\d:\d\d\]", text)


def text_of_header(tell, width=100):
    lines = header(tell, View(), width)
    return "\n".join("".join(part for part, _ in line) for line in lines)


def test_header_tells_the_machine_and_the_event_near(new):
    made, shown = new
    fat = made.start(NOON, 10, b"fat")
    made.tick(NOON, {fat: {"rss_kb": 5}})
    made.event(NOON + S, "note", '{"text":"deploy 42"}')
    made.tick(NOON + S)
    text = text_of_header(shown().look())
    assert "1 process" in text
    assert "RSS 5K" in text
    assert re.search(r"event \d\d:\d\d:\d\d note: deploy 42", text)


def test_header_tells_the_gap_and_no_amount_of_it(hour):
    text = text_of_header(at(hour, NOON + 41 * MIN))
    assert re.match(r"nothing was recorded from [\d:]{8} to [\d:]{8} \(late\)", text)
    assert "RSS" not in text
