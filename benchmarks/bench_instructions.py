"""Instructions a region, counted by callgrind: the same on a machine that is busy."""

import re
import shutil
import subprocess

import pytest

FEW, MANY = 3_000, 20_000
COUNTED = re.compile(rb"Collected : ([0-9]+)")


def instructions(*argv):
    callgrind = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null")
    done = subprocess.run(
        [*callgrind, *map(str, argv)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=True,
    )
    return int(COUNTED.search(done.stderr)[1])


@pytest.mark.parametrize("options", [("--smaps", "--compact"), ("--compact",)])
def bench_instructions(options, bench, command, target):
    what = f"instructions a region, `memc PID {' '.join(options)}`"
    if not shutil.which("valgrind"):
        bench.report.figure(what, "valgrind is not installed")
        pytest.skip("valgrind is not installed")
    few = instructions(command, target(FEW), *options)
    many = bench.median(lambda: instructions(command, target(MANY), *options))
    each = (many - few) / (MANY - FEW)
    bench.benchmark.extra_info["instructions_a_region"] = each
    bench.report.figure(what, f"{each:,.0f}")
