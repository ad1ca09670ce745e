"""The live view.

What `memc top` takes on a terminal of 120 columns and 40 lines, in real time: it looks
at all processes each second, and at the owners and regions of the one that is selected
as its share (`--duty`) allows. The processes are those of `crowd.c`, as in the section
on recording; those of 500 have 300 regions each. The first paint is that of the list,
on a machine that does nothing else. In a recording a step is one to another time, with
all that is shown then; the recording of a day has 500 processes, of which 100 change at
each tick.
"""

import time
from functools import partial
from itertools import cycle

import pytest
import recorders
import screens
from rows import Figure, program

MANY, LARGE = "people 500 300", "people 0 1 60000"
SHOWN = b"[live]"  # above the list, once there is one
DAY, HOUR = 86_400, 3600
WARM = 5  # seconds after which everything was read once


def argv(target):
    return (program("memc", target.native), "top", "--all", "--proc", target.proc)


def share(target, seconds=25):
    """Return how much of a CPU it takes while the processes work, in percent."""
    with screens.on_screen(argv(target)) as screen:
        screen.wait_for(SHOWN)
        for second in range(WARM + seconds):
            if second == WARM:
                began_s, began = screen.cpu_s(), time.monotonic()
            recorders.work(target)
            time.sleep(1)
        spent_s, passed_s = screen.cpu_s() - began_s, time.monotonic() - began
    return 100 * spent_s / passed_s


def first_paint_s(target, times=5):
    """Return when the list is there, the best of some starts."""
    found = []
    for _ in range(times):
        with screens.on_screen(argv(target)) as screen:
            found.append(screen.wait_for(SHOWN))
    return min(found)


def first_cpu_s(target, times=5):
    """Return the CPU time until the list is there, the least of some starts."""
    found = []
    for _ in range(times):
        with screens.on_screen(argv(target)) as screen:
            screen.wait_for(SHOWN)
            found.append(screen.cpu_s())
    return min(found)


def peak_mb(target, seconds=20):
    with screens.on_screen(argv(target)) as screen:
        screen.wait_for(SHOWN)
        for _ in range(seconds):
            recorders.work(target)
            time.sleep(1)
        return screen.peak_mb()


@pytest.fixture(scope="module")
def day(tmp_path_factory, quick):
    path = str(tmp_path_factory.mktemp("day") / "day.memc")
    recorders.keep_day(path, HOUR if quick else DAY, processes=500, active=100)
    return path


def step_ms(move, path, times=20):
    """Return what a move and a look take, in ms of CPU, the worst of some."""
    from memc.top.replay import RecordingSource

    source = RecordingSource(path)
    tell = source.look()
    source.go(str((tell.begin_ms + tell.end_ms) // 2))
    spent = []
    for sign in cycle((1, 1, -1)):
        if len(spent) == times:
            break
        began_ns = time.process_time_ns()
        move(source, sign)
        source.look()
        source.position(screens.COLUMNS)
        spent.append((time.process_time_ns() - began_ns) / 1e6)
    source.close()
    return max(spent[1:])


def figure(ours, unit, goal, on=MANY):
    return Figure(ours=ours, unit=unit, on=on, goal=goal)


ROWS = {
    "`memc top` of 500 processes": figure(share, "% of a CPU", 2.5),
    "`memc top` of one process of 60,000 regions": figure(
        share, "% of a CPU", 6, LARGE
    ),
    "first paint of `memc top`, 500 processes": figure(first_paint_s, "s", 0.8),
    "CPU until the first paint": figure(first_cpu_s, "s", 0.8),
    "peak of `memc top`, 500 processes": figure(peak_mb, "MiB", 60),
    "peak of `memc top`, 60,000 regions": figure(peak_mb, "MiB", 60, LARGE),
    "a day of 500 processes: one look forth or back": figure(
        partial(step_ms, lambda source, n: source.step(n)), "ms", 100, "day"
    ),
    "a day of 500 processes: one minute": figure(
        partial(step_ms, lambda source, n: source.move(60_000 * n)), "ms", 100, "day"
    ),
}


def bench_row(what, row, fill, request):
    if row.on == "day":
        path = request.getfixturevalue("day")
        row.fill(what, request.getfixturevalue("bench"), {"day": path}.get)
    else:
        fill(what, row)
