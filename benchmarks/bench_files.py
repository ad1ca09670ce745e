"""Files.

What is read back from files that memc wrote (`--smaps -o FILE`, and with all fields
where it says `--full`), and the difference of two such files.
"""

import time
from functools import partial

from rows import Figure, argv

import memc

SIZES = (300, 3_000, 20_000, 60_000)


def written(target, full, name="snap"):
    """Give the path of a file about the target, which is written once."""
    path = target.folder / f"{name}{'-full' * full}.json"
    if not path.exists():
        snap = memc.snapshot(target.pid, detail="smaps")
        path.write_bytes(snap.to_json(full=full))
    return path


def load(target, *, full=False):
    """Return how many µs `memc.load` of a file takes for a region."""
    path = written(target, full)
    start = time.process_time_ns()
    snap = memc.load(path)
    return (time.process_time_ns() - start) / 1e3 / len(snap)


def json_alone(target, *, full=False):
    """Return what orjson takes to make objects of the same file."""
    import orjson

    path = written(target, full)
    start = time.process_time_ns()
    regions = len(orjson.loads(path.read_bytes())["regions"])
    return (time.process_time_ns() - start) / 1e3 / regions


def words(target, full):
    """Give `memc diff` of two files that tell the same process at two times."""
    paths = [str(written(target, full, name)) for name in ("before", "after")]
    return (*argv("memc diff", target, target.native), *paths)


def diff_time(target, *, full=False):
    """Return how long it took, in s of CPU time."""
    return target.native.run(words(target, full)).cpu_ns / 1e9


def diff_peak(target, *, full=False):
    """Return its peak memory in MiB."""
    return target.native.peak_kb(*words(target, full)) / 1024


ROWS = {
    f"`memc.load` of JSON, {size:,} regions": Figure(
        ours=load,
        unit="µs a region",
        on=size,
        goal=5,
        rounds=5,
        peers={"orjson alone": json_alone},
    )
    for size in SIZES
} | {
    "`memc.load` of JSON, `--full`, 60,000 regions": Figure(
        ours=partial(load, full=True),
        unit="µs a region",
        on=60_000,
        rounds=5,
        peers={"orjson alone": partial(json_alone, full=True)},
    ),
    "`memc diff FILE FILE`, 60,000 regions, CPU time": Figure(
        ours=diff_time, unit="s", on=60_000, goal=1, rounds=3
    ),
    "`memc diff FILE FILE`, 60,000 regions, peak memory": Figure(
        ours=diff_peak, unit="MiB", on=60_000, goal=150
    ),
    "`memc diff FILE FILE`, `--full`, 60,000 regions, CPU time": Figure(
        ours=partial(diff_time, full=True), unit="s", on=60_000, rounds=3
    ),
    "`memc diff FILE FILE`, `--full`, 60,000 regions, peak memory": Figure(
        ours=partial(diff_peak, full=True), unit="MiB", on=60_000
    ),
}


def bench_row(what, row, fill):
    fill(what, row)
