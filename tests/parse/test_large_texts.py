"""Texts whose shape was chosen to make a reader slow.

What is counted is work, not time.  Where work cannot be counted, the text is so large
that a reader whose work grows with the square of it would take minutes.
"""

import random
import subprocess
import sys

from support import layout
from support.cases import cases

from memc.pure import repair
from memc.pure.grammar import read_header

ROWS = 2000
STEPS = 120  # for each row: a few searches, each as deep as the logarithm of ROWS

REVERSED = """
import memc
line = b"%08x-%08x rw-p 00000000 00:00 0 \\n"
rows = range(1_500_000, 0, -1)
text = b"".join(line % (i << 16, i << 16 | 4096) for i in rows)
print(len(memc.fast.parse_maps_text(text)))
"""


class CountedList(list):
    """A list that counts the reads of its items, and fails when it is moved."""

    reads = 0

    def __getitem__(self, i):
        CountedList.reads += 1
        return super().__getitem__(i)

    def insert(self, *_):
        raise AssertionError("moves all later items")


class CountedKept(repair.Kept):
    __slots__ = ()

    def __init__(self, size):
        super().__init__(size)
        self._counts = CountedList(self._counts)


@cases(
    [
        ("reversed", 1, "each row comes before all others"),
        ("shuffled", 1, "nothing is known of the next row"),
        ("shuffled", 40, "each row replaces others"),
        ("reversed", 40, "each row drops the one before"),
    ],
    why=2,
)
def test_rows_in_any_order_take_a_few_steps_each(monkeypatch, case):
    order, pages, _ = case
    starts = list(range(ROWS))[::-1]
    if order == "shuffled":
        random.Random(1).shuffle(starts)
    lines = [layout.region(i << 16, (i << 16) + (pages << 12)) for i in starts]
    rows = [read_header(line.rstrip(b"\n")) for line in lines]
    monkeypatch.setattr(repair, "Kept", CountedKept)
    monkeypatch.setattr(CountedList, "reads", 0)
    kept, torn = repair.repair(rows)
    assert torn
    assert kept == sorted(kept, key=lambda row: row.start)
    assert 0 < CountedList.reads < STEPS * ROWS


def test_a_million_reversed_lines_are_read():
    done = subprocess.run(
        [sys.executable, "-I", "-c", REVERSED],
        check=True,
        capture_output=True,
        timeout=50,
    )
    assert done.stdout == b"1500000\n"
