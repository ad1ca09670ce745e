"""Bundles.

What it takes to hide who and where in a document, `smaps` with all fields and owners;
to prove it over the bytes; and how much a region takes in the zip.
"""

import gc
import time
import zlib
from functools import cache

from rows import Figure

import memc

SIZES = (3_000, 60_000)
KEY = bytes(32)


@cache
def taken(pid):
    from memc.bundle.documents import of_loaded

    return of_loaded(memc.snapshot(pid, detail="smaps"))


def document(target):
    """Return what `memc bundle` takes of the target: its document, with owners."""
    return taken(target.pid)


def redacted(target):
    from memc.bundle.options import BundleOptions
    from memc.bundle.redact import Redactor

    redactor = Redactor(KEY, BundleOptions())
    redactor.learn(document(target))
    return redactor.document(document(target))


def samples(target):
    from memc.table.json_text import dumps

    return dumps(redacted(target)) + b"\n"


def clocked(act, target):
    """Return the CPU time of a step in s, without the cycle collector, as commands."""
    gc.disable()
    try:
        start = time.process_time_ns()
        act(target)
        return (time.process_time_ns() - start) / 1e9
    finally:
        gc.enable()


def hide(target):
    """Return how many µs a region takes to be hidden."""
    regions = len(document(target)["regions"])
    return clocked(redacted, target) * 1e6 / regions


def prove(target):
    """Return how many µs a region takes in the check of the bytes."""
    from memc.bundle.check import offences

    members = {"samples.ndjson": samples(target)}
    regions = len(document(target)["regions"])
    return clocked(lambda _: offences(members), target) * 1e6 / regions


def packed(target):
    """Return how many bytes a region takes in the zip."""
    regions = len(document(target)["regions"])
    return len(zlib.compress(samples(target), 6)) / regions


def whole(target):
    """Return the CPU time of a document, in s, once its owners are known."""
    document(target)
    return clocked(redacted, target)


ROWS = (
    {
        f"a document made fit for strangers, {size:,} regions": Figure(
            ours=hide, unit="µs a region", on=size, goal=15, rounds=5
        )
        for size in SIZES
    }
    | {
        f"the check of its bytes, {size:,} regions": Figure(
            ours=prove, unit="µs a region", on=size, rounds=5
        )
        for size in SIZES
    }
    | {
        "its part of the zip, 60,000 regions": Figure(
            ours=packed, unit="bytes a region", on=60_000, goal=20
        ),
        "60,000 regions made fit for strangers, CPU time": Figure(
            ours=whole, unit="s", on=60_000, goal=1.5, rounds=3
        ),
    }
)


def bench_row(what, row, fill):
    fill(what, row)
