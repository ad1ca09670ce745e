"""The views of a recording, column by column."""

from __future__ import annotations

from memc.files.recording.schema import EVENTS, VIEWS
from memc.files.recording.sql import Answer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

__all__ = ["COLUMNS", "answer", "text"]

T_MS = "when: Unix time in ms"
PID = "its pid"
NAME = "its name"
PROCESS = "its id in the view process"
SEGMENT = "the segment of the row"
# The columns of each view, in their order, in words.
COLUMNS = {
    "process": {
        "process": "its number in this recording",
        "pid": PID,
        "boot": "the boot id of the kernel that it ran under",
        "start_ticks": "when it started: ticks since boot, as in /proc/PID/stat",
        "exec": "how many programs it had begun before this one, since it was seen",
        "ppid": "the pid of its parent when it was first seen",
        "uid": "the user when it was first seen",
        "name": NAME,
        "cmdline": "its command line",
        "cgroup": "its control group",
        "first_ms": "when it was first seen",
        "last_ms": "when it was gone, or the recorder ended; null: neither yet",
    },
    "usage": {
        "t_ms": T_MS,
        "time": "the same as a text, in UTC",
        "pid": PID,
        "name": NAME,
        "process": PROCESS,
        "rss_kb": "VmRSS of status: resident memory",
        "vsize_kb": "VmSize: address space",
        "anon_kb": "RssAnon: of the RSS, what no file has",
        "file_kb": "RssFile: of the RSS, pages of files",
        "shmem_kb": "RssShmem: of the RSS, shared memory and tmpfs",
        "swap_kb": "VmSwap: what is in swap",
        "minflt": "page faults without a read from a disk, since it started",
        "majflt": "page faults with one",
        "threads": "how many threads it has",
        "state": "a letter as in /proc/PID/stat: R, S, D, Z, T, I",
        "segment": SEGMENT,
    },
    "beside": {
        "t_ms": T_MS,
        "pid": PID,
        "name": NAME,
        "process": PROCESS,
        "hugetlb_kb": "HugetlbPages of status: huge pages, which no rss_kb has",
        "same_memory_as": "the pid of another process that has the same memory",
        "segment": SEGMENT,
    },
    "owner": {
        "t_ms": T_MS,
        "pid": PID,
        "name": NAME,
        "process": PROCESS,
        "owner": "what the memory is for, as in memc show --by owner",
        "rss_kb": "resident memory of its regions",
        "swap_kb": "what of them is in swap",
        "pss_kb": "PSS, where smaps was read",
        "uss_kb": "what only this process maps, with --detail uss or smaps",
        "size_kb": "the size of its regions",
        "regions": "how many regions; 0: it has none any more",
        "segment": SEGMENT,
    },
    "event": {
        "t_ms": T_MS,
        "pid": "the pid; null: an event of the machine or the recorder",
        "name": NAME,
        "kind": f"{', '.join(EVENTS[:-1])} or {EVENTS[-1]}",
        "detail": "a JSON object of facts, such as last_rss_kb; null: none",
        "process": PROCESS,
        "segment": SEGMENT,
    },
    "tick": {
        "t_ms": T_MS,
        "cost_ns": "CPU time of the look",
        "read_ns": "of it, for regions",
        "processes": "how many processes there were",
        "changed": "how many of them had a new row of usage",
        "skipped": "how many had regions to read, and no CPU time was left",
        "segment": SEGMENT,
    },
    "machine": {
        "t_ms": T_MS,
        "total_kb": "MemTotal",
        "available_kb": "MemAvailable",
        "swap_free_kb": "SwapFree",
        "shmem_kb": "Shmem",
        "oom_kill": "oom_kill of vmstat: kills for memory since boot",
        "psi_some_us": "total of some in pressure/memory",
        "psi_full_us": "total of full in pressure/memory",
        "segment": SEGMENT,
    },
    "segment": {
        "id": "its number; a larger one was recorded later",
        "run": "its run, the id in the view run",
        "began_ms": "when it began: Unix time in ms",
        "boot_ns": "the same, in ns since boot",
        "ended_ms": "when the next one began, or the recorder ended; null: neither",
    },
    "run": {
        "id": "its number",
        "memc": "the version of memc",
        "kernel": "the release of Linux",
        "host": "the name of the machine",
        "boot": "the boot id",
        "pid": "the pid of the recorder",
        "options": "a JSON object of its options",
        "began_ms": "when it began: Unix time in ms",
        "ended_ms": "when it ended; null: it goes on, or was killed",
        "why": "why it ended",
    },
}


def answer() -> Answer:
    """Return a row for each column of each view."""
    rows = [
        (view, column, words)
        for view, columns in COLUMNS.items()
        for column, words in columns.items()
    ]
    return Answer(["view", "column", "meaning"], [*rows])


def text(_answer: Answer, _args: Namespace) -> str:
    """Return a paragraph for each view."""
    parts = []
    for view, columns in COLUMNS.items():
        comment = VIEWS[view].partition("\n")[0].removeprefix("-- ")
        lines = [f"  {column:<14}  {words}" for column, words in columns.items()]
        parts.append("\n".join([f"{view}: {comment}", *lines]))
    return (
        "\n\n".join(parts)
        + "\n\n_kb is kB (1024 bytes); null: the kernel did not say\n"
    )
