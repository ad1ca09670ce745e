"""A recording in the application itself: what its keys show on the screen."""

import pytest
from support.recordings import NOON, Made
from support.top_pilot import on_screen

from memc.top.replay import RecordingSource

S, MIN = 1000, 60_000


@pytest.fixture
def source(tmp_path):
    made = Made(tmp_path / "day.memc")
    made.run(NOON, interval_ms=10 * S)
    fat = made.start(NOON, 10, b"fat")
    thin = made.start(NOON, 11, b"thin")
    for at in range(0, 120 * MIN + 1, 10 * S):
        if 40 * MIN < at < 50 * MIN:
            continue
        if at == 50 * MIN:
            made.gap(NOON + at, "suspended", 10 * MIN)
        if at == 30 * MIN:
            made.event(NOON + at, "note", '{"text":"deploy 42"}')
        if at == 90 * MIN:
            made.end(NOON + at, thin)
        usage = {fat: {"rss_kb": 1000 + at // MIN}}
        if at == 0:
            usage[thin] = {"rss_kb": 7}
        made.tick(NOON + at, usage, held={fat: {"heap": 900}} if at == 0 else {})
    made.flush()
    return RecordingSource(made.path, at="+60m")


# Keys, and what is on the screen after them.
SEEN = {
    "begin": ("", ["1 h of 2 h", "fat", "thin", "heap", "gap "]),
    "look": ("j", ["1 h 10 s of 2 h"]),
    "minute back": ("left_square_bracket", ["59 min of 2 h"]),
    "hour": ("right_curly_bracket", ["2 h of 2 h"]),
    "over a gap": (
        "left_square_bracket " * 11,
        ["40 min of 2 h", "passed over a gap", "suspended"],
    ),
    "event back": ("E E", ["30 min of 2 h", "deploy 42"]),
    "event": ("left_curly_bracket e", ["30 min of 2 h", "note: deploy 42"]),
    "time": ("colon plus 7 0 m enter", ["1 h 10 min of 2 h"]),
    "time in a gap": ("colon plus 4 5 m enter", ["nothing was recorded from"]),
    "no time": ("colon x enter", ["expected a time such as"]),
    "regions": ("r", ["regions were not recorded"]),
}


@pytest.mark.parametrize(("keys", "words"), SEEN.values(), ids=SEEN)
def test_keys_show_another_time(source, keys, words):
    async def steps(screen):
        await screen.keys(*keys.split())
        for word in words:
            assert word in screen.text

    on_screen(source, steps, size=(120, 24))


def test_selected_process_that_ended_meanwhile_is_shown_as_ended(source):
    async def steps(screen):
        await screen.keys("down")
        assert "thin" in screen.selected
        await screen.keys("right_curly_bracket")
        assert "thin [ended]" in screen.selected
        await screen.keys("left_curly_bracket")
        assert "thin" in screen.selected
        assert "[ended]" not in screen.selected

    on_screen(source, steps, size=(120, 24))


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (200, 60)])
def test_time_is_in_the_first_line_of_any_size(source, size):
    async def steps(screen):
        assert screen.lines[0].startswith("[replay ")
        assert "▕" in screen.lines[0]

    on_screen(source, steps, size=size)
