"""Instructions.

Counted by callgrind (valgrind), so they are the same on a machine that is busy: the
difference between 20,000 and 3,000 regions, divided by the regions between.
"""

import re
import shutil
import subprocess

from rows import AbsentError, Figure, argv

FEW, MANY = 3_000, 20_000
COUNTED = re.compile(rb"Collected : ([0-9]+)")
CALLGRIND = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null")


def instructions(words):
    done = subprocess.run(
        [*CALLGRIND, *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=True,
    )
    return int(COUNTED.search(done.stderr)[1])


def a_region(command):
    def each(targets):
        if not shutil.which("valgrind"):
            raise AbsentError("valgrind is not installed")
        few, many = (
            instructions(argv(command, target, target.native)) for target in targets
        )
        return (many - few) / (MANY - FEW)

    return each


ROWS = {
    f"instructions a region, `{command}`": Figure(
        ours=a_region(command), unit="", on=(FEW, MANY)
    )
    for command in ("memc PID --smaps --compact", "memc PID --compact")
}


def bench_row(what, row, fill):
    fill(what, row)
