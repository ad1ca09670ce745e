"""A recording of one hour, of which tests know every amount.

::

    minute     0         10        20        30        40 42    50        60
    leaker     100,000 kB, and 1,000 more each 10 s; its owners each 2 min
    server     50,000 kB; its owners once, after a minute
    worker     20,000 kB, a child of server, never any owners
    burst                          500,000, once 1,000,000; ended
    gap                                                - -
"""

from support.recordings import NOON, Made

S = 1000
MIN = 60 * S
END = NOON + 60 * MIN
STEP = 10 * S
LEAKER, SERVER, WORKER, BURST, KERNEL = 100, 200, 201, 300, 2


def rss_of_leaker(t_ms):
    return 100_000 + (t_ms - NOON) // STEP * 1000


def owners_of_leaker(rss_kb):
    heap = {"rss_kb": rss_kb - 20_000, "size_kb": rss_kb, "swap_kb": 0, "regions": 3}
    text = {"rss_kb": 20_000, "size_kb": 30_000, "swap_kb": 0, "regions": 17}
    return {"malloc main heap": heap, "library text": text}


STACK = {"rss_kb": 50_000, "size_kb": 60_000, "swap_kb": 100, "regions": 9}


GROUP = "/system.slice/web.service"
WHOLE = {"rss_kb": 50_000, "vsize_kb": 80_000, "swap_kb": 100}
PART = {"rss_kb": 20_000, "vsize_kb": 30_000}


def make(path, *, frames=None):
    """Make the recording; `frames` has snapshots of leaker by the time in minutes."""
    made = Made(path)
    made.run(NOON, interval_ms=STEP)
    words = "/usr/bin/leaker --secret"
    who = {
        "leaker": made.start(NOON, LEAKER, b"leaker", uid=1000, cmdline=words),
        "server": made.start(NOON, SERVER, b"server", cgroup=GROUP),
        "worker": made.start(NOON, WORKER, b"worker", ppid=SERVER, cgroup=GROUP),
        "kernel": made.start(NOON, KERNEL, b"kthreadd", ppid=0),
    }
    for t_ms in range(NOON, END + 1, STEP):
        minute = (t_ms - NOON) / MIN
        if 40 < minute < 42:
            continue
        _begin(made, who, t_ms, minute)
        held = {}
        if minute % 2 == 0:
            held[who["leaker"]] = owners_of_leaker(rss_of_leaker(t_ms))
        if minute == 1:
            held[who["server"]] = {"thread stack": STACK}
        snap = (frames or {}).get(minute)
        frame = snap and {who["leaker"]: snap}
        made.tick(t_ms, _usage(who, t_ms, minute), held=held, frames=frame)
    made.close(END)
    return str(path)


def _begin(made, who, t_ms, minute):
    """Begin segments, and let processes come and go."""
    if minute % 10 == 0 and minute:
        made.segment(t_ms, passed_ms=10 * MIN)
    if minute == 20:
        who["burst"] = made.start(t_ms, BURST, b"burst", uid=1000)
    if minute == 30:
        made.end(t_ms, who.pop("burst"))
    if minute == 42:
        made.gap(t_ms, "late", 2 * MIN)


def _usage(who, t_ms, minute):
    rss_kb = rss_of_leaker(t_ms)
    usage = {who["leaker"]: {"rss_kb": rss_kb, "vsize_kb": 2 * rss_kb}}
    if minute % 10 == 0:  # a segment begins with all rows
        usage |= {who["server"]: WHOLE, who["worker"]: PART, who["kernel"]: {}}
    if "burst" in who:
        kb = 1_000_000 if minute == 25 else 500_000
        usage[who["burst"]] = {"rss_kb": kb, "vsize_kb": 2_000_000}
    return usage
