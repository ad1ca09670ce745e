"""Export.

A trace for Perfetto of all processes of this machine, read with `smaps`, in CPU time
and in bytes for each region. The owners of the regions were found before.
"""

import time
from functools import cache

from rows import Figure


@cache
def made():
    """Return the time for a region in us, and its size in bytes."""
    import memc
    from memc.export.perfetto import Writer
    from memc.export.sample import Sample
    from memc.targets.target import Target

    system = memc.snapshot_all(detail="smaps", skip_kernel=True)
    targets = [
        Target(p.snapshot, p.pid, p.name, proc="", file="", started=p.started)
        for p in system.processes
        if len(p.snapshot)
    ]
    for target in targets:
        target.find_owners()
    regions = sum(len(target.table) for target in targets)
    took = []
    for _ in range(3):
        began = time.process_time_ns()
        size = sum(map(len, Writer("rss_kb", "RSS").packets(Sample(targets, 1))))
        took.append(time.process_time_ns() - began)
    return min(took) / 1e3 / regions, size / regions


ROWS = {
    "a region in a trace": Figure(ours=lambda _: made()[0], unit="µs", goal=2),
    "a region in a trace, size": Figure(ours=lambda _: made()[1], unit="B", goal=40),
}


def bench_row(what, row, fill):
    fill(what, row)
