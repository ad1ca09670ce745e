"""Files.

What is read back from files that memc wrote with all fields (`--smaps --full`), and the
difference of two such files.
"""

import time

from native import CommandError
from rows import Figure, argv

import memc

SIZES = (300, 3_000, 20_000, 60_000)


def written(target, name="snap.json"):
    """Give the path of a file with all about the target, which is written once."""
    path = target.folder / name
    if not path.exists():
        snap = memc.snapshot(target.pid, detail="smaps")
        path.write_bytes(snap.to_json(full=True))
    return path


def load(target):
    """Return how many µs `memc.load` of a file takes for a region."""
    path = written(target)
    start = time.process_time_ns()
    snap = memc.load(path)
    return (time.process_time_ns() - start) / 1e3 / len(snap)


def json_alone(target):
    """Return what orjson takes to make objects of the same file."""
    import orjson

    path = written(target)
    start = time.process_time_ns()
    regions = len(orjson.loads(path.read_bytes())["regions"])
    return (time.process_time_ns() - start) / 1e3 / regions


def diff(measure):
    """Run `memc diff` of two files that tell the same process at two times."""

    def run(target):
        paths = [str(written(target, name)) for name in ("before.json", "after.json")]
        words = argv("memc diff", target, target.native)
        done = target.native.run((*words, *paths))
        if done.status:
            raise CommandError("memc diff failed")
        return measure(done)

    return run


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
    "`memc diff FILE FILE`, 60,000 regions, CPU time": Figure(
        ours=diff(lambda run: run.cpu_ns / 1e9), unit="s", on=60_000, goal=1, rounds=3
    ),
    "`memc diff FILE FILE`, 60,000 regions, peak memory": Figure(
        ours=diff(lambda run: run.peak_kb / 1024), unit="MiB", on=60_000, goal=150
    ),
}


def bench_row(what, row, fill):
    fill(what, row)
