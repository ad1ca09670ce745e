"""Python.

One small question at a time, over psutil's answer to the same; and what is done with
20,000 regions in Python, over the smaps floor of reading them.
"""

from functools import partial

import psutil
from rows import Ratio

import memc


def three_attributes(snap):
    for region in snap:
        _ = region.start, region.pathname, region.rss_kb


def snapshot(detail):
    return lambda target: partial(memc.snapshot, target.pid, detail=detail)


def theirs(method):
    return lambda target: getattr(psutil.Process(target.pid), method)


CASES = {
    "three attributes of each of 20,000 regions": three_attributes,
    '`sum(snap.columns["rss_kb"])`': lambda snap: sum(snap.columns["rss_kb"]),
    "`snap.to_json()`": lambda snap: snap.to_json(),
    "`snap.to_json(full=True)`": lambda snap: snap.to_json(full=True),
}


def done(case):
    def make(target):
        return partial(case, memc.snapshot(target.pid, detail="smaps"))

    return Ratio(ours=make, over="floor smaps", on=20_000)


ROWS = {
    '`memc.snapshot(detail="totals")` / psutil `memory_info`, bash': Ratio(
        ours=snapshot("totals"), over=theirs("memory_info"), goal=1.5
    ),
    '`memc.snapshot(detail="rollup")` / psutil `memory_full_info`, bash': Ratio(
        ours=snapshot("rollup"), over=theirs("memory_full_info")
    ),
    '`memc.snapshot(detail="smaps")` / psutil `memory_maps`, bash': Ratio(
        ours=snapshot("smaps"), over=theirs("memory_maps")
    ),
    **{f"{what} / smaps floor": done(case) for what, case in CASES.items()},
}


def bench_row(what, row, fill):
    fill(what, row)
