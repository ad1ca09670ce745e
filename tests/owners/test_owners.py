"""The rules of owners, each on a capture, or on lines made up where there is none."""

import pytest
from support.cases import cases
from support.corpus import roots
from support.owner_cases import CAPTURED, LARGE, MADE_UP, SHAPES, THREADS
from support.owner_layouts import LAYOUTS
from support.readers import PURE
from support.text import header, record

from memc.errors import ProcessError
from memc.owners.rules import OF_KIND, RULES, owners
from memc.proc.threads import read_threads

MOUNTED = [("shared memory", "tmpfs"), ("hugetlb", "hugetlbfs")]


def shape(*regions):
    """Give a table of nameless regions: start, end, permissions, and any VmFlags."""
    text = b"".join(
        record(start, end, *(b"VmFlags: %s " % f.encode() for f in flags), perm=perm)
        for start, end, perm, *flags in regions
    )
    return PURE.parse_text(text, "smaps", strict=True)


def capture(kind, name):
    """Find a capture; None where there is no corpus."""
    paths = [root / kind / f"{name}.txt" for root in roots()]
    return next((path for path in paths if path.is_file()), None)


@pytest.mark.parametrize(
    "case",
    [case for case in CAPTURED if capture(*case[3:5])],
    ids=lambda case: f"{case[0]}: {case[6]}",
)
def test_region_of_a_capture_has_the_owner_its_rule_says(backend, case):
    owner, why, label, kind, name, start, _ = case
    table = backend.parse_text(capture(kind, name).read_bytes(), kind, strict=False)
    row = list(table.columns["start"]).index(start)
    found = owners(table)[row]
    assert (owner, why, label) == (found.owner, found.why, found.label)


@pytest.mark.parametrize("case", MADE_UP, ids=lambda case: f"{case[0]}: {case[6]}")
def test_made_up_region_has_the_owner_its_rule_says(backend, case):
    owner, why, label, perm, name, counters, _ = case
    text = record(LARGE + 4096, LARGE + 8192, *counters, perm=perm, name=name)
    (found,) = owners(backend.parse_text(text, "smaps", strict=True))
    assert (owner, why, label) == (found.owner, found.why, found.label)


@pytest.mark.parametrize("case", SHAPES, ids=lambda case: f"{case[0]}: {case[1]}")
def test_nameless_region_is_what_its_place_tells(case):
    owner, _, regions = case
    table = shape(*regions)
    row = list(table.columns["start"]).index(LARGE)
    assert owner == owners(table)[row].owner


def test_every_rule_has_a_case():
    told = {(case[0], case[1]) for case in (*CAPTURED, *MADE_UP)}
    told |= {(case[0].removesuffix("?"), case[1]) for case in LAYOUTS}
    told.add(("thread stack", "a stack pointer"))  # below
    told |= {(owner, f"mounted as {kind}") for owner, kind in MOUNTED}
    told.add(("fiber stack", "more than threads"))  # test_owner_layouts.py, like those
    told |= {(f"{of} rodata", "before data") for of in ("library", "program")}  # below
    assert told == {(rule.owner, rule.why) for rule in RULES}


def test_rules_differ():
    assert len({(rule.owner, rule.why, rule.kinds) for rule in RULES}) == len(RULES)


def test_every_kind_ends_in_a_rule_that_holds_for_all():
    text = b"".join(
        header(i << 12, (i + 1) << 12, perm, name)
        for i, (perm, name) in enumerate(
            (perm, name)
            for name in (b"", b"[x]", b"[anon:x]", b"x:y", b"/x", b"/x.so", b"/memfd:x")
            for perm in ("---p", "---s", "r--p", "r--s", "-w-p", "--xp", "rwxs")
        )
    )
    found = owners(PURE.parse_text(text, "maps", strict=True))
    assert len(found) == 49
    assert set(OF_KIND) == {kind for rule in RULES for kind in rule.kinds}


def test_stack_pointers_tell_the_threads_of_a_stack():
    stack = (LARGE, LARGE + (8 << 20), "rw-p")
    threads = {7: LARGE + 4096, 5: LARGE + 8192, 6: None, 8: 4096, 9: stack[1]}
    (found,) = owners(shape(stack), threads=threads)
    assert (found.owner, found.label, found.guess) == ("thread stack", "5 7", False)


def test_one_thread_has_no_stack_but_the_main_one():
    regions = [(LARGE - 4096, LARGE, "---p"), (LARGE, LARGE + (8 << 20), "rw-p")]
    found = owners(shape(*regions), threads={1: None})
    assert [owner.owner for owner in found] == ["guard", "anonymous"]


def test_stack_pointer_into_the_heap_of_go_makes_no_stack():
    heap = (0xC000000000, 0xC000400000, "rw-p")
    (found,) = owners(shape(heap), threads={1: 1, 2: 0xC000001000})
    assert found.owner == "Go heap"


def test_memory_larger_than_a_library_is_not_its_bss():
    """Memory that was mapped above a library became one region with its bss."""
    file = header(0x10000, 0x12000, "r-xp", b"/x.so") + header(
        0x12000, 0x13000, "rw-p", b"/x.so"
    )
    for end, expected in ((0x16000, "library bss"), (0x17000, "anonymous")):
        text = file + header(0x13000, end)
        found = owners(PURE.parse_text(text, "maps", strict=True))
        assert found[-1].owner == expected


def test_guesses_say_so():
    guesses = {rule.why for rule in RULES if rule.guess}
    assert guesses == {
        *("code in no file", "code in a memfd", "behind the data", "64 MiB aligned"),
        *("Go's addresses", "libjvm's addresses", "above a guard", "in the data"),
        *("closed, below others", "a file of a tmpfs", "no clean page", "its library"),
        *("where hugetlbfs is", "named a library", "data in a memfd of code"),
        *("its pages", "its addresses", "its super pages", "its chunks"),
        *("the largest, libjvm", "above the heap", "much, writable"),
        *("more than threads", "VmFlags nh nr", "of a coroutine"),
        *("its 4 GiB", "its arenas", "before data"),
    }


def test_equal_owners_are_one_object():
    table = shape(*((i << 13, (i << 13) + 4096, "rw-p") for i in range(1, 100)))
    assert len(set(map(id, owners(table)))) == 1


class Short:
    """A table with the columns of a document that ``memc PID`` prints."""

    def __init__(self, table):
        self.columns = {
            name: table.columns[name]
            for name in ("start", "end", "perm", "pathname", "type", "size_kb")
        }
        self.rows = len(table)

    def __len__(self):
        return self.rows


def test_owners_need_only_what_a_short_document_has():
    """``memc PID`` prints no offsets, and flags with --smaps only."""

    text = (roots()[0] / "smaps" / f"{THREADS}.txt").read_bytes()
    table = PURE.parse_text(text, "smaps", strict=True)
    found = {owner.owner for owner in owners(Short(table))}
    assert {"glibc arena", "thread stack", "library text"} <= found


@cases([("library", "/lib/libx.so", "its data"), ("program", "/srv/x", "too")], why=2)
def test_rodata_is_a_guess_where_only_its_offset_would_show_relro(case):
    of, name, _ = case
    parts = [("r--p", 0), ("r-xp", 4096), ("r--p", 8192), ("rw-p", 12288)]
    text = b"".join(
        b"%x-%x %s %08x 08:01 9   %s\n"
        % (0x10000 + at, 0x11000 + at, perm.encode(), at, name.encode())
        for perm, at in parts
    )
    table = PURE.parse_text(text, "maps", strict=True)
    whole = owners(table)
    assert (whole[2].owner, whole[2].guess) == (f"{of} relro", True)
    short = owners(Short(table))
    told = [(owner.owner, owner.guess) for owner in (short[0], short[2])]
    assert told == [(f"{of} rodata", False), (f"{of} rodata", True)]


# stack pointer, why, the file syscall of a thread
SYSCALLS = [
    (0x7FFE10, "it waits in a call", b"7 0x1 0x2 0x3 0x4 0x5 0x6 0x7ffe10 0x7f00\n"),
    (0x7FFE10, "it is in none", b"-1 0x7ffe10 0x7f00\n"),
    (None, "it runs", b"running\n"),
    (None, "it may not be read", None),
    (None, "it is no number", b"-1 what 0x7f00\n"),
    (None, "it is empty", b""),
]


@cases(SYSCALLS, why=1)
def test_stack_pointer_of_a_thread_is_told_where_it_can_be(tree, case):
    expected, _, text = case
    task = tree.add(7) / "task"
    for tid in ("7", "8"):
        (task / tid).mkdir(parents=True)
    if text is not None:
        (task / "8" / "syscall").write_bytes(text)
    assert read_threads(7, proc=str(tree)) == {7: None, 8: expected}


def test_threads_of_a_copy_without_them_raise(tree):
    tree.add(7)
    with pytest.raises(ProcessError, match="process 7: task: no such file"):
        read_threads(7, proc=str(tree))
