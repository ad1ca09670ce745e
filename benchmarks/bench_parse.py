"""Reading and parsing in this process, over the floor of the same file."""

import pytest
from rounds import timed

from memc import fast

SIZES = (30, 300, 3_000, "files", 20_000, 60_000)
GOALS = {
    ("smaps", 300): "≤ 1.20",
    ("smaps", 20_000): "≤ 1.05",
    ("maps", 300): "≤ 1.8",
    ("maps", 20_000): "≤ 1.25",
}


def row(kind, size):
    regions = "3,000 regions of files" if size == "files" else f"{size:,} regions"
    return f"`fast.parse_{kind}` / {kind} floor, {regions}"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", ["smaps", "maps"])
def bench_parse(kind, size, bench, native, target):
    pid = target(size)
    bench.ratio(
        row(kind, size),
        timed(getattr(fast, f"parse_{kind}"), pid),
        native.floor(pid, kind),
        goal=GOALS.get((kind, size), ""),
    )
