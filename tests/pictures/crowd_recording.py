"""A made-up recording of two hours of the crowd: with a gap, a limit and a note."""

import json

from support.crowd_tells import BEGIN_MS, KINDS, MIB
from support.recordings import Made

S, MIN = 1000, 60_000
STEP = 10 * S
LENGTH = 120 * MIN
TOTAL_KB = 32 << 20
GAP = range(52 * MIN, 55 * MIN)  # in which nothing was recorded
OVER_MS = 73 * MIN  # when python3 is over its limit
NOTE_MS = 66 * MIN
LIMIT_KB = 950 << 10
OWNERS = (("malloc main heap", 61), ("anonymous", 22), ("library text", 11),
          ("thread stack", 4), ("main stack", 1))  # fmt: skip


def make(path):
    """Write the recording; return its path."""
    made = Made(path)
    made.run(BEGIN_MS, interval_ms=STEP)
    who = [
        made.start(
            BEGIN_MS, 1234 + 37 * i, name.encode(), uid=0, ppid=1,
            cgroup=f"/system.slice/{service}", cmdline=f"/usr/bin/{name}",
        )
        for i, (name, _, service, *_) in enumerate(KINDS)
    ]  # fmt: skip
    passed_ms = 0
    for after_ms in range(0, LENGTH + 1, STEP):
        if after_ms and after_ms in GAP:
            continue
        t_ms = BEGIN_MS + after_ms
        if after_ms % (10 * MIN) == 0 and after_ms:
            made.segment(t_ms, passed_ms=after_ms - passed_ms)
            passed_ms = after_ms
        if after_ms == GAP.stop:
            made.gap(t_ms, "suspended", GAP.stop - GAP.start + STEP)
        if after_ms == NOTE_MS:
            made.event(t_ms, "note", json.dumps({"text": "deploy 42"}))
        if after_ms == OVER_MS:
            facts = {"limit": "max-rss", "value_kb": LIMIT_KB, "most_kb": LIMIT_KB}
            made.event(t_ms, "over", json.dumps(facts), process=who[2])
        _tick(made, who, t_ms, after_ms)
    made.close()
    return made.path


def _tick(made, who, t_ms, after_ms):
    usage, held, used_kb = {}, {}, 0
    for i, (number, kind) in enumerate(zip(who, KINDS, strict=True)):
        _, _, _, mib, growth, swap, faults = kind
        wave = (after_ms // STEP * (i + 3)) % 17 - 8
        back = (after_ms - LENGTH) / MIN
        share = 160 if i % 3 == 1 else 900
        rss_kb = max(int((mib + growth * back / 4 + wave * mib / share) * MIB), 300)
        file_kb = rss_kb * (7 + i % 5) // 100
        used_kb += rss_kb
        usage[number] = {
            "rss_kb": rss_kb,
            "vsize_kb": 3 * rss_kb,
            "anon_kb": rss_kb - file_kb,
            "file_kb": file_kb,
            "shmem_kb": 0,
            "swap_kb": swap * MIB,
            "minflt": faults * after_ms // S,
            "threads": 1 + i % 7,
        }
        if after_ms % MIN == 0:
            held[number] = {
                name: {"rss_kb": rss_kb * share // 100, "swap_kb": 0, "regions": 9 + i}
                for name, share in OWNERS
            }
    free_kb = TOTAL_KB - used_kb - (6 << 20)
    machine = (TOTAL_KB, free_kb, 0, 900, 0, after_ms * 12, 0)
    made.tick(t_ms, usage, held=held, machine=machine)
