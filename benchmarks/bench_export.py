"""Export.

A trace for Perfetto of all processes of this machine, and of one process, read with
`smaps`, in CPU time and in bytes for each region. The owners of the regions were found
before. How many names and owners the processes have makes much of the size.
"""

import time
from functools import cache

from rows import Figure

SIZE = 20_000


@cache
def made(pid=None):
    """Return the time for a region in us, and its size in bytes."""
    import memc
    from memc.export.perfetto import Writer
    from memc.export.sample import Sample
    from memc.targets.target import Target

    if pid is None:
        found = memc.snapshot_all(detail="smaps", skip_kernel=True).processes
        read = [(p.snapshot, p.pid, p.name) for p in found if len(p.snapshot)]
    else:
        read = [(memc.snapshot(pid, detail="smaps"), pid, "one")]
    targets = [Target(*one, proc="", file="") for one in read]
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
    f"a region in a trace, one process of {SIZE:,}": Figure(
        ours=lambda target: made(target.pid)[0], unit="µs", on=SIZE, goal=2
    ),
    f"a region in a trace, one process of {SIZE:,}, size": Figure(
        ours=lambda target: made(target.pid)[1], unit="B", on=SIZE, goal=40
    ),
}


def bench_row(what, row, fill):
    fill(what, row)
