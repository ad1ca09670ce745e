"""How memory went in a span of a recording, beside a slow second way to tell it."""

import time

import pytest
from support import recorded_hour
from support.cases import cases
from support.recorded_hour import BURST, END, LEAKER, MIN, STEP, rss_of_leaker
from support.recordings import NOON, Made
from support.report_trees import check, paths

from memc.errors import MemcError
from memc.files.recording import course
from memc.files.recording.recording import Recording
from memc.report import timeline
from memc.report.document import Asked
from memc.report.span import at, lived_in, span
from memc.targets.choice import Choice
from memc.targets.recorded import Recorded

S = 1000


@pytest.fixture(scope="module")
def hour(tmp_path_factory):
    return recorded_hour.make(tmp_path_factory.mktemp("hour") / "hour.memc")


def recorded(path, *pids):
    choice = Choice()
    choice.paths = choice.recordings = [str(path)]
    choice.pids = [*pids]
    return Recorded(str(path), choice)


def document(path, *pids, begin_ms=None, end_ms=None, **asked):
    found = recorded(path, *pids)
    with found.recording:
        whole = found.span()
        times = begin_ms or whole[0], end_ms or whole[1]
        return span(found, times, lived_in(found, *times), Asked(**asked))


def slow_course(path, times, step_ms, of):
    """Tell the sums at each tick from the processes that lived then."""
    lines = {}
    with Recording(path) as recording:
        ticks = [row.t_ms for row in recording.sql("select t_ms from tick")]
        for t_ms in ticks:
            if not times[0] <= t_ms <= times[1]:
                continue
            sums = {}
            for process in recording.at(t_ms).system().processes:
                if process.pid in of and process.snapshot.same_memory_as is None:
                    totals = process.snapshot.totals
                    kb = process.snapshot.total_rss_kb or 0
                    kb += totals.get("hugetlb_kb") or 0
                    sums[of[process.pid]] = sums.get(of[process.pid], 0) + kb
            for name in {*of.values()}:
                line = lines.setdefault(name, {})
                step = t_ms // step_ms * step_ms
                line[step] = max(line.get(step, 0), sums.get(name, 0))
    return lines


SERVICES = {100: "leaker", 200: "web.service", 201: "web.service", 300: "burst"}
# begin, end, pids, names, why
COURSES = [
    (NOON, END, (), SERVICES, "all of it"),
    (NOON + 7 * MIN, END - 50 * S, (), SERVICES, "a part of it"),
    (NOON + 22 * MIN, NOON + 26 * MIN, (), SERVICES, "within a life"),
    (NOON, END, (200, 201), {200: "200 server", 201: "201 worker"}, "of one service"),
    (NOON, END, (300,), {300: "300 burst"}, "one process"),
]


@cases(COURSES, why=4)
def test_lines_are_the_largest_sums_of_each_step(hour, case):
    begin_ms, end_ms, pids, of, _ = case
    made = document(hour, *pids, begin_ms=begin_ms, end_ms=end_ms)
    series = made["series"]
    slow = slow_course(hour, (begin_ms, end_ms), series["step_ms"], of)
    assert {*series["names"]} == {*of.values()}
    for name, line in zip(series["names"], series["kb"], strict=True):
        known = [slow[name].get(t_ms) for t_ms in series["t_ms"]]
        assert line == known, name
    peaks = [max(filter(None, line)) for line in series["kb"]]
    assert peaks == sorted(peaks, reverse=True)


def test_lines_of_one_process_are_its_owners(hour):
    series = document(hour, LEAKER)["series"]
    assert series["names"] == ["malloc main heap", "library text"]
    heap, text = (dict(zip(series["t_ms"], line, strict=True)) for line in series["kb"])
    assert {*text.values()} == {20_000, None}
    for minute in (0, 10, 38, 44, 60):  # a step in which they are read
        t_ms = NOON + minute * MIN
        assert heap[t_ms] == rss_of_leaker(t_ms) - 20_000
    assert heap[NOON + 41 * MIN] is None
    assert heap[NOON + 45 * MIN] == heap[NOON + 44 * MIN]


def test_owners_before_they_were_read_are_not_known(hour):
    series = document(hour, 200)["series"]
    assert series["names"] == ["thread stack"]
    (line,) = series["kb"]
    at_ms = dict(zip(series["t_ms"], line, strict=True))
    assert (at_ms[NOON], at_ms[NOON + MIN]) == (None, 50_000)


def test_gap_has_no_lines_and_is_told(hour):
    made = document(hour)
    assert made["gaps"] == [[NOON + 40 * MIN, NOON + 42 * MIN, "late"]]
    series = made["series"]
    inside = [
        [line[i] for line in series["kb"]]
        for i, t_ms in enumerate(series["t_ms"])
        if NOON + 40 * MIN < t_ms < NOON + 42 * MIN
    ]
    assert inside
    assert {kb for kbs in inside for kb in kbs} == {None}
    assert any("gap" in words for words in made["how"])


def test_maps_are_of_six_times_and_add_up(hour):
    made = document(hour)
    times = [NOON + part * 12 * MIN for part in range(6)]
    assert [tree["t_ms"] for tree in made["trees"]] == times
    for tree in made["trees"]:
        check(tree)
        found = paths(tree)
        assert found["leaker"] == rss_of_leaker(tree["t_ms"])
    last = paths(made["trees"][-1])
    assert last["leaker/100 leaker/library text"] == 20_000
    assert last["leaker/100 leaker/malloc main heap"] == rss_of_leaker(END) - 20_000
    assert last["web.service/201 worker"] == 20_000
    assert made["numbers"][0]["value_kb"] == made["trees"][-1]["kb"][0]
    assert made["levels"] == ["service", "process", "owner"]


def test_map_at_a_time_in_a_gap_is_of_its_end(hour):
    begin_ms = NOON + 41 * MIN
    made = document(hour, begin_ms=begin_ms)
    assert made["trees"][0]["t_ms"] == NOON + 42 * MIN


def test_what_grew_has_a_rate_and_points(hour):
    made = document(hour)
    leaker, *rest = [row for row in made["grew"] if row["owner"] is None]
    assert not rest
    grew_kb = rss_of_leaker(END) - rss_of_leaker(NOON)
    assert (leaker["name"], leaker["pid"]) == ("leaker", LEAKER)
    assert leaker["after_kb"] - leaker["before_kb"] == leaker["per_hour_kb"] == grew_kb
    assert len(leaker["points"]) == 24
    assert leaker["points"][0] == 100_000
    assert None in leaker["points"]  # in the gap
    heap, *rest = [row for row in made["grew"] if row["owner"]]
    assert not rest
    assert heap["owner"] == "malloc main heap"
    assert heap["points"][-1] == heap["after_kb"] == rss_of_leaker(END) - 20_000


def test_the_most_is_told_with_its_tick(hour):
    highest = document(hour)["numbers"][1]
    leaker_kb = rss_of_leaker(NOON + 25 * MIN)
    assert highest["value_kb"] == 1_070_000 + leaker_kb
    assert highest["note"] == f"at {in_utc(NOON + 25 * MIN)}"


def in_utc(t_ms):
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(t_ms // 1000))


def test_times_are_utc_where_the_local_time_is_another(hour, monkeypatch):
    with monkeypatch.context() as changed:
        changed.setenv("TZ", "XXX-05:00")
        time.tzset()
        made = document(hour)
        found = recorded(hour)
        with found.recording:
            one = at(found, NOON + 25 * MIN, Asked())
    time.tzset()
    assert made["numbers"][1]["note"] == f"at {in_utc(NOON + 25 * MIN)}"
    assert one["title"].endswith(f" at {in_utc(NOON + 25 * MIN)}")
    (told,) = [words for words in made["how"] if "compared from" in words]
    assert " UTC on: " in told


def test_events_are_of_those_that_are_meant(hour):
    events = document(hour, BURST)["series"]["events"]
    assert [(event["kind"], event["text"]) for event in events] == [
        ("started", "300 burst"),
        ("ended", "300 burst: last RSS 100 KiB"),
    ]


def made_up(path, fill, *, ticks=61, interval_ms=1000):
    made = Made(path)
    made.run(NOON, interval_ms=interval_ms)
    fill(made)
    made.close(NOON + (ticks - 1) * interval_ms)
    return str(path)


def test_many_short_lives_are_not_added_up(tmp_path):
    """A process a second, each with 100 MB: there is 100 MB at any time."""

    def fill(made):
        number = None
        for tick in range(3601):
            t_ms = NOON + tick * S
            if number is not None:
                made.end(t_ms, number)
            number = made.start(t_ms, 1000 + tick, b"cc1", start_ticks=tick)
            made.tick(t_ms, {number: {"rss_kb": 100_000}})

    made = document(made_up(tmp_path / "x.memc", fill, ticks=3601))
    assert made["series"]["step_ms"] > S
    assert {*made["series"]["kb"][0]} == {100_000}
    assert made["numbers"][1]["value_kb"] == 100_000


def test_pages_of_hugetlb_count_and_shared_memory_once(tmp_path):
    def fill(made):
        one, other = made.start(NOON, 1), made.start(NOON, 2, b"child")
        made.beside(NOON, one, hugetlb_kb=2048)
        for tick in range(61):
            usage = {} if tick else {one: {"rss_kb": 100}, other: {"rss_kb": 100}}
            if tick == 30:
                made.beside(NOON + 30 * S, other, same_memory_as=1)
            made.tick(NOON + tick * S, usage)

    path = made_up(tmp_path / "x.memc", fill)
    made = document(path)
    lines = dict(zip(made["series"]["names"], made["series"]["kb"], strict=True))
    assert {*lines["prog"]} == {2148}
    at_ms = dict(zip(made["series"]["t_ms"], lines["child"], strict=True))
    assert (at_ms[NOON], at_ms[NOON + 40 * S]) == (100, 0)
    assert paths(made["trees"][-1])["prog/1 prog"] == 2148


def test_very_many_rows_are_looked_at_in_buckets(tmp_path, monkeypatch):
    """The largest amounts and the last ones stay exact, for a process by itself."""

    def fill(made):
        number = made.start(NOON, 1)
        for tick in range(3601):
            if tick and tick % 600 == 0:
                made.segment(NOON + tick * S, passed_ms=600 * S)
            kb = 100 + tick * 7919 % 1000
            made.tick(NOON + tick * S, {number: {"rss_kb": kb}})

    path = made_up(tmp_path / "x.memc", fill, ticks=3601)
    with Recording(path) as recording:
        span_of = NOON, NOON + 3600 * S, MIN
        exact = recording.course(*span_of, {1: 0})
        monkeypatch.setattr(course, "MANY", 10)
        thinned = recording.course(*span_of, {1: 0})
    assert exact.times_ms == thinned.times_ms
    assert thinned.kb == exact.kb
    assert thinned.most_kb == exact.most_kb
    assert (exact.is_thinned, thinned.is_thinned) == (False, True)


def test_map_of_one_process_that_is_left_says_so(tmp_path):
    def fill(made):
        one, other = made.start(NOON, 1), made.start(NOON, 2, b"child")
        made.tick(NOON, {one: {"rss_kb": 100}, other: {"rss_kb": 100}})
        made.end(NOON + S, other)
        made.tick(NOON + 60 * S, {one: {"rss_kb": 100}})

    made = document(made_up(tmp_path / "x.memc", fill))
    assert made["trees"][0]["label"][0] == "2 processes"
    assert made["trees"][-1]["label"][0] == "1 process"


def test_others_are_one_line(tmp_path):
    def fill(made):
        numbers = [made.start(NOON, i, b"p%d" % i) for i in range(1, 13)]
        for tick in range(3):
            usage = {n: {"rss_kb": 1000 * i} for i, n in enumerate(numbers, 1)}
            made.tick(NOON + tick * S, {} if tick else usage)

    series = document(made_up(tmp_path / "x.memc", fill, ticks=3))["series"]
    assert series["names"] == [*(f"p{i}" for i in range(12, 4, -1)), "others"]
    assert series["kb"][-1][0] == 10_000


# seconds, interval in ms, step in ms, why
LENGTHS = [
    (60, 1000, 2 * S, "a step has a tick, also if one is late"),
    (3600, 1000, 5 * S, "an hour"),
    (86_400, 1000, 2 * MIN, "a day that begins within a minute"),
    (86_000, 1000, MIN, "not a day"),
    (7 * 86_400, 1000, 10 * MIN, "a week"),
    (60, 60_000, 2 * MIN, "a slow recorder"),
    (4 * 365 * 86_400, 1000, 2 * 86_400 * S, "years"),
]


@cases(LENGTHS, why=3)
def test_steps_are_1440_at_most(case):
    length_s, interval_ms, expected, _ = case
    begin_ms = NOON + 30 * S
    step_ms = timeline.step_of(begin_ms, begin_ms + length_s * S, interval_ms)
    assert step_ms == expected
    first, last = begin_ms // step_ms, (begin_ms + length_s * S) // step_ms
    assert last - first + 1 <= 1440


def test_events_of_a_busy_day_are_the_ones_that_matter(tmp_path):
    def fill(made):
        number = made.start(NOON, 1)
        for tick in range(400):
            made.event(NOON + tick * S, "under", process=number)
        made.event(NOON + 399 * S, "oom")
        made.tick(NOON, {number: {"rss_kb": 1}})
        made.tick(NOON + 400 * S)

    made = document(made_up(tmp_path / "x.memc", fill, ticks=401))
    kinds = [event["kind"] for event in made["series"]["events"]]
    assert len(kinds) == 300
    assert kinds.count("oom") == 1
    assert "started" not in kinds
    assert any("102 more events" in words for words in made["how"])


def test_owners_that_were_not_read_yet_did_not_grow(tmp_path):
    """They are compared from the time on at which they had been read."""

    def fill(made):
        number = made.start(NOON, 1)
        for tick in range(101):
            held = {number: {"heap": 900 if tick < 90 else 950}} if tick >= 10 else {}
            made.tick(NOON + tick * S, {number: {"rss_kb": 1000}}, held=held)

    made = document(made_up(tmp_path / "x.memc", fill, ticks=101))
    (heap,) = made["grew"]
    assert (heap["owner"], heap["before_kb"], heap["after_kb"]) == ("heap", 900, 950)
    assert any("Owners are compared from" in words for words in made["how"])


def test_owners_that_were_hardly_read_are_not_compared(hour):
    made = document(hour, 201)
    assert [row for row in made["grew"] if row["owner"]] == []
    assert any("too few processes" in words for words in made["how"])


def test_one_time_is_told_as_live_processes_are(hour):
    found = recorded(hour)
    with found.recording:
        made = at(found, NOON + 25 * MIN, Asked())
    (tree,) = made["trees"]
    check(tree)
    assert made["kind"] == "snapshot"
    assert made["measure"] == "rss"
    assert paths(tree)["burst/300 burst"] == 1_000_000
    assert made["numbers"][0]["value_kb"] == tree["kb"][0]
    assert (made["host"], made["kernel"]) == ("host", "6.1")


def test_time_in_a_gap_is_an_error(hour):
    found = recorded(hour)
    with found.recording, pytest.raises(MemcError, match="gap"):
        at(found, NOON + 41 * MIN + STEP, Asked())
