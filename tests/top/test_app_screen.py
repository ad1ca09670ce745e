"""memc top on screens of all sizes, with all that can be wrong with what it shows."""

import os

import pytest
from support.cases import cases
from support.crowd_tells import HOSTILE, Crowd
from support.top_pilot import on_screen

from memc.errors import MemcError
from memc.human.units import safe, width_of
from memc.top.colours import BACKGROUNDS, COLOURS

SIZES = [
    (40, 12, True, "narrow and low, with a pane"),
    (40, 11, False, "too low for a pane"),
    (80, 24, True, "as terminals begin"),
    (200, 60, True, "a whole screen"),
    (20, 4, False, "as small as it can be"),
]


@cases(SIZES, why=3)
def test_it_fits_the_screen(case):
    width, height, has_pane, _ = case

    async def steps(screen):
        assert [width_of(line) for line in screen.lines] == [width] * height
        assert "postgres" in screen.selected
        assert "3.21G" in screen.selected
        assert ("owners" in screen.text) is has_pane
        await screen.keys("end")
        assert screen.selected
        assert "40/40" in screen.foot

    on_screen(Crowd(), steps, size=(width, height))


@pytest.mark.parametrize("size", [(19, 24), (80, 3), (5, 2), (1, 1)])
def test_a_screen_that_is_too_small_says_so_until_it_grows(size):
    async def steps(screen):
        assert screen.text.startswith("a")  # "at least 20 columns, 4 lines"
        assert "postgres" not in screen.text
        await screen.keys("down", "f1", "escape", "f3", "escape")
        await screen.pilot.resize_terminal(80, 24)
        await screen.settle()
        assert "java" in screen.selected

    on_screen(Crowd(), steps, size=size)


def test_a_screen_may_change_its_size_at_any_time():
    async def steps(screen):
        await screen.keys("end", "tab")
        for size in ((40, 12), (200, 60), (40, 8), (120, 30)):
            await screen.pilot.resize_terminal(*size)
            await screen.settle()
            assert [width_of(line) for line in screen.lines] == [size[0]] * size[1]
            assert screen.selected
            assert "40/40" in screen.foot

    on_screen(Crowd(), steps)


def _luminance(colour):
    values = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    parts = [
        v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


@pytest.mark.parametrize("behind", BACKGROUNDS)
@pytest.mark.parametrize("kind", COLOURS)
def test_every_text_can_be_read(kind, behind):
    """WCAG 2.1, success criterion 1.4.3: a contrast of 4.5 : 1."""
    text, ground = COLOURS[kind].split()[-1], BACKGROUNDS[behind]
    dark, light = sorted((_luminance(text), _luminance(ground)))
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_no_color_leaves_no_colour(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")

    async def steps(screen):
        await screen.keys("down", "m", "f3")
        styles = [s.style for strip in screen.strips for s in strip if s.style]
        ours = {style for style in styles if style.color and not style.color.is_default}
        grounds = {s for s in styles if s.bgcolor and not s.bgcolor.is_default}
        assert (ours, grounds) == (set(), set())
        assert any(style.reverse for style in styles)  # the selected line
        assert ">" in screen.selected

    on_screen(Crowd(), steps)


@pytest.mark.parametrize("ended", ["selected", "another", "all"])
def test_a_process_may_end_while_it_is_selected(ended):
    async def steps(screen):
        await screen.keys("down", "down")
        pid = screen.selected.split()[1]
        key = screen.top.view.selected
        keys = {line.key for line in screen.top.source.lines}
        screen.top.source.ended = {
            "selected": {key},
            "another": {1},
            "all": keys,
        }[ended]
        screen.top.source.note = "it has ended"
        await screen.look()
        assert pid in screen.selected
        assert ("[ended]" in screen.text) is (ended != "another")
        assert "it has ended" in screen.text
        await screen.keys("s")
        assert screen.foot.startswith(" save all") is (ended != "another")
        await screen.keys("escape", "up")
        if ended == "selected":
            await screen.look()
            assert "[ended]" not in screen.text

    on_screen(Crowd(), steps)


def test_an_empty_list_is_no_trouble(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    async def steps(screen):
        for key in (
            *"duKtbBiMmUrs",
            "enter",
            "escape",
            "down",
            "end",
            "pagedown",
            "tab",
        ):
            await screen.keys(key)
        assert "0 processes" in screen.text

    on_screen(Crowd(0), steps)


def test_names_of_others_are_text_and_nothing_else():
    async def steps(screen):
        await screen.keys("end")
        text = screen.text
        assert "\x1b" not in text
        assert "\\x1b[2J" in text
        assert "[bold red]x[/] [@click=app.quit]quit" in text
        assert [width_of(line) for line in screen.lines] == [200] * 60
        for strip in screen.strips:
            for segment in strip:
                assert not (segment.style and segment.style.meta.get("@click"))
        for name in HOSTILE:
            await screen.keys("f4")
            await screen.type("eve" if not name else "")
            screen.top.question.input.value = safe(name)
            await screen.keys("enter", "escape")
        screen.top.say("\x1b[31m[bold]not markup")
        await screen.settle()
        assert "\\x1b[31m[bold]not markup" in screen.foot

    on_screen(Crowd(3, hostile=True), steps, size=(200, 60))


ERRORS = [
    (MemcError("/proc: cannot be read"), "/proc: cannot be read", "one of memc"),
    (ValueError("no such thing"), "ValueError: no such thing", "a fault of memc"),
    (OSError(24, "too many open files"), "too many open files", "of the system"),
    (MemcError("\x1b[2J"), "\\x1b[2J", "with a name of others in it"),
]


@cases(ERRORS, why=2)
def test_what_cannot_be_read_is_told_in_one_line(case):
    error, words, _ = case

    async def steps(screen):
        source = screen.top.source
        source.error = error
        await screen.look()
        assert words in screen.foot
        assert "postgres" in screen.selected  # what was seen last
        await screen.keys("down")
        assert "java" in screen.selected
        source.error = None
        await screen.look()
        assert words not in screen.foot

    on_screen(Crowd(), steps)


# size, lines of the message, how it ends, why
LENGTHS = [
    ((200, 24), 1, "to 21:37:54", "all of it has room"),
    ((80, 24), 2, "to 21:37:54", "it takes another line, and no word is cut"),
    ((40, 12), 2, "to 21:37:54", "a low screen: the middle is cut"),
    ((40, 8), 1, "to 21:37:54", "a lower one"),
]


@cases(LENGTHS, why=3)
def test_a_long_message_takes_the_lines_that_it_needs(case):
    size, count, end, _ = case
    words = "day.memc: nothing was recorded at 2026-11-26 21:30:00.000: the recording "
    words += "goes from 2026-11-27 21:36:24 to 21:37:54"

    async def steps(screen):
        screen.top.say(words)
        await screen.settle()
        told = [line.strip() for line in screen.lines[-count:]]
        assert told[-1].endswith(end)
        assert told[0].startswith("day.memc:")
        assert "…" in told[-1] or " ".join(told) == words
        assert screen.selected
        await screen.keys("end")
        assert "40/40" in screen.foot
        assert screen.selected

    on_screen(Crowd(), steps, size=size)


# columns, what is asked, why
QUESTIONS = [
    (80, " save 1234 to (Tab: all processes): memc-1234.json", "a usual terminal"),
    (40, " save 1234 to: memc-1234.json", "there is no room for what Tab does"),
    (20, " save 123…memc-123", "hardly any room"),
]


@cases(QUESTIONS, why=2)
def test_a_question_leaves_room_for_its_answer(case):
    width, asked, _ = case

    async def steps(screen):
        await screen.keys("s")
        assert screen.foot.startswith(asked)

    on_screen(Crowd(), steps, size=(width, 12))


def test_trouble_at_the_first_look_is_told():
    source = Crowd()
    source.error = MemcError("/proc: not mounted")

    async def steps(screen):
        assert "/proc: not mounted" in screen.foot
        await screen.keys("down", "enter", "d", "m")

    on_screen(source, steps)


def test_details_that_cannot_be_read_say_why():
    source = Crowd()
    source.note = "permission denied: reading the memory needs CAP_SYS_PTRACE"

    async def steps(screen):
        assert "permission denied" in screen.text
        await screen.keys("r")
        assert "permission denied" in screen.text

    on_screen(source, steps)


def test_two_marked_lines_are_compared():
    async def steps(screen):
        await screen.keys("m", "m", "d")
        assert "1234 postgres" in screen.text
        assert "1271 java" in screen.text
        (rss,) = [line for line in screen.lines if line.startswith(" RSS")]
        assert rss.split()[1:] == ["3.21G", "2.87G", "-348M"]
        (heap,) = [line for line in screen.lines if "main heap" in line]
        assert heap.split()[3:] == ["789M", "705M", "-83.6M"]
        await screen.keys("q", "m", "d")
        assert "mark two lines to compare them" in screen.foot

    on_screen(Crowd(), steps)


def test_keys_do_nothing_to_a_list_that_is_not_seen():
    async def steps(screen):
        await screen.keys("f1", "t", "b", "d", "m", "f4", "f5", "space")
        await screen.look()
        assert "go to a name or command line" not in screen.text  # it was turned over
        await screen.keys("home")
        assert "go to a name or command line" in screen.text
        await screen.keys("q")
        view = screen.top.view
        assert (view.tree, view.by, view.base, view.marks) == (
            False,
            "process",
            None,
            set(),
        )
        await screen.keys("f1", "f1", "f1", "ctrl+c")
        assert screen.top.return_value == 0

    on_screen(Crowd(), steps)


def test_a_group_opens_into_its_processes_and_closes_again():
    async def steps(screen):
        await screen.keys("b", "b")
        assert "Enter shows its processes" in screen.text
        await screen.keys("down", "enter")
        assert {*screen.names} == {"java"}
        assert "only user tomcat: 4 of 40" in screen.text
        await screen.keys("escape")
        assert screen.top.view.by == "user"
        assert "tomcat" in screen.names

    on_screen(Crowd(), steps)


def test_regions_are_scrolled_in_the_pane():
    async def steps(screen):
        await screen.keys("r", "tab", "down", "pagedown")
        assert screen.top.first == 1 + screen.top.page
        await screen.keys("end")
        assert "7f000a000000" not in screen.text
        assert f"{0x7F0000000000 + 59_999 * 0x200000:x}" in screen.text
        await screen.keys("home", "escape", "down")
        assert "7f0000000000" in screen.text
        assert screen.top.at == 1

    on_screen(Crowd(largest_regions=60_000), steps)


def test_5000_processes_are_shown():
    async def steps(screen):
        await screen.keys("end")
        assert "5,000/5,000" in screen.foot
        await screen.keys("t", "b", "home")
        assert screen.selected

    on_screen(Crowd(5000), steps)


SAVES = [
    (["s", "tab", "enter"], "memc-all.json", None, "Tab saves all"),
    (["s", "tab", "tab", "enter"], "memc-1234.json", 1234, "and Tab again the one"),
    (["b", "s", "enter"], "memc-all.json", None, "a group is not one process"),
]


@cases(SAVES, why=3)
def test_what_is_saved_is_chosen_by_the_user(case, tmp_path, monkeypatch):
    keys, name, pid, _ = case
    monkeypatch.chdir(tmp_path)

    async def steps(screen):
        await screen.keys(*keys)
        assert ("save", pid) in screen.top.source.calls
        assert os.listdir() == [name]
        assert os.stat(name).st_mode & 0o777 == 0o600

    on_screen(Crowd(), steps)


def test_a_file_that_is_there_is_replaced_as_by_output(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    there = tmp_path / "memc-1234.json"
    there.write_text("old")
    there.chmod(0o640)
    (tmp_path / "folder").mkdir()

    async def steps(screen):
        await screen.keys("s", "escape")
        assert there.read_text() == "old"
        await screen.keys("s", "enter")
        assert there.read_text() == '{"made": "up"}\n'
        assert there.stat().st_mode & 0o777 == 0o640
        await screen.keys("s")
        screen.top.question.input.value = "folder"
        await screen.keys("enter")
        assert "cannot write to folder" in screen.foot
        await screen.keys("s")
        screen.top.question.input.value = "not/there"
        await screen.keys("enter")
        assert "cannot write to not/there" in screen.foot

    on_screen(Crowd(), steps)


def test_the_mouse_selects_scrolls_and_presses_keys():
    async def steps(screen):
        await screen.pilot.click("#list", offset=(10, 3))
        await screen.settle()
        assert screen.top.at == 3
        column = screen.foot.index("tree")
        await screen.pilot.click("#foot", offset=(column, 0))
        await screen.settle()
        assert screen.top.view.tree
        was = screen.lines
        await screen.pilot.click("#foot", offset=(len(screen.foot.rstrip()) - 1, 0))
        await screen.settle()
        assert screen.lines == was  # there is no key: nothing is done
        await screen.pilot.click("#pane", offset=(10, 1))
        await screen.settle()
        assert screen.top.is_in_pane

    on_screen(Crowd(), steps)


def test_keys_are_answered_while_a_process_is_read():
    """A process of 60,000 regions takes a while; nothing waits for it."""
    from threading import Event

    goes_on = Event()

    class Slow(Crowd):
        def details(self, line):
            goes_on.wait()
            return super().details(line)

    async def steps(screen):
        for _ in range(3):
            await screen.pilot.press("down")
        await screen.pilot.pause()
        assert screen.top.at == 3
        assert "reading ..." in screen.text
        goes_on.set()
        await screen.settle()
        assert "malloc main heap" in screen.text

    source = Slow()
    goes_on.set()

    async def begin(screen):
        goes_on.clear()
        await steps(screen)

    on_screen(source, begin)
