"""What is done with 20,000 regions in Python, over the smaps floor of reading them."""

import pytest
from rounds import timed

import memc


def three_attributes(snap):
    for region in snap:
        _ = region.start, region.pathname, region.rss_kb


def three_in_rows(snap):
    for row in snap.rows("start", "pathname", "rss_kb"):
        _ = row.start, row.pathname, row.rss_kb


CASES = {
    "the same in `snap.rows()`": three_in_rows,
    "three attributes of each of 20,000 regions": three_attributes,
    '`sum(snap.columns["rss_kb"])`': lambda snap: sum(snap.columns["rss_kb"]),
    "`snap.to_json()`": lambda snap: snap.to_json(),
    "`snap.to_json(full=True)`": lambda snap: snap.to_json(full=True),
}


@pytest.mark.parametrize("what", CASES)
def bench_python(what, bench, native, target):
    pid = target(20_000)
    snap = memc.snapshot(pid, detail="smaps")
    rounds = bench.compare(timed(CASES[what], snap), native.floor(pid, "smaps"))
    note = f" ({rounds.ours_ms:.1f} ms)"
    bench.report.ratio(f"{what} / smaps floor", rounds, note=note)
