"""A made-up scan of a crowd in groups, the same in each run.

Tests of what is made of a scan use it: metrics, pages, pushed amounts.
"""

from memc.serve.amounts import Amounts, Line, OwnerAmounts
from memc.serve.scan import BUDGET, OTHER, Scan
from memc.table.fields import REASONS

NOW_MS = 1_764_165_785_000  # 2025-11-26 14:03:05 UTC
OWNERS = [
    "malloc",
    "stack",
    "program",
    "library",
    "file",
    "shared memory",
    "thread stack",
    "Python objects",
    "Java heap",
    "Go heap",
    "V8 heap",
    "guard",
    "kernel",
    "JIT code",
    "huge pages",
    "GPU",
    "anonymous",
    "unknown",
]
# Names of groups that other people chose: for a label, for a line and for the eye.
STRANGE = [
    'a"b\\c\nd',
    "\udcff",  # the byte 0xff in a name of the kernel
    "x" * 300,
    "{group='x'} 1 # HELP",
    " ",
    "絵文字",
    "a\rb\x1b[2J\x00",
    "\u2028line",
]


def amounts(rank, *, unknown=()):
    """Return the amounts of the group that has this rank; it is the largest at 0."""
    size = max(1, 4_000_000 // (rank + 1))
    made = Amounts(
        processes=1 + rank % 7,
        threads=3 + rank % 50,
        resident_kb=size,
        unique_kb=size * 3 // 4,
        proportional_kb=size * 7 // 8,
        swap_kb=0 if rank % 3 else size // 8,
        proportional_swap_kb=0 if rank % 3 else size // 9,
        virtual_kb=size * 6,
        mappings=120 * (1 + rank % 7),
        mappings_max=200 + rank,
        oldest_start_s=NOW_MS / 1000 - 3600 - rank,
    )
    lacks = {f"{name}_kb": None for name in unknown}
    return made._replace(**lacks, unknown=dict.fromkeys(unknown, 1))


def owner_amounts(group, owner):
    """Return the amounts of an owner, both by rank; swap is not known of the first."""
    size = 200_000 // (group + 1) // (owner + 1)
    return OwnerAmounts(size, size // 2, None if owner == 0 else size // 10)


def crowd_scan(
    groups=100,
    *,
    owners=18,
    strange=True,
    unknown=True,
    other=True,
    lines=0,
    detail="uss",
    now_ms=NOW_MS,
):
    """Return a scan of so many groups, with so many owners each.

    With `strange` the smallest have STRANGE names, with `unknown` a few lack sums, with
    `other` there is a group more for all others.
    """
    names = [f"service-{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(groups)]
    if strange:
        names = [*names, *STRANGE][-groups:]
    lacking = {3: ("unique",), 5: ("unique", "proportional", "swap")}
    found = {
        name: amounts(rank, unknown=lacking.get(rank, ()) if unknown else ())
        for rank, name in enumerate(names)
    }
    if other:
        found[OTHER] = amounts(groups)._replace(processes=40)
    owned = {
        (name, owner): owner_amounts(rank, i)
        for rank, name in enumerate(found)
        for i, owner in enumerate(OWNERS[:owners])
    }
    return Scan(
        groups=found,
        owners=owned,
        timestamp_ms=now_ms,
        duration_ns=812_000_000,
        cost_ns=406_000_000,
        longest_read_ns=31_000_000 if detail == "smaps" else None,
        detail=detail,
        processes=sum(each.processes for each in found.values()),
        skipped={**dict.fromkeys(REASONS, 0), "denied": 2},
        degraded=dict.fromkeys((*REASONS, BUDGET), 0),
        groups_left_out=12 if other else 0,
        series_left_out=0,
        max_map_count=65530,
        lines=tuple(line(rank) for rank in range(lines)),
    )


def line(rank):
    """Return a single process."""
    return Line(
        pid=1000 + rank,
        name=f"worker-{rank}",
        cgroup=f"/system.slice/service-{rank % 20}.service" if rank % 5 else None,
        started=5000 + rank,
        amounts=amounts(rank)._replace(processes=1),
    )


class CrowdScanner:
    """Stands in for a Scanner: its last scan is what a test says."""

    def __init__(self, scan=None, *, interval_ms=60_000, failed=""):
        self.scan_now = scan
        self.interval_ms = interval_ms
        self.failed = failed
        self.totals = Totals()

    def latest(self):
        """Return the last scan."""
        return self.scan_now

    def is_running(self):
        """Tell that there is no need to start it."""
        return True


class Totals:
    """What all scans took."""

    scans, errors, cpu_ns = 7, 1, 2_840_000_000
