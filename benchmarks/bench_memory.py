"""The peak memory of the command: 16 MiB and 300 bytes a region are its bound."""


def bound_mib(regions):
    return 16 + 300 * regions / 2**20


def bench_one_process(bench, native, command, target):
    argv = (command, target(60_000), "--smaps", "--compact")
    peak_kb = bench.median(lambda: native.peak_kb(*argv))
    bench.report.figure(
        "peak memory of `memc PID --smaps --compact`, 60,000 regions",
        f"{peak_kb / 1024:.1f} MiB",
        goal=f"≤ {bound_mib(60_000):.1f} MiB",
    )


def bench_all_processes(bench, native, command, system):
    argv = (command, "--all", "--smaps", "--compact")
    peak_kb = bench.median(lambda: native.peak_kb(*argv, before=system.enter))
    regions = system.regions()
    bench.report.figure(
        f"peak memory of `memc --all --smaps --compact`, {regions:,} regions",
        f"{peak_kb / 1024:.1f} MiB",
        goal=f"≤ {bound_mib(regions):.1f} MiB",
    )
