"""The metrics: one table of their names, units, labels and where they come from."""

from __future__ import annotations

from typing import NamedTuple

from memc.serve.samples import (
    build,
    by_reason,
    memory,
    of_groups,
    of_owners,
    of_scan,
    of_scanner,
    unknown,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.serve.samples import Of

__all__ = ["NAMES", "Metric", "metrics"]


class Metric(NamedTuple):
    """A row of the table; `samples` gives the values of the labels, and the amount."""

    name: str  # as Prometheus shows it
    kind: str  # "gauge", "counter" or "info"
    unit: str  # "bytes", "seconds" or "": the name ends with it
    labels: tuple[str, ...]
    samples: Of
    source: str  # where the value comes from, in words
    help: str


def metrics(names: str = "memc") -> tuple[Metric, ...]:
    """Return the rows of the table, with groups in the words of one of NAMES."""
    return (*SCANNING, *NAMES[names], *OF_SCAN)


def _unknown(*words: str) -> Metric:
    """Return the row of what is not known, for groups that tell these amounts."""
    return Metric(
        "memc_group_unknown_processes",
        "gauge",
        "",
        ("group", "metric"),
        unknown(*words),
        "a count",
        "Processes whose value is not known: the sum is then left out.",
    )


KB = 1024  # bytes
NS, MS = 1e9, 1e3  # in a second
NO: tuple[str, ...] = ()
GROUP, OWNER, REASON = ("group",), ("group", "owner"), ("reason",)
GROUPNAME = ("groupname",)

# fmt: off
SCANNING = (
    Metric("memc_up", "gauge", "", NO, of_scanner("is_up"), "the scanner",
        "1 if the last scan went well and is younger than three intervals, else 0."),
    Metric("memc_build_info", "info", "", ("version", "kernel", "backend"), build,
        "memc; uname", "The releases of memc and of the kernel, and what reads."),
    Metric("memc_scans_total", "counter", "", NO, of_scanner("scans"), "the scanner",
        "Scans of the processes."),
    Metric("memc_scan_errors_total", "counter", "", NO, of_scanner("errors"),
        "the scanner", "Scans that failed."),
    Metric("memc_scan_cpu_seconds_total", "counter", "seconds", NO,
        of_scanner("cpu_ns", NS), "times of the own process", "CPU that scans took."),
    Metric("memc_scan_interval_seconds", "gauge", "seconds", NO,
        of_scanner("interval_ms", MS), "--interval, longer if --duty asks for it",
        "Time from one scan to the next."),
    Metric("memc_scan_timestamp_seconds", "gauge", "seconds", NO,
        of_scan("timestamp_ms", MS, even_if_old=True), "the clock",
        "When the last scan ended, in Unix time."),
    Metric("memc_scan_duration_seconds", "gauge", "seconds", NO,
        of_scan("duration_ns", NS, even_if_old=True), "the clock",
        "How long the last scan took."),
    Metric("memc_scan_longest_read_seconds", "gauge", "seconds", NO,
        of_scan("longest_read_ns", NS, even_if_old=True), "the clock",
        "The longest read in the last scan: a process may have waited so long."),
)
GROUPS = (
    Metric("memc_group_processes", "gauge", "", GROUP, of_groups("processes"),
        "a count", "Processes in the group."),
    Metric("memc_group_threads", "gauge", "", GROUP, of_groups("threads"),
        "status: Threads; totals and rollup", "Threads of the group."),
    Metric("memc_group_resident_bytes", "gauge", "bytes", GROUP,
        of_groups("resident_kb", KB), "statm, smaps or page tables",
        "Memory that is in RAM (RSS); what processes share counts in each."),
    Metric("memc_group_unique_bytes", "gauge", "bytes", GROUP,
        of_groups("unique_kb", KB), "Private_Clean + Private_Dirty, or page tables",
        "Memory that no other process maps (USS)."),
    Metric("memc_group_proportional_bytes", "gauge", "bytes", GROUP,
        of_groups("proportional_kb", KB), "smaps or smaps_rollup: Pss",
        "RSS, with shared memory divided by its users (PSS): it adds up over groups."),
    Metric("memc_group_swap_bytes", "gauge", "bytes", GROUP,
        of_groups("swap_kb", KB), "smaps: Swap; status: VmSwap",
        "Memory that is swapped out."),
    Metric("memc_group_virtual_bytes", "gauge", "bytes", GROUP,
        of_groups("virtual_kb", KB), "statm, or the sizes of the mappings",
        "Address space."),
    Metric("memc_group_mappings", "gauge", "", GROUP, of_groups("mappings"),
        "lines of maps or smaps; not with totals", "Mappings of the group."),
    Metric("memc_group_mappings_max", "gauge", "", GROUP, of_groups("mappings_max"),
        "lines of maps or smaps; not with totals",
        "Mappings of the process of the group that has most."),
    _unknown("threads", "resident", "unique", "proportional", "swap", "virtual",
        "mappings"),
)
# The names of process-exporter, whose dashboards then show memc's groups
PROCESS_EXPORTER = (
    Metric("namedprocess_namegroup_num_procs", "gauge", "", GROUPNAME,
        of_groups("processes"), "a count", "Processes in the group."),
    Metric("namedprocess_namegroup_num_threads", "gauge", "", GROUPNAME,
        of_groups("threads"), "status: Threads; totals and rollup",
        "Threads of the group."),
    Metric("namedprocess_namegroup_memory_bytes", "gauge", "bytes",
        ("groupname", "memtype"), memory, "as of memc_group_*_bytes",
        "Memory of the group, by its kind."),
    Metric("namedprocess_namegroup_oldest_start_time_seconds", "gauge", "seconds",
        GROUPNAME, of_groups("oldest_start_s"), "stat: starttime",
        "When the oldest process of the group began, in Unix time."),
    _unknown("threads", "resident", "proportional", "swap", "proportional_swap",
        "virtual"),
)
NAMES = {"memc": GROUPS, "process-exporter": PROCESS_EXPORTER}
OF_SCAN = (
    Metric("memc_owner_resident_bytes", "gauge", "bytes", OWNER,
        of_owners("resident_kb"), "regions by owner, with --owners",
        "Memory in RAM, by what it is for."),
    Metric("memc_owner_unique_bytes", "gauge", "bytes", OWNER, of_owners("unique_kb"),
        "regions by owner, with --owners",
        "Memory that no other process maps, by what it is for."),
    Metric("memc_owner_swap_bytes", "gauge", "bytes", OWNER, of_owners("swap_kb"),
        "regions by owner, with --owners",
        "Memory that is swapped out, by what it is for."),
    # Not memc_max_map_count: promtool refuses the suffix _count for a gauge
    Metric("memc_mappings_limit", "gauge", "", NO, of_scan("max_map_count"),
        "/proc/sys/vm/max_map_count", "Mappings that a process may have."),
    Metric("memc_processes", "gauge", "", NO, of_scan("processes"), "a count",
        "Processes that were read."),
    Metric("memc_processes_skipped", "gauge", "", REASON, by_reason("skipped"),
        "a count", "Processes that could not be read."),
    Metric("memc_processes_degraded", "gauge", "", REASON, by_reason("degraded"),
        "a count", "Processes of which less was read than was asked for."),
    Metric("memc_groups_left_out", "gauge", "", NO, of_scan("groups_left_out"),
        "--groups", "Groups that are summed in the group other."),
    Metric("memc_series_left_out", "gauge", "", NO, of_scan("series_left_out"),
        "--max-series", "Amounts of owners that are summed in the group other."),
)
# fmt: on
