"""Which lines a view shows, in which order, and which one is selected."""

from support.cases import cases

from memc.top.model import Model
from memc.top.moment import Line, Tell
from memc.top.view import View


def line(pid, rss_kb, name="a", **more):
    return Line(key=pid, pid=pid, name=name, rss_kb=rss_kb, **more)


def tell(*lines):
    return Tell(t_ms=0, lines=[*lines])


CROWD = tell(
    line(1, 10, "init", cmdline="/sbin/init", user="root"),
    line(2, None, "kthreadd", is_kernel=True, user="root"),
    line(3, 300, "nginx", cmdline="nginx: worker", ppid=1, user="www", swap_kb=7),
    line(4, 200, "Nginx", cmdline="nginx: master", ppid=1, user="root", swap_kb=0),
    line(5, None, "gone", ppid=3, state="Z", user="www"),
    line(6, 40, "java", cmdline="java -jar nginx.jar", ppid=4, user="app",
         rate_kb_min=5.0),
)  # fmt: skip
ORDERS = [
    ({}, [3, 4, 6, 1, 5], "the largest first, what is not known last"),
    ({"reverse": True}, [1, 6, 4, 3, 5], "what is not known stays last"),
    ({"sort": "swap"}, [3, 4, 1, 5, 6], "0 is known, and before what is not"),
    ({"sort": "pid"}, [1, 3, 4, 5, 6], "pids from the first on"),
    ({"sort": "pid", "reverse": True}, [6, 5, 4, 3, 1], "and back"),
    ({"sort": "name"}, [5, 1, 6, 3, 4], "large letters sort as small ones"),
    ({"sort": "growth"}, [6, 1, 3, 4, 5], "a rate is a column as others"),
    ({"kernel": True, "sort": "pid"}, [1, 2, 3, 4, 5, 6], "asked for"),
    ({"text": "nginx"}, [3, 4, 6], "in names and command lines, in any letters"),
    ({"text": "sbin|JAR"}, [6, 1], "one or the other"),
    ({"text": "|"}, [3, 4, 6, 1, 5], "no word at all"),
    ({"text": "nobody"}, [], "nothing has it"),
    ({"user": "www"}, [3, 5], "of one user"),
]


@cases(ORDERS, why=2)
def test_which_lines_are_shown_and_in_which_order(case):
    how, pids, _ = case
    rows = Model().rows(CROWD, View(**how))
    assert [row.line.pid for row in rows] == pids


GROUPS = [
    ("user", {"root": (210, 2), "www": (300, 2), "app": (40, 1)}, "a zombie has none"),
    ("name", {"nginx": (300, 1), "Nginx": (200, 1), "java": (40, 1), "init": (10, 1),
              "gone": (None, 1)}, "names are as they are; unknown is not 0"),
    ("container", {"no container": (550, 5)}, "who is in none is told"),
]  # fmt: skip


@cases(GROUPS, why=2)
def test_groups_have_sums_and_counts(case):
    by, found, _ = case
    rows = Model().rows(CROWD, View(by=by))
    lines = [row.line for row in rows]
    assert {each.name: (each.rss_kb, each.count) for each in lines} == found
    assert all(each.key < 0 for each in lines)
    assert not any(each.is_partial for each in lines)


PARTIAL = [
    (line(2, None), True, "it may have memory that nobody told"),
    (line(2, None, state="Z"), False, "it ended"),
    (line(2, None, is_kernel=True), False, "it never had any"),
    (line(2, None, same_as=1), False, "its memory is counted in another one"),
]


@cases(PARTIAL, why=2)
def test_a_sum_tells_that_it_lacks_something(case):
    other, is_partial, _ = case
    rows = Model().rows(tell(line(1, 5), other), View(by="user", kernel=True))
    assert (rows[0].line.rss_kb, rows[0].line.is_partial) == (5, is_partial)


def test_a_group_has_the_same_key_at_each_moment():
    model, view = Model(), View(by="user")
    first = {row.line.name: row.line.key for row in model.rows(CROWD, view)}
    again = model.rows(tell(line(9, 1, user="new"), *CROWD.lines), view)
    assert first.items() <= {row.line.name: row.line.key for row in again}.items()


def test_a_group_sums_histories_by_their_last_points():
    both = tell(line(1, 5, history=[1, 2, None]), line(2, 6, history=[None, 10, 20]))
    both.lines[1].history.insert(0, 7)
    (row,) = Model().rows(both, View(by="name"))
    assert row.line.history == [7, 1, 12, 20]


def test_a_tree_has_children_below_parents_with_sums_the_largest_first():
    rows = Model().rows(CROWD, View(tree=True))
    shown = [(r.prefix + r.line.name, r.line.rss_kb, r.line.count) for r in rows]
    assert shown == [
        ("init", 550, 5),
        ("├─ nginx", 300, 2),
        ("│  └─ gone", None, 1),
        ("└─ Nginx", 240, 2),
        ("   └─ java", 40, 1),
    ]


ODD = [
    ([line(1, 1, ppid=1)], [1], "its own parent"),
    ([line(1, 1, ppid=2), line(2, 2, ppid=1)], [1, 2], "a circle, of two moments"),
    ([line(2, 1, ppid=1)], [2], "its parent is not among them"),
]


@cases(ODD, why=2)
def test_a_tree_shows_every_process_once(case):
    lines, pids, _ = case
    rows = Model().rows(tell(*lines), View(tree=True))
    assert [row.line.pid for row in rows] == pids


def test_a_deep_tree_does_not_hide_the_names():
    rows = Model().rows(
        tell(*(line(i, 1, ppid=i - 1) for i in range(1, 5001))), View(tree=True)
    )
    assert len(rows) == 5000
    assert max(len(row.prefix) for row in rows) < 70


def selected(rows):
    return [(at, row.line.pid, row.line.ended) for at, row in enumerate(rows)
            if row.is_selected]  # fmt: skip


def test_the_selection_stays_on_its_process():
    model, view = Model(), View(selected=4)
    assert selected(model.rows(CROWD, view)) == [(1, 4, False)]
    view.reverse = True
    assert selected(model.rows(CROWD, view)) == [(2, 4, False)]
    larger = tell(line(4, 1), line(7, 2), line(8, 3))
    view.reverse = False
    assert selected(model.rows(larger, view)) == [(2, 4, False)]


def test_a_selected_process_that_ends_is_shown_until_it_is_left():
    model, view = Model(), View(selected=4)
    model.rows(CROWD, view)
    later = tell(*[each for each in CROWD.lines if each.pid != 4])
    for _ in range(2):
        rows = model.rows(later, view)
        assert selected(rows) == [(1, 4, True)]
        assert rows[1].line.rss_kb == 200
    view.selected = 6
    rows = model.rows(later, view)
    assert [row.line.pid for row in rows] == [3, 6, 1, 5]


# times at which it is there, and then not; whether it had not begun; why
TIMES = [
    ([50], 60, False, "it ended"),
    ([50], 40, True, "in a recording: the user went back to before it began"),
    ([50, 70], 40, True, "in two steps"),
    ([70, 50], 80, False, "it ended, and was looked at before"),
]


@cases(TIMES, why=3)
def test_a_process_that_began_later_has_not_ended(case):
    there, t_ms, is_later, _ = case
    model, view = Model(), View(selected=4)

    def at(t_ms, *lines):
        made = tell(*lines)
        made.t_ms, made.is_live = t_ms, False
        return made

    for each_ms in there:
        moment = at(each_ms, line(4, 9), line(5, 8))
        model.rows(moment, view)
    for _ in range(2):
        rows = model.rows(at(t_ms, line(5, 8)), view)
        assert [(row.line.ended, row.line.is_later) for row in rows] == [
            (True, is_later),
            (False, False),
        ]
    based = model.rows(at(t_ms, line(5, 8)), View(base=moment))
    assert [row.line.is_later for row in based if row.line.ended] == [is_later]


def test_a_selected_process_that_is_filtered_out_has_not_ended():
    model, view = Model(), View(selected=3)
    model.rows(CROWD, view)
    view.text = "java"
    assert selected(model.rows(CROWD, view)) == [(0, 6, False)]
    assert view.selected == 6


def test_without_lines_nothing_is_selected():
    view = View(selected=3)
    assert Model().rows(tell(), view) == []
    assert view.selected is None


def test_who_gets_the_pid_of_one_that_ended_is_another_process():
    model, view = Model(), View(selected=1)
    model.rows(tell(Line(key=1, pid=50, name="old", rss_kb=1)), view)
    rows = model.rows(tell(Line(key=2, pid=50, name="new", rss_kb=2)), view)
    assert [(row.line.name, row.is_selected) for row in rows] == [
        ("old", True),
        ("new", False),
    ]


CHANGES = [
    ("process", {"stays": 5, "new": 7, "gone": -9, "hidden": None}, "by process"),
    ("user", {"a": -4, "b": 7}, "a group: what its members had, and have"),
]


@cases(CHANGES, why=2)
def test_changes_are_counted_from_a_base(case):
    by, changes, _ = case
    base = tell(
        line(1, 10, "stays", user="a"),
        line(2, 9, "gone", user="a"),
        line(3, None, "hidden", user="a"),
    )
    now = tell(
        line(1, 15, "stays", user="a"),
        line(4, 7, "new", user="b"),
        line(3, 8, "hidden", user="a"),
    )
    if by == "user":
        base.lines.pop()
        now.lines.pop()
    rows = Model().rows(now, View(by=by, base=base, sort="growth"))
    assert {row.line.name: row.change_kb for row in rows} == changes
    assert {row.line.name for row in rows if row.line.ended} <= {"gone"}


def test_who_is_hidden_since_a_base_has_not_ended():
    base = tell(line(1, 10, "sh", user="a"), line(2, 9, "sh", user="a"))
    now = tell(line(1, 15, "sh", user="a"), line(2, 7, "java", user="b"))
    for how in ({"text": "sh"}, {"user": "a"}, {"inside": ("user", "a")}):
        rows = Model().rows(now, View(base=base, **how))
        assert [(row.line.pid, row.line.ended) for row in rows] == [(1, False)]


def test_growth_is_sorted_by_the_change_from_a_base():
    base = tell(line(1, 10), line(2, 10))
    now = tell(line(1, 11, rate_kb_min=9.0), line(2, 15, rate_kb_min=1.0))
    rows = Model().rows(now, View(base=base, sort="growth"))
    assert [(row.line.pid, row.change_kb) for row in rows] == [(2, 5), (1, 1)]


def test_marks_of_processes_that_ended_are_dropped():
    view = View(marks={3, 77})
    rows = Model().rows(CROWD, view)
    assert view.marks == {3}
    assert [row.line.pid for row in rows if row.is_marked] == [3]
