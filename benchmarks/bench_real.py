"""Real processes.

Each is started by the suite, and waits: bash, Node.js, Python with polars and pyarrow
loaded, a Java machine, and the main process of the browser Chromium. Their memory has
names, files and many pages in a region, so the kernel walks more and writes less than
for the regions above. `/ "smaps"` is over memc's own snapshot with all fields.
"""

from functools import partial

from bench_parse import SMAPS_PEERS, psutil_maps
from rows import Ratio

import memc

REAL = {
    "shell": "bash",
    "node": "Node.js",
    "python": "Python",
    "java": "Java",
    "chromium": "Chromium",
}
GOALS = {
    ("rss", "node"): 0.33,
    ("rss", "python"): 0.33,
    ("rss", "shell"): 0.40,
    ("uss", "node"): 0.85,
    ("uss", "python"): 0.75,
    ("uss", "shell"): 0.75,
    ("compact", "python"): 0.95,
    **{("pss", kind): 1 for kind in REAL},
}


def snapshot(detail):
    return lambda target: partial(memc.snapshot, target.pid, detail=detail)


def read(detail, over, kind):
    return Ratio(
        ours=snapshot(detail),
        over=over,
        on=kind,
        goal=GOALS.get((detail, kind)),
        peers={"psutil maps": psutil_maps},
    )


ROWS = {
    **{
        f'in Python, `memc.snapshot(detail="smaps")` / smaps floor, {name}': read(
            "smaps", "floor smaps", kind
        )
        for kind, name in REAL.items()
    },
    **{
        f'in Python, `memc.snapshot(detail="{detail}")` / "smaps", {name}': read(
            detail, snapshot("smaps"), kind
        )
        for detail in ("rss", "uss", "pss")
        for kind, name in REAL.items()
    },
    **{
        f"`memc PID --compact` / `cat maps`, {name}": Ratio(
            ours="memc PID --compact",
            over="cat /proc/PID/maps",
            on=kind,
            goal=GOALS.get(("compact", kind)),
            peers={"`pmap`": "pmap PID"},
        )
        for kind, name in REAL.items()
    },
    **{
        f"`memc PID --smaps --compact` / `cat smaps`, {name}": Ratio(
            ours="memc PID --smaps --compact",
            over="cat /proc/PID/smaps",
            on=kind,
            peers=SMAPS_PEERS,
        )
        for kind, name in REAL.items()
    },
}


def bench_row(what, row, fill):
    fill(what, row)
