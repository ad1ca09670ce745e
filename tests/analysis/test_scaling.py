"""Work that grows with the number of regions, not with its square.

What is counted is the lines of Python that are executed.  Four times as many regions
may execute six times as many lines: sorting is allowed, comparing all with all is not.
"""

import sys

from support import layout
from support.cases import cases
from support.readers import PURE

import memc
from memc.owners import owners

FEW, MANY, MOST = 150, 600, 6

SHAPES = [
    ({"step": 8192}, "regions of one kind, with gaps"),
    ({"step": 4096}, "regions that touch"),
    ({"step": 4096, "perms": (b"rw-p", b"---p")}, "guards and stacks in turn"),
    ({"step": 1 << 26, "sizes": (1 << 20, 1 << 26)}, "arenas that may have merged"),
    ({"step": 4096, "name": b"[heap]"}, "many heaps"),
    ({"step": 4096, "name": b"[anon:x%d]", "numbered": True}, "a name for each region"),
    (
        {"step": 8192, "name": b"/lib%d.so", "numbered": True},
        "a library for each region",
    ),
    ({"step": 4096, "name": b"/lib.so"}, "one library in many pieces"),
    (
        {"step": 8192, "name": b"/memfd:doublemapper", "perms": (b"rw-s", b"r-xs")},
        "one file mapped again and again",
    ),
]


def table(shape, numbers):
    step, sizes = shape["step"], shape.get("sizes", (4096,))
    perms, name = shape.get("perms", (b"rw-p",)), shape.get("name", b"")
    lines = [
        layout.region(
            i * step + (1 << 32),
            i * step + (1 << 32) + sizes[i % len(sizes)],
            perm=perms[i % len(perms)],
            inode=7 if name.startswith(b"/") else 0,
            name=name % i if shape.get("numbered") else name,
        )
        for i in numbers
    ]
    return PURE.parse_text(b"".join(lines), "maps", strict=True)


def lines_of(work):
    """Return how many lines of Python some work executes."""
    count = 0

    def trace(_frame, event, _arg):
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


@cases(SHAPES, why=1)
def test_owners_of_many_regions_take_a_few_steps_each(case):
    few, many = (table(case[0], range(n)) for n in (FEW, MANY))
    owners(table(case[0], range(FEW - 1)))  # loads what is loaded once
    assert lines_of(lambda: owners(many)) < MOST * lines_of(lambda: owners(few))


@cases(SHAPES, why=1)
def test_differences_of_many_regions_take_a_few_steps_each(case):
    (a, b), (c, d) = (
        (table(case[0], range(n)), table(case[0], [i for i in range(n) if i % 3]))
        for n in (FEW, MANY)
    )
    list(memc.diff(a, b))
    assert lines_of(lambda: list(memc.diff(c, d))) < MOST * lines_of(
        lambda: list(memc.diff(a, b))
    )
