"""The texts of memc top: they fit, they tell units, and they tell what is not known."""

import pytest
from support.cases import cases

from memc.human.units import width_of
from memc.top.cells import change, count, fill, text_of
from memc.top.colours import COLOURS
from memc.top.columns import bars
from memc.top.format import header, heads, row
from memc.top.model import Row
from memc.top.moment import Line, Tell
from memc.top.view import SORTS, View

WIDTHS = [1, 10, 20, 39, 40, 79, 80, 100, 120, 200, 400]
POSTGRES = Line(
    key=1, pid=1234, name="postgres", cmdline="postgres: writer", user="postgres",
    rss_kb=3370000, anon_kb=3000000, file_kb=310000, shmem_kb=20, swap_kb=0,
    rate_kb_min=12600.5, faults_s=812.4, threads=4, history=[1000, 2000, 3000],
)  # fmt: skip
UNKNOWN = Line(key=2, pid=2, name="who")
WIDE = Line(key=3, pid=4194304, name="名前の長いプロセス" * 9, rss_kb=1023 << 20,
            anon_kb=999, swap_kb=1 << 39, rate_kb_min=-(2.0 ** 39), faults_s=1e12,
            warning="over --max-rss 1G", history=[None, 5] * 30)  # fmt: skip
COMBINING = Line(key=4, pid=4, name="e\u0301" * 50, rss_kb=1)
TELL = Tell(
    t_ms=1795698185500, lines=[POSTGRES, UNKNOWN, WIDE], total_kb=32 << 20,
    available_kb=3 << 20, swap_used_kb=0, psi_some=1.23, own_cpu=0.91,
    notes=["12 processes may not be read"],
)  # fmt: skip


def shown(line, width=80, *, view=None, **how):
    return text_of(row(Row(line, **how), width, view or View()))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("base", [None, TELL])
def test_every_line_is_exactly_as_wide_as_the_screen(width, sort, base):
    view = View(sort=sort, base=base)
    lines = [heads(width, view)]
    lines += [
        row(Row(line, prefix="│  └─ "), width, view)
        for line in (POSTGRES, UNKNOWN, WIDE, COMBINING)
    ]
    assert {width_of(text_of(line)) for line in lines} == {width}
    assert {style for line in lines for _, style in line} <= {*COLOURS, "selected"}


@pytest.mark.parametrize("width", WIDTHS[1:])
def test_the_head_of_the_screen_fits_and_tells_the_time_first(width):
    view = View(text="x" * 500, base=TELL, tree=True, marks={1})
    lines = [text_of(line) for line in header(TELL, view, width)]
    assert max(map(width_of, lines)) <= width
    assert len(lines) <= 3
    assert ":" in lines[0].split()[0]


# width, sort, the heads, why
HEADS = [
    (30, "rss", ["NAME", "▼RSS"], "tiny"),
    (30, "name", ["▲NAME", "RSS"], "tiny, and in the order of names"),
    (39, "growth", ["NAME", "▼Δ/min"], "tiny, too, has what it is sorted by"),
    (20, "pid", ["NAME", "▲PID"], "as small as it can be"),
    (60, "rss", ["▼RSS", "Δ/min", "NAME", "PID"], "narrow"),
    (60, "swap", ["RSS", "▼SWAP", "Δ/min", "NAME", "PID"], "what it is sorted by"),
    (80, "rss", ["PID", "NAME", "▼RSS", "Δ/min", "ANON", "FILE", "SWAP", "FLT/s"],
     "a usual terminal, and plain text"),
    (80, "uss", ["PID", "NAME", "RSS", "Δ/min", "ANON", "FILE", "SWAP", "▼USS"],
     "for what it is sorted by another one gives way"),
    (120, "name", ["PID", "▲NAME", "RSS", "5", "MIN", "Δ/min", "ANON", "FILE", "SWAP",
                   "FLT/s", "REG", "THR", "USER"], "wide"),
]  # fmt: skip


@cases(HEADS, why=3)
def test_which_columns_there_are(case):
    width, sort, titles, _ = case
    assert text_of(heads(width, View(sort=sort))).split() == titles


def test_groups_have_a_count_and_changes_their_own_column():
    assert "COUNT" in text_of(heads(80, View(by="user")))
    assert " 30 MIN " in text_of(heads(120, View(minutes=30)))
    assert "CHANGE" in text_of(heads(80, View(base=TELL)))
    group = Line(key=-1, pid=0, name="www", count=1234, rss_kb=5, is_partial=True)
    assert shown(group, view=View(by="user")).split()[:3] == ["1,234", "www", "5K+"]


# line, more of the row, words that are there, why
ROWS = [
    (POSTGRES, {}, ["1234", "postgres", "3.21G", "+12.3M", "2.86G", "303M", "0",
                    "812"], "units everywhere"),
    (UNKNOWN, {}, ["2", "who", *"------"], "unknown is never 0"),
    (POSTGRES, {"is_selected": True}, [">"], "without colours, too"),
    (POSTGRES, {"is_marked": True}, ["*"], "without colours, too"),
    (WIDE, {}, ["4194304", "1.00T", "!"], "largest numbers are not cut"),
    (Line(key=1, pid=1, name="a", state="Z"), {}, ["[zombie]"], "it has no memory"),
    (Line(key=1, pid=1, name="a", state="T"), {}, ["[stopped]"], "nor does it run"),
    (Line(key=1, pid=1, name="a", is_kernel=True), {}, ["[kernel]"], "nor this one"),
    (Line(key=1, pid=1, name="a", ended=True, rss_kb=1), {}, ["[ended]"],
     "its last amounts are shown"),
    (Line(key=1, pid=1, name="a", ended=True, is_later=True), {}, ["[not", "begun]"],
     "an earlier time of a recording"),
    (Line(key=1, pid=1, name="a", same_as=7), {}, ["[has", "the"], "after vfork"),
    (Line(key=1, pid=1, name="a", count=3, rss_kb=9), {}, ["(3)"], "a tree's sum"),
]  # fmt: skip


@cases(ROWS, why=3)
def test_what_a_row_shows(case):
    line, how, words, _ = case
    found = shown(line, **how).split()
    assert [word for word in words if word not in found] == []


def test_a_change_is_that_of_the_row():
    view = View(base=TELL)
    assert "-2.00M" in shown(POSTGRES, view=view, change_kb=-2048)
    styles = [style for _, style in row(Row(POSTGRES, change_kb=5), 80, view)]
    assert "grow" in styles
    assert "shrink" not in styles


def test_command_lines_are_shown_if_asked_for():
    view = View(commands=True)
    assert "postgres: writer" in shown(POSTGRES, view=view)
    assert "who" in shown(UNKNOWN, view=view)


def test_a_wide_screen_shows_the_warning_in_full():
    assert "over --max-rss 1G" in shown(WIDE, 200)


# view, words of the head, why
CHOSEN = [
    (View(), ["[live]", "3 processes", "available 3.00G of 32.0G", "swap 0",
              "pressure 1.2 %", "memc 0.91 % CPU", "12 processes may not be read"],
     "the machine, and what is not known"),
    (View(text="post"), ['only "post": 1 of 3'], "what is hidden is told"),
    (View(text="\x1b[2J"), ['only "\\x1b[2J": 0 of 3'], "and cannot clear the screen"),
    (View(user="postgres"), ["only user postgres: 1 of 3"], "as well"),
    (View(is_paused=True), ["[paused]"], "it does not move"),
    (View(by="user"), ["by user"], "groups"),
    (View(tree=True), ["tree, with sums"], "else RSS would not be understood"),
    (View(marks={1, 2}), ["2 marked"], "which may be out of sight"),
]  # fmt: skip


@cases(CHOSEN, why=2)
def test_what_the_head_of_the_screen_tells(case):
    view, words, _ = case
    text = "\n".join(text_of(line) for line in header(TELL, view, 200))
    assert [word for word in words if word not in text] == []


def test_hidden_threads_of_the_kernel_are_not_counted():
    lines = [POSTGRES, Line(key=9, pid=9, name="kworker", is_kernel=True)]
    text = "".join(
        text_of(line) for line in header(Tell(t_ms=0, lines=lines), View(text="p"), 200)
    )
    assert "1 process " in text
    assert 'only "p": 1 of 1' in text


def test_what_the_machine_does_not_tell_is_not_shown_as_0():
    bare = Tell(t_ms=0, lines=[UNKNOWN])
    text = text_of(header(bare, View(), 200)[0])
    assert "RSS -" in text
    assert "swap" not in text
    assert "available" not in text
    assert "pressure" not in text


COUNTS = [
    (None, "-", "unknown"), (0, "0", "nothing"), (0.25, "0.25", "rare"),
    (9.4, "9", "few"), (812, "812", "as it is"), (999.6, "1.0k", "rounded up"),
    (1900, "1.9k", "thousands"), (60000, "60.0k", "regions"), (1e6, "1.0M", "more"),
    (5e15, "many", "no room"),
]  # fmt: skip


@cases(COUNTS, why=2)
def test_a_count_has_five_columns_at_most(case):
    number, text, _ = case
    assert count(number) == text


CHANGES = [
    (None, "-", "unknown"), (0.2, "0", "nothing"), (1240, "+1.21M", "grows"),
    (-1240, "-1.21M", "shrinks"), (12600.5, "+12.3M", "not whole"),
]  # fmt: skip


@cases(CHANGES, why=2)
def test_a_change_has_a_sign_and_a_unit(case):
    kb, text, _ = case
    assert change(kb) == text


CUT = [
    ("abc", 5, {}, "abc  ", "padded"),
    ("abc", 5, {"right": True}, "  abc", "to the right"),
    ("abcdef", 4, {"tail": True}, "abc…", "at its end"),
    ("abcdef", 4, {}, "a…ef", "in its middle"),
    ("名前名前", 4, {"tail": True}, "名… ", "a wide letter does not fit by half"),
    ("abc", 0, {}, "", "no room at all"),
]


@cases(CUT, why=4)
def test_a_text_fills_its_columns(case):
    text, width, how, found, _ = case
    assert fill(text, width, **how) == found


# history, width, bars, why
BARS = [
    ([], 15, "", "young"),
    ([1000, 2000], 60, "▁█", "two points"),
    ([*range(0, 6000, 100)], 6, "▁▂▃▅▆█", "each has the most of its time"),
    ([1000000, 1000100], 60, "▁▁", "noise is no growth"),
    ([None] * 4 + [1, 9, 1, 9], 15, "·█", "unknown has a dot"),
    ([0, 0], 60, "▁▁", "nothing"),
]


@cases(BARS, why=3)
def test_a_history_is_a_line_of_bars(case):
    history, width, found, _ = case
    assert bars(history, width) in (found, found.replace("·█", "·▁"))
