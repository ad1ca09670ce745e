"""Regions: from 30 to 60,000.

What a process of so many regions costs, in Python without starting a program, and as a
whole command. The lines of one question show how it grows. `pmap -x` and `-X` tell
less than `-XX`, which tells all that smaps has.
"""

from functools import partial

import psutil
from rows import Ratio

import memc
from memc import fast

SIZES = (30, 300, 3_000, "files", 20_000, 60_000)
GOALS = {
    ("smaps", 20_000): 1.05,
    ("rss", 20_000): 0.22,
    ("uss", 20_000): 0.40,
    ("pss", 20_000): 1,
}
PSUTIL = "python -c 'import psutil; psutil.Process(PID).memory_maps(grouped=False)'"
PARSE = "in Python, `fast.parse_{}` / {} floor, {}"
DETAIL = 'in Python, `memc.snapshot(detail="{}")` / smaps floor, {}'


def named(size):
    return "3,000 regions of files" if size == "files" else f"{size:,} regions"


def psutil_maps(target):
    return partial(psutil.Process(target.pid).memory_maps, grouped=False)


def procmaps_maps(target):
    import procmaps

    return partial(procmaps.from_pid, target.pid)


def parsed(kind, size):
    peers = {"procmaps": procmaps_maps} if kind == "maps" else {"psutil": psutil_maps}
    return Ratio(
        ours=lambda target: partial(getattr(fast, f"parse_{kind}"), target.pid),
        over=f"floor {kind}",
        on=size,
        goal=GOALS.get((kind, size)),
        peers=peers,
    )


def read(detail, size):
    return Ratio(
        ours=lambda target: partial(memc.snapshot, target.pid, detail=detail),
        over="floor smaps",
        on=size,
        goal=GOALS.get((detail, size)),
    )


SMAPS_PEERS = {
    **{f"`pmap {option}`": f"pmap {option} PID" for option in ("-x", "-X", "-XX")},
    "psutil": PSUTIL,
}
COMMANDS = {
    "memc PID --smaps --compact": ("smaps", SMAPS_PEERS),
    "memc show PID": ("smaps", {}),
    "memc PID --compact": ("maps", {"`pmap`": "pmap PID"}),
}
ROWS = {
    **{
        PARSE.format(kind, kind, named(size)): parsed(kind, size)
        for kind in ("smaps", "maps")
        for size in SIZES
    },
    **{
        DETAIL.format(detail, named(size)): read(detail, size)
        for detail in ("rss", "uss", "pss")
        for size in SIZES
        if size != "files"
    },
    **{
        f"`{command}` / `cat {kind}`, {named(size)}": Ratio(
            ours=command, over=f"cat /proc/PID/{kind}", on=size, peers=peers
        )
        for command, (kind, peers) in COMMANDS.items()
        for size in SIZES
        if size != "files"
    },
}


def bench_row(what, row, fill):
    fill(what, row)
