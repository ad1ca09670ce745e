"""Moving in a recording that is shown: by looks, minutes, events, and by itself.

::

    second    0  1  2  3        10 11 12     13 14
    looks     |  |  |  |   gap  |  |  |      |  |
    segment   1                          2
"""

import pytest
from support.recordings import NOON, Made

from memc.errors import MemcError
from memc.top.keys import KEYS, REPLAY
from memc.top.replay import RecordingSource
from memc.top.replay_keys import ACTIONS

S = 1000
LOOKS = (0, 1, 2, 3, 10, 11, 12, 13, 14)
OVER = '{"limit":"max-rss","value_kb":110,"most_kb":100}'


class Clock:
    def __init__(self):
        self.now_s = 50.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def made(tmp_path):
    made = Made(tmp_path / "moves.memc")
    made.run(NOON)
    number = made.start(NOON, 10)
    for second in LOOKS:
        t_ms = NOON + second * S
        if second == 13:
            made.segment(t_ms, passed_ms=13 * S)
        if second == 10:
            made.gap(t_ms, "suspended", 7 * S)
        if second in (2, 12):
            made.event(t_ms, "over", OVER, process=number)
        made.tick(t_ms, {number: {"rss_kb": 100 + second}})
    made.flush()
    return made


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def source(made, clock):
    source = RecordingSource(made.path, at="+0s", clock=clock)
    yield source
    source.close()


def second(source):
    return (source.look().t_ms - NOON) / S


def test_each_look_is_stepped_on_forth_and_back(source):
    found = [second(source)]
    for _ in LOOKS[1:]:
        source.step(1)
        found.append(second(source))
    assert tuple(found) == LOOKS
    assert source.is_at_end
    source.step(1)
    assert (second(source), source.look().notes) == (14, ["this is the end"])
    back = []
    for _ in LOOKS[1:]:
        source.step(-1)
        back.append(second(source))
    assert tuple(back) == LOOKS[-2::-1]
    source.step(-1)
    assert (second(source), source.look().notes) == (0, ["this is the begin"])


MOVES = {
    "some looks at once": (0, lambda s: s.step(5), 11),
    "more looks than there are": (11, lambda s: s.step(50), 14),
    "a time": (0, lambda s: s.move(2500), 2.5),
    "a time back": (13, lambda s: s.move(-2000), 11),
    "over a gap": (2, lambda s: s.move(3000), 10),
    "over a gap back": (11, lambda s: s.move(-3000), 3),
    "beyond the end": (2, lambda s: s.move(3_600_000), 14),
    "before the begin": (11, lambda s: s.move(-3_600_000), 0),
    "an event": (0, lambda s: s.event(1), 2),
    "an event back": (12, lambda s: s.event(-1), 10),
    "some events": (0, lambda s: s.event(3), 12),
    "more events than there are": (0, lambda s: s.event(9), 12),
    "no event": (12, lambda s: s.event(1), 12),
    "a time of a gap": (0, lambda s: s.go("+5s"), 5),
    "out of a gap": (5, lambda s: s.step(1), 10),
    "out of a gap back": (5, lambda s: s.step(-1), 3),
}


@pytest.mark.parametrize(("begin", "move", "end"), MOVES.values(), ids=MOVES)
def test_move_goes_there(source, begin, move, end):
    source.go(f"+{begin}s")
    move(source)
    assert second(source) == end
    assert source.is_at_end == (end == 14)


def test_time_in_a_gap_has_no_lines_but_the_gap(source):
    source.go("+5s")
    tell = source.look()
    assert tell.lines == []
    assert (tell.gap.begin_ms, tell.gap.end_ms) == (NOON + 3 * S, NOON + 10 * S)
    assert tell.gap.why == "suspended"
    with pytest.raises(MemcError, match="there is a gap"):
        source.save(None)


def test_gap_that_was_passed_is_told_until_the_next_move(source):
    source.go("+3s")
    source.move(S)
    (words,) = source.look().notes
    assert words.startswith("passed over a gap from")
    assert "suspended" in words
    assert source.look().notes == [words]
    source.move(S)
    assert source.look().notes == []


def test_words_of_a_foreign_recording_are_escaped(tmp_path):
    made = Made(tmp_path / "evil.memc")
    made.run(NOON)
    number = made.start(NOON, 10)
    made.tick(NOON, {number: {}})
    made.gap(NOON + 9 * S, "\x1b[2J", 9 * S)
    made.event(NOON + 9 * S, "note", '{"text":"\\u001b[3J"}')
    made.tick(NOON + 9 * S)
    made.flush()
    source = RecordingSource(made.path, at="+4s")
    tell = source.look()
    assert tell.gap.why == "\\x1b[2J"
    source.move(1)
    tell = source.look()
    assert "\\x1b[2J" in tell.notes[0]
    assert "\\x1b[3J" in tell.event
    assert "\x1b" not in f"{tell.notes}{tell.event}"
    source.close()


def test_playing_goes_with_the_time(source, clock):
    source.play(1)
    assert second(source) == 0
    clock.now_s += 1.5
    assert second(source) == 1.5
    source.play(2)
    clock.now_s += 0.5
    assert second(source) == 2.5
    source.play(0)
    clock.now_s += 9
    assert second(source) == 2.5


def test_playing_passes_over_gaps_and_stops_at_the_end(source, clock):
    source.go("+3s")
    source.play(60)
    assert "60x" in source.position(80)[0][0]
    clock.now_s += 0.05
    assert second(source) == 10
    clock.now_s += 9
    assert second(source) == 14
    assert source.speed == 0


@pytest.mark.parametrize(("asked", "speed"), [(-1, 0), (1, 1), (60, 60), (1000, 60)])
def test_speed_has_bounds(source, asked, speed):
    source.play(asked)
    assert source.speed == speed


def test_a_step_stops_it(source, clock):
    source.play(1)
    source.step(1)
    clock.now_s += 10
    assert second(source) == 1


def test_without_other_events_those_of_processes_count(tmp_path):
    made = Made(tmp_path / "quiet.memc")
    made.run(NOON)
    number = made.start(NOON, 10)
    for at in range(5):
        if at == 2:
            made.start(NOON + at * S, 11)
        if at == 3:
            made.end(NOON + at * S, number)
        made.tick(NOON + at * S)
    made.flush()
    source = RecordingSource(made.path, at="+0s")
    found = []
    for step in (1, 1, 1, -1, -1):
        source.event(step)
        found.append(second(source))
    assert found == [2, 3, 3, 2, 0]
    source.close()


def test_selected_process_that_ends_is_there_until_then(source, made):
    number = made.start(NOON + 15 * S, 11)
    made.tick(NOON + 15 * S, {number: {}})
    made.end(NOON + 16 * S, number)
    made.tick(NOON + 16 * S)
    made.flush()
    source.go("+15s")
    assert [line.pid for line in source.look().lines] == [10, 11]
    source.step(1)
    assert [line.pid for line in source.look().lines] == [10]
    source.step(-1)
    assert [line.pid for line in source.look().lines] == [10, 11]


def test_clock_that_was_set_back_hides_no_later_look(tmp_path):
    made = Made(tmp_path / "back.memc")
    made.run(NOON)
    number = made.start(NOON, 10)
    for at in range(10):
        made.tick(NOON + at * S, {number: {"rss_kb": at}})
    made.segment(NOON + 5 * S, passed_ms=10 * S)
    for at in range(10, 15):
        made.tick(NOON + (at - 5) * S, {number: {"rss_kb": at}})
    made.flush()
    source = RecordingSource(made.path, at="+4s")
    amounts = []
    for _ in range(7):
        amounts.append(source.look().lines[0].rss_kb)
        source.step(1)
    assert amounts == [4, 10, 11, 12, 13, 14, 14]
    source.close()


def test_each_key_of_a_recording_has_an_action():
    asked = {key.action for key in KEYS if key.only == REPLAY} - {"go"}
    assert asked == ACTIONS.keys()


PRESSED = {
    "looks": ("tick tick tick_back", 1),
    "a minute ends at the end": ("minute", 14),
    "an hour back ends at the begin": ("hour hour_back", 0),
    "events": ("event event event_back", 2),
}


@pytest.mark.parametrize(("actions", "end"), PRESSED.values(), ids=PRESSED)
def test_actions_move(source, actions, end):
    for action in actions.split():
        ACTIONS[action](source)
    assert second(source) == end


SPED = {
    "play": 1,
    "play play": 0,
    "play faster": 2,
    "faster": 1,
    "slower": 0,
    "faster faster faster slower": 2,
    "play slower": 1,
    "play" + 9 * " faster": 60,
}


@pytest.mark.parametrize(("actions", "speed"), SPED.items(), ids=SPED)
def test_actions_play(source, actions, speed):
    for action in actions.split():
        ACTIONS[action](source)
    assert source.speed == speed
