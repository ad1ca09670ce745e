"""Every key in the table of keys: what it does on the screen."""

import json

import pytest
from support.crowd_tells import Crowd, Replay
from support.top_pilot import on_screen

from memc.top.keys import KEYS, REPLAY
from memc.top.view import GROUPS, SORTS


def _at(screen):
    return screen.top.at


# For each action: keys before it, then what is to be seen after it.
async def up(screen, press):
    await screen.keys("down", "down")
    await press()
    assert _at(screen) == 1


async def down(screen, press):
    before = screen.selected
    await press()
    assert _at(screen) == 1
    assert screen.selected != before


async def page_up(screen, press):
    await screen.keys("end")
    await press()
    assert _at(screen) == len(screen.top.rows) - 1 - screen.top.page


async def page_down(screen, press):
    await press()
    assert _at(screen) == screen.top.page > 3


async def home(screen, press):
    await screen.keys("down", "pagedown")
    await press()
    assert _at(screen) == 0


async def end(screen, press):
    await press()
    assert _at(screen) == len(screen.top.rows) - 1
    assert screen.selected


async def pane(screen, press):
    assert screen.top.focused is screen.top.list
    await press()
    assert screen.top.focused is screen.top.pane
    assert screen.top.title_line.selected == 0  # which is seen by its background
    await press()
    assert screen.top.focused is screen.top.list
    assert screen.top.title_line.selected is None


async def find(screen, press):
    await press()
    await screen.type("redis")
    assert "redis-server" in screen.selected
    await screen.keys("enter")
    assert "find" in screen.foot
    assert "redis-server" in screen.selected


async def find_next(screen, press):
    await screen.keys("slash")
    await screen.type("java")
    await screen.keys("enter")
    first = screen.selected
    await press()
    assert "java" in screen.selected != first
    for _ in range(3):
        await press()
    assert screen.selected == first  # there are four, and it goes round


async def filter_(screen, press):
    await press()
    await screen.type("JAVA|redis")
    await screen.keys("enter")
    assert {*screen.names} == {"java", "redis-server"}
    assert '"JAVA|redis"' in screen.text


async def user(screen, press):
    await press()
    assert {*screen.names} == {"postgres"}
    await press()
    assert len({*screen.names}) > 5


async def kernel(screen, press):
    screen.top.source.lines[5].is_kernel = True
    await screen.look()
    before = screen.names.count("redis-server")
    await press()
    assert screen.names.count("redis-server") == before + 1


async def commands(screen, press):
    await press()
    assert "/usr/bin/postgres --worker 0" in screen.selected
    await press()
    assert "--worker" not in screen.selected


async def tree(screen, press):
    await press()
    assert "├─ postgres" in screen.text
    await press()
    assert "├─" not in screen.text


async def group(screen, press):
    seen = []
    for _ in GROUPS:
        await press()
        seen.append(screen.top.view.by)
    assert seen == [*GROUPS[1:], GROUPS[0]]


async def group_back(screen, press):
    await press()
    assert screen.top.view.by == GROUPS[-1]


async def sort(screen, press):
    await press()
    assert screen.top.view.sort == SORTS[1]


async def sort_back(screen, press):
    await press()
    assert screen.top.view.sort == SORTS[-1]


async def invert(screen, press):
    before = screen.names
    await press()
    assert screen.names[-1] == before[0]
    assert "▲RSS" in screen.text


def sorts_by(name, title):
    async def check(screen, press):
        await screen.keys("greater_than_sign", "i")
        await press()
        assert screen.top.view.sort == name
        assert title in screen.text

    return check


async def owners(screen, press):
    await screen.keys("r")
    assert "shared memory" not in screen.text.split("PATH")[0]
    await press()
    assert "postgres 1234: owners (read 2 s ago" in screen.text
    assert "malloc main heap" in screen.text
    await press()
    assert screen.top.focused is screen.top.pane


async def regions(screen, press):
    await press()
    assert "postgres 1234: regions" in screen.text
    assert "7f0000000000 r-xp" in screen.text
    await press()
    assert "postgres 1234: owners" in screen.text


async def diff(screen, press):
    await press()
    assert "changes since 14:03:0" in screen.text
    assert "CHANGE" in screen.text
    screen.top.source.lines[0].rss_kb += 1024
    await screen.look()
    assert "+1." in screen.selected
    await press()
    assert "changes since" not in screen.text


async def mark(screen, press):
    await press()
    assert "1 marked" in screen.text
    assert _at(screen) == 1
    await screen.keys("up")
    await press()
    assert "marked" not in screen.text


async def unmark(screen, press):
    await screen.keys("m", "m")
    assert "2 marked" in screen.text
    await press()
    assert "marked" not in screen.text


async def save(screen, press):
    await press()
    assert "save 1234 to" in screen.foot
    await screen.keys("enter")
    assert "saved in memc-1234.json" in screen.foot
    with open("memc-1234.json", "rb") as file:  # noqa: ASYNC230
        assert json.load(file) == {"made": "up"}
    assert ("save", 1234) in screen.top.source.calls


async def back(screen, press):
    await screen.keys("d", "u", "f4")
    await screen.type("x")
    await press()
    assert "show only" not in screen.foot
    assert {*screen.names} == {"postgres"}
    await press()
    assert "only" not in screen.text
    await press()
    assert "changes since" not in screen.text


def moves(*call):
    async def check(screen, press):
        await press()
        assert call in screen.top.source.calls
        assert screen.top.source.calls[-2:] != [call]  # and then it looks there

    return check


async def go(screen, press):
    await press()
    assert "go to" in screen.foot
    await screen.type("14:05")
    await screen.keys("enter")
    assert ("go", "14:05") in screen.top.source.calls
    await press()
    await screen.type("never")
    await screen.keys("enter")
    assert "expected a time" in screen.foot


async def play(screen, press):
    await press()
    assert "[replay 14:03:05" in screen.text
    assert ("play", 1) in screen.top.source.calls
    await press()
    assert ("play", 0) in screen.top.source.calls


async def faster(screen, press):
    await press()
    await press()
    assert screen.top.source.speed == 2
    for _ in range(9):
        await press()
    assert screen.top.source.speed == 60


async def slower(screen, press):
    await screen.keys("plus", "plus")
    await press()
    await press()
    assert screen.top.source.speed == 1


async def pause(screen, press):
    await press()
    assert "[paused]" in screen.text
    looks = screen.top.source.calls.count("look")
    screen.top.beat()
    await screen.settle()
    assert screen.top.source.calls.count("look") == looks
    await press()
    assert "[live]" in screen.text
    assert screen.top.source.calls.count("look") == looks + 1


async def help_(screen, press):
    await press()
    assert "go to a name or command line" in screen.text
    assert "Move" in screen.text
    await screen.keys("end")
    assert "end memc top" in screen.text
    await screen.keys("escape")
    assert "postgres" in screen.text


async def quit_(screen, press):
    await press()
    assert screen.top.return_value == 0


CHECKS = {
    "up": up,
    "down": down,
    "page_up": page_up,
    "page_down": page_down,
    "home": home,
    "end": end,
    "pane": pane,
    "find": find,
    "find_next": find_next,
    "user": user,
    "kernel": kernel,
    "commands": commands,
    "tree": tree,
    "group": group,
    "group_back": group_back,
    "sort": sort,
    "sort_back": sort_back,
    "invert": invert,
    "owners": owners,
    "regions": regions,
    "diff": diff,
    "mark": mark,
    "unmark": unmark,
    "save": save,
    "back": back,
    "go": go,
    "play": play,
    "faster": faster,
    "slower": slower,
    "pause": pause,
    "filter": filter_,
    "help": help_,
    "quit": quit_,
    "sort_rss": sorts_by("rss", "▼RSS"),
    "sort_swap": sorts_by("swap", "▼SWAP"),
    "sort_growth": sorts_by("growth", "▼Δ/min"),
    "sort_name": sorts_by("name", "▲NAME"),
    "sort_pid": sorts_by("pid", "▲PID"),
    "tick": moves("step", 1),
    "tick_back": moves("step", -1),
    "minute": moves("move", 60_000),
    "minute_back": moves("move", -60_000),
    "hour": moves("move", 3_600_000),
    "hour_back": moves("move", -3_600_000),
    "event": moves("event", 1),
    "event_back": moves("event", -1),
}
EVERY = [(key, name) for key in KEYS for name in key.keys]


@pytest.mark.parametrize(
    ("key", "name"), EVERY, ids=[f"{key.action}-{name}" for key, name in EVERY]
)
def test_each_key_does_what_its_words_say(key, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TZ", "UTC")

    async def steps(screen):
        async def press():
            await screen.keys(name)

        await CHECKS[key.action](screen, press)

    source = Replay() if key.only == REPLAY else Crowd()
    on_screen(source, steps, size=(140, 30))
