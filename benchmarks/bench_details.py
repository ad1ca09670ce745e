"""The gentler details over the smaps floor, which is what others have to read."""

import pytest
from rounds import timed

import memc

GOALS = {"rss": "≤ 0.40"}


@pytest.mark.parametrize("detail", ["maps", "rss", "uss", "smaps"])
def bench_detail(detail, bench, native, target):
    pid = target(20_000)
    bench.ratio(
        f'`memc.snapshot(detail="{detail}")` / smaps floor, 20,000 regions',
        timed(memc.snapshot, pid, detail=detail),
        native.floor(pid, "smaps"),
        goal=GOALS.get(detail, ""),
    )
