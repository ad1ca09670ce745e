"""This machine as a sum: what a state of it adds is in a line, not in the rest.

MEMC_TEST_MIB says how large the states are, in MiB; with 500 they are those of the
design.
"""

import os
import sys
import time
from contextlib import contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from support import children
from support.boxes import AS_OTHERS, IS_ROOT, NOBODY, WITHOUT_RIGHTS, hiding
from support.cases import cases
from support.commands import COMMANDS
from support.groups import enter, live_group
from support.pages import huge_pages
from support.swaps import swap_file

import memc

pytestmark = pytest.mark.kernel

MIB = int(os.environ.get("MEMC_TEST_MIB", "60"))
KB = 1024
MOST_KB = 2 << 10  # what a state may add to the unexplained memory
# Pages of processes that ended count as swap cache while a list of a CPU holds them,
# where swap is in use: two huge pages, for each CPU (lru_add_drain_cpu() in mm/swap.c).
HELD_KB = 4 * KB * os.cpu_count()
TRIES = 12  # other programs change the machine meanwhile
OWN, KERNEL = "processes: their own", "kernel: tables, stacks, vmalloc"
NOT_MAPPED, OTHER = (
    "shared memory, tmpfs: not mapped",
    "hugetlb, swap cache, zswap, zram",
)
SHARED = "processes: shared memory mapped"
ZRAM = Path("/sys/block/zram0")


def machine():
    """Give the account of several in which the rest is smallest: counters lag."""
    return min((memc.machine() for _ in range(3)), key=lambda a: a.unexplained_kb)


def state(name, amount):
    return children.script("states", name, amount)


@contextmanager
def zram(amount):
    """Fill zram with what cannot be compressed, where nobody uses it."""
    size = ZRAM / "disksize"
    if not (os.access(size, os.W_OK) and size.read_text() == "0\n"):
        pytest.skip("zram0 is not there, in use, or may not be set up")
    size.write_text(f"{2 * amount}M")
    try:
        with open("/dev/zram0", "wb", buffering=0) as device:
            device.writelines(os.urandom(1 << 20) for _ in range(amount))
            os.fsync(device.fileno())
        yield
    finally:
        (ZRAM / "reset").write_text("1")


@contextmanager
def hugetlb(amount):
    with huge_pages(amount // 2) as there:
        if not there:
            pytest.skip("no huge pages may be reserved")
        with state("hugetlb", amount):
            yield


@contextmanager
def swapped(amount):
    """Swap memory out to a file of the test, and half of it back."""
    with (
        TemporaryDirectory(dir="/var/tmp") as folder,
        swap_file(Path(folder), 30_000) as on,
    ):
        if not on:
            pytest.skip("no swap may be added")
        with state("swapped", amount):
            yield


def in_swap():
    return swapped(60)


# the line that grows, by how many kB, what makes the state, why
STATES = [
    (None, 0, nullcontext, "at rest"),
    (KERNEL, 14 * MIB, lambda: state("threads", MIB), "threads have stacks"),
    (OWN, MIB * KB, lambda: state("anon", MIB), "anonymous memory"),
    (KERNEL, MIB * KB, lambda: state("tables", MIB), "page tables"),
    (NOT_MAPPED, MIB * KB, lambda: state("deleted", MIB), "a deleted file of a tmpfs"),
    (NOT_MAPPED, MIB * KB, lambda: state("memfd", MIB), "a memfd that nobody maps"),
    (SHARED, MIB * KB, lambda: state("mapped_memfd", MIB), "one that is mapped"),
    (None, 0, lambda: state("regions", 60_000), "60,000 regions"),
    (OTHER, 40 * KB, lambda: hugetlb(40), "pages of hugetlb"),
    (OTHER, MIB * KB, lambda: zram(MIB), "zram"),
    (OTHER, 20 * KB, in_swap, "swap cache, of which a half is mapped"),
]


@cases(STATES, why=3)
def test_state_is_in_its_line_and_not_in_the_rest(case):
    name, grows_kb, make, _ = case
    found = []
    for _ in range(TRIES):
        before = machine()
        with make():
            after = machine()
        moved = after.unexplained_kb - before.unexplained_kb
        grown = name and after.line(name).kb - before.line(name).kb
        found.append((moved, grown))
        enough = name is None or grown > grows_kb - 4 * KB
        if abs(moved) < MOST_KB + (make is in_swap) * HELD_KB and enough:
            return
        time.sleep(0.2)
    pytest.fail(f"the rest moved, and the line grew, by: {found}")


@pytest.fixture
def group():
    with live_group(name="memc-accounts") as folder:
        if folder is None:
            pytest.skip("no memory group of version 1 may be made here")
        yield folder


# the line that grows, what makes the state, why
GROUP_STATES = [
    (OWN, "anon", "anonymous memory"),
    (NOT_MAPPED, "memfd", "a memfd that nobody maps"),
    (SHARED, "mapped_memfd", "one that is mapped"),
    ("kernel", "tables", "page tables"),
]


@cases(GROUP_STATES, why=2)
def test_usage_of_a_group_is_explained_but_for_charges_in_advance(group, case):
    name, make, _ = case
    ahead_kb = 64 * (os.sysconf("SC_PAGE_SIZE") >> 10) * os.cpu_count()
    with children.script("states", make, 30, preexec_fn=enter(group)) as child:
        found = []
        for _ in range(TRIES):
            account = memc.machine(cgroup=group.name)
            line = account.line(OWN)
            strange = abs(line.kb - line.part("of those read"))
            found.append((account.unexplained_kb, strange, line.kb))
            if account.unexplained_kb <= ahead_kb and strange <= line.kb / 100 + 100:
                break
            time.sleep(0.2)
        else:
            pytest.fail(f"not explained, own memory that nobody has, own: {found}")
        assert account.line(name).kb >= 28 << 10
        assert account.processes_read == 1
        assert account.groups[0].usage_kb == account.total_kb
        child.kill()
        child.wait()


def test_data_in_pipes_is_in_the_kernels_line_of_a_group(group):
    with children.script("states", "pipes", 300, preexec_fn=enter(group)) as child:
        line = memc.machine(cgroup=group.name).line("kernel")
        assert line.part("slab, pipes, sockets") > 15 << 10
        child.kill()
        child.wait()


def test_limits_of_a_live_group_are_told():
    with live_group(64 << 20, name="memc-limited") as folder:
        if folder is None:
            pytest.skip("no memory group of version 1 may be made here")
        result = COMMANDS["python"]("machine", "--cgroup", folder.name)
        (group,) = memc.machine(cgroup=folder.name).groups
    assert result.status == 0
    out = " ".join(result.out.decode().split())
    assert "limit 65,536 KiB of this group: " in out
    assert group.limits[0].kb == 64 << 10
    assert max(map(len, result.out.decode().splitlines())) <= 80


def test_what_is_not_explained_is_small_and_the_sum_exact():
    account = machine()
    known = sum(line.kb or 0 for line in account.lines)
    assert known + account.unexplained_kb == account.total_kb
    assert account.unexplained_kb < account.total_kb / 200
    assert min(line.kb or 0 for line in account.lines) >= 0
    assert account.processes_read > 1


def test_data_in_pipes_is_not_explained():
    """No counter of the kernel tells it, so memc says that pipes may be it."""
    before = machine().unexplained_kb
    with state("pipes", 300):
        after = machine().unexplained_kb
    assert after - before > 15 << 10
    assert b"pipes" in COMMANDS["python"]("machine").out


def test_huge_pages_with_holes_are_not_explained_but_told():
    if memc.machine().holed_kb is None:
        pytest.skip("the kernel does not tell of them (Linux 6.13)")
    with state("holes", 40):
        account = machine()
        out = COMMANDS["python"]("machine").out.decode()
    if not account.holed_kb:
        pytest.skip("no huge page was to be had")
    assert account.holed_kb >= 2 << 10
    assert "huge pages partly unmapped: up to" in " ".join(out.split())


def test_free_memory_has_the_lists_of_the_cpus():
    account = memc.machine()
    line = account.line("free")
    assert line.part("lists of the CPUs") > 0
    assert line.kb == line.part("MemFree") + line.part("lists of the CPUs")


def test_tmpfs_is_told_where_it_is_mounted():
    path = Path(f"/dev/shm/memc-test-{os.getpid()}")
    try:
        path.write_bytes(bytes(8 << 20))
        account = memc.machine()
    finally:
        path.unlink(missing_ok=True)
    assert dict(account.tmpfs)["/dev/shm"] >= 8 << 10
    assert account.line(NOT_MAPPED).kb >= 8 << 10


def test_one_memory_of_two_processes_is_counted_once():
    """A child between vfork and exec has the memory of its parent."""
    from memc.accounts.processes import read_held
    from memc.proc.root import open_root

    with children.script("cloner") as child, open_root("/proc") as root:
        second = int(child.stdout.readline())
        try:
            one = read_held(root, [child.pid])
            both = read_held(root, [child.pid, second])
        finally:
            os.kill(second, 9)
    assert (one.read, both.read) == (1, 2)
    assert one.anon_kb > 32 << 10
    assert abs(both.anon_kb - one.anon_kb) < 100


def test_process_whose_first_thread_has_ended_is_read():
    from memc.accounts.processes import read_held
    from memc.proc.root import open_root

    with children.script("leaderless") as child, open_root("/proc") as root:
        held = read_held(root, [child.pid])
    assert (held.read, held.unread) == (1, 0)
    assert held.anon_kb > 100


def test_zombies_and_ended_processes_are_neither_read_nor_unread():
    from memc.accounts.processes import read_held
    from memc.proc.root import open_root

    with children.zombie() as pid, open_root("/proc") as root:
        held = read_held(root, [pid, children.ended()])
    assert (held.read, held.unread, held.anon_kb) == (0, 0, 0)


PRINT = "import memc; a = memc.machine({}); print(a.to_json().decode())"


def run(prefix, what="", **options):
    import subprocess

    import orjson

    argv = [*prefix, sys.executable, "-I", "-c", PRINT.format(what)]
    done = subprocess.run(argv, capture_output=True, check=True, **options)
    assert done.stderr == b""
    return orjson.loads(done.stdout)


@AS_OTHERS
def test_others_processes_are_in_the_first_line_though_nobody_may_read_them():
    nobody = (*NOBODY, "--inh-caps=-all", "--bounding-set=-all")
    with children.waiting():
        for _ in range(TRIES):  # other tests change the machine in the meantime
            mine, theirs = memc.machine(), run(nobody)
            if abs(theirs["unexplained_kb"] - mine.unexplained_kb) < 20 << 10:
                break
            time.sleep(0.2)
    line = theirs["lines"][0]
    parts = {part["name"]: part["kb"] for part in line["parts"]}
    assert theirs["processes_unread"] >= 2
    assert theirs["processes_read"] < mine.processes_read
    assert parts["of others"] > 1000
    assert parts["of those read"] + parts["of others"] == line["kb"]
    assert abs(theirs["unexplained_kb"] - mine.unexplained_kb) < 20 << 10
    assert theirs["notes"][0]["code"] == "denied"


@AS_OTHERS
@pytest.mark.parametrize("capability", ["sys_ptrace", "perfmon"])
def test_one_capability_reads_them(capability):
    rights = (f"--inh-caps=-all,+{capability}", f"--ambient-caps=-all,+{capability}")
    with children.waiting():
        mine = memc.machine()
        theirs = run((*NOBODY, *rights))
    if capability == "perfmon" and theirs["processes_unread"] > 1:
        pytest.skip("CAP_PERFMON opens no memory before Linux 6.15")
    assert theirs["processes_unread"] <= mine.processes_unread + 1
    assert theirs["processes_read"] >= mine.processes_read / 2


# hidepid, how many are unread, codes of notes, why
HIDING = [
    (1, 2, ["hidden", "denied"], "the files are closed"),
    (2, 0, ["hidden"], "they are not listed"),
    (4, 0, ["hidden"], "they look absent"),
]


@pytest.mark.skipif(not IS_ROOT, reason="only root mounts proc for others")
@cases(HIDING, why=3)
def test_hidepid_is_told(waiting, case):
    option, unread, codes, _ = case
    document = run(hiding(option), stdin=waiting)
    assert document["processes_unread"] == unread
    assert [note["code"] for note in document["notes"]][: len(codes)] == codes
    assert document["lines"][0]["kb"] > 0
    known = sum(line["kb"] or 0 for line in document["lines"])
    assert known + document["unexplained_kb"] == document["total_kb"]


# which capability, whether others are hidden from it, why
BY_RIGHT = [
    ("sys_ptrace", False, "hidepid asks for it"),
    ("perfmon", True, "it opens memory, not folders that are hidden"),
]


@pytest.mark.skipif(not IS_ROOT, reason="only root mounts proc for others")
@cases(BY_RIGHT, why=2)
def test_hidepid_asks_for_one_capability(waiting, case):
    capability, hidden, _ = case
    document = run(hiding(2, f",+{capability}"), stdin=waiting)
    assert ("hidden" in [note["code"] for note in document["notes"]]) == hidden


@pytest.mark.skipif(not IS_ROOT, reason="only root mounts proc for others")
def test_hidepid_is_told_of_groups(waiting):
    document = run(hiding(2), "cgroup='/'", stdin=waiting)
    codes = [note["code"] for note in document["notes"]]
    assert "hidden" in codes
    assert "elsewhere" not in codes


@AS_OTHERS
def test_group_of_others_is_told_without_rights(group):
    with children.script("states", "anon", 30, preexec_fn=enter(group)) as child:
        box = (*NOBODY, "--inh-caps=-all", "--bounding-set=-all")
        document = run(box, f"cgroup={group.name!r}")
        child.kill()
        child.wait()
    assert (document["processes_read"], document["processes_unread"]) == (0, 1)
    assert document["lines"][0]["kb"] >= 30 << 10
    assert [line["kb"] for line in document["lines"][1:3]] == [None, None]
    known = sum(line["kb"] or 0 for line in document["lines"])
    assert known + document["unexplained_kb"] == document["total_kb"]


def test_command_without_rights_says_so_in_the_text():
    result = COMMANDS["python"]("machine", prefix=WITHOUT_RIGHTS)
    assert result.status == 0
    assert b"MemTotal" in result.out
