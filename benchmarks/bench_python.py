"""Python.

One small question at a time, over psutil's answer to the same; what is done with 20,000
regions in Python, over the smaps floor of reading them; and how long it takes to find
the owners of regions, and to group them by owner.
"""

import time
from functools import partial

import psutil
from rows import Figure, Ratio

import memc
from memc.analysis.groups import group
from memc.owners import owners
from memc.targets.target import Target

SIZES = (300, 3_000, 20_000, 60_000)


def three_attributes(snap):
    for region in snap:
        _ = region.start, region.pathname, region.rss_kb


def three_in_rows(snap):
    for row in snap.rows("start", "pathname", "rss_kb"):
        _ = row.start, row.pathname, row.rss_kb


def snapshot(detail):
    return lambda target: partial(memc.snapshot, target.pid, detail=detail)


def theirs(method):
    return lambda target: getattr(psutil.Process(target.pid), method)


CASES = {
    "three attributes of each of 20,000 regions": three_attributes,
    "the same in `snap.rows()`": three_in_rows,
    '`sum(snap.columns["rss_kb"])`': lambda snap: sum(snap.columns["rss_kb"]),
    "`snap.to_json()`": lambda snap: snap.to_json(),
    "`snap.to_json(full=True)`": lambda snap: snap.to_json(full=True),
}


def done(case):
    def make(target):
        return partial(case, memc.snapshot(target.pid, detail="smaps"))

    return Ratio(ours=make, over="floor smaps", on=20_000)


def us_a_region(work, *args):
    start = time.thread_time_ns()
    work(*args)
    return (time.thread_time_ns() - start) / 1e3


def found(target):
    """Return how many µs the owners of a process with one thread take for a region."""
    snap = memc.snapshot(target.pid, detail="smaps")
    return us_a_region(partial(owners, snap, threads={target.pid: None})) / len(snap)


def grouped(target):
    """Return how many µs groups by owner take for a region whose owner is known."""
    snap = memc.snapshot(target.pid, detail="smaps")
    one = Target(snap, target.pid, "x", proc="", file="")
    one.find_owners()
    return us_a_region(group, [one], "owner") / len(snap)


GOALS = {(found, 20_000): 0.2}
OWNERS = {
    f"{what}, {size:,} regions": Figure(
        ours=how, unit="µs a region", on=size, goal=GOALS.get((how, size)), rounds=5
    )
    for what, how in (("owners", found), ("groups by owner", grouped))
    for size in SIZES
}
ROWS = {
    "`memc.rss_kb` / psutil `memory_info`, bash": Ratio(
        ours=lambda target: partial(memc.rss_kb, target.pid),
        over=theirs("memory_info"),
        goal=1.5,
    ),
    '`memc.snapshot(detail="totals")` / psutil `memory_info`, bash': Ratio(
        ours=snapshot("totals"), over=theirs("memory_info")
    ),
    '`memc.snapshot(detail="rollup")` / psutil `memory_full_info`, bash': Ratio(
        ours=snapshot("rollup"), over=theirs("memory_full_info")
    ),
    '`memc.snapshot(detail="smaps")` / psutil `memory_maps`, bash': Ratio(
        ours=snapshot("smaps"), over=theirs("memory_maps")
    ),
    **{f"{what} / smaps floor": done(case) for what, case in CASES.items()},
    **OWNERS,
}


def bench_row(what, row, fill):
    fill(what, row)
