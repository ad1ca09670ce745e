"""Peak memory of commands.

The bound of the plain command is 16 MiB and 300 bytes a region.
"""

from bench_parse import PSUTIL
from rows import Figure, argv


def bound_mib(regions):
    return 16 + 300 * regions / 2**20


def peak(command):
    """Return a function that gives the peak memory of a command on a target, in MiB."""

    def mib(target):
        words = argv(command, target, target.native)
        own = words[len(target.enter) :]
        return target.native.peak_kb(*own, before=target.enter) / 1024

    return mib


ROWS = {
    "peak of `memc PID --smaps --compact`, 60,000 regions": Figure(
        ours=peak("memc PID --smaps --compact"),
        unit="MiB",
        on=60_000,
        goal=bound_mib(60_000),
        peers={
            "`pmap -XX`": peak("pmap -XX PID"),
            "psutil": peak(PSUTIL),
        },
    ),
    "peak of `memc show PID`, 60,000 regions": Figure(
        ours=peak("memc show PID"), unit="MiB", on=60_000
    ),
    "peak of `memc --all --smaps --compact`, 44,000 regions": Figure(
        ours=peak("memc --all --smaps --compact"),
        unit="MiB",
        on="few",
        goal=bound_mib(44_000),
    ),
    "peak of `memc show --all --by process`, 1,000 processes": Figure(
        ours=peak("memc show --all --by process"),
        unit="MiB",
        on="crowd 1000",
        peers={"`ps_mem`": peak("ps_mem"), "`smem`": peak("smem")},
    ),
}


def bench_row(what, row, fill):
    fill(what, row)
