"""What comes back, as those see it who may not look everywhere."""

import json
import os
import subprocess
import sys

import pytest
from support import boxes, children
from support.cases import cases
from support.commands import COMMANDS, NATIVE
from support.ending import victims
from support.text import record

import memc

pytestmark = pytest.mark.kernel

MIB = 24
KB = MIB << 10
NOBODY = 65534
needs_root = pytest.mark.skipif(not boxes.IS_ROOT, reason="needs other users: root")


def with_rights(*names):
    """Start the command as root with no rights but these capabilities."""
    kept = "".join(f",+{name}" for name in names)
    return ("setpriv", f"--bounding-set=-all{kept}", "--inh-caps=-all")


def told(prefix, *pids, command="native"):
    """Return the exit status, `freed` of the JSON document, and the text."""
    words = ["show", *map(str, pids), "--freed"]
    memc = COMMANDS[command]
    done = memc(*words, "--json", prefix=prefix)
    text = memc(*words, prefix=prefix)
    for result in (done, text):
        assert b"Traceback" not in result.err
    document = json.loads(done.out)
    return done.status, document["freed"], text.out.decode()


# kind, what is known of shared memory and the two bounds in units of MIB; why
OWNERS = [
    ("anon", (0, 1, 1), "its own memory is known"),
    ("fork", (0, 0.5, 1.5), "and that of all of them, or two bounds of it"),
    ("memfd", (None, 0, 1), "others, whom it may not look into, may have it"),
    (
        "memfdpart",
        (None, 0, 1),
        "closed: the file is not known, but how far it reaches",
    ),
    ("sysvdest", (1, 1, 1), "how many have a segment is told to everybody"),
    ("shm", (0, 0, 0), "a file with a name stays"),
]


@needs_root
@cases(OWNERS, why=2)
def test_owner_is_told_of_shared_memory_at_most(case, tmp_path):
    kind, (shared, least, most), _ = case
    rights = boxes.WITHOUT_RIGHTS
    with victims(kind, MIB, tmp_path, prefix=rights) as them:
        status, freed, text = told(rights, *them.pids)
        assert status == 0
        assert freed["shared_kb"] == (None if shared is None else shared * KB)
        bounds = freed["at_least_kb"], freed["at_most_kb"]
        assert least * KB <= bounds[0] <= bounds[1]
        assert most * KB <= bounds[1] < most * KB + (16 << 10)
        assert ("at most" in text) == (bounds[0] < bounds[1])
        assert bounds[0] < bounds[1] or shared is not None
        words = "could not be looked into: shared memory comes back only if"
        assert any(words in note for note in freed["notes"]) == (shared is None)


# capabilities, whether the memory is known, the words of notes, why
STRANGERS = [
    ((), False, ["permission denied: needs the same user"], "none"),
    (("perfmon",), True, ["its open files could not be read"], "to read maps"),
    (("sys_ptrace",), True, ["its open files could not be read"], "to trace"),
]


@needs_root
@cases(STRANGERS, why=3)
def test_stranger_is_told_what_is_known_and_why_not_more(case, tmp_path):
    capabilities, is_known, notes, _ = case
    with victims("memfd", MIB, tmp_path, uid=[NOBODY]) as them:
        status, freed, text = told(with_rights(*capabilities), *them.pids)
        if is_known and freed["anonymous_kb"] is None:
            pytest.skip("before Linux 6.15 CAP_PERFMON does not open maps")
        assert (status == 0) == is_known
        assert freed["page_tables_kb"] > 0
        assert freed["shared_kb"] is None
        assert freed["at_least_kb"] < KB <= freed["at_most_kb"] < KB + (16 << 10)
        for name in ("anonymous_kb", "swap_kb", "hugetlb_kb", "cache_kb", "private_kb"):
            assert (freed[name] is not None) == is_known, name
        for words in notes:
            assert any(words in note for note in freed["notes"]), freed["notes"]
        assert "at most" in text


def test_root_is_told_all(tmp_path):
    with victims("memfd", MIB, tmp_path) as them:
        found = memc.freed(them.pids[0])
        if boxes.IS_ROOT:
            assert found.is_exact
            assert found.shared_kb == KB
        else:
            assert found.at_most_kb >= KB


# hidepid, capabilities, the words of a note, why
HIDING = [
    ("invisible", "", "are hidden (hidepid)", "others cannot be seen"),
    ("noaccess", "", "could not be looked into", "they are listed, and no more"),
    ("invisible", ",+sys_ptrace", "could not be looked into", "seen, with fd/ refused"),
]


@needs_root
@cases(HIDING, why=3)
def test_processes_that_hidepid_hides_may_have_shared_memory(case, waiting, tmp_path):
    hidepid, capabilities, words, _ = case
    program = children.PROGRAMS / "ending.py"
    script = f"""
        {sys.executable} -I {program} memfd 8 {tmp_path} > {tmp_path}/told &
        until grep -q ready {tmp_path}/told; do sleep 0.05; done
        {NATIVE} show $! --freed --json
    """
    box = boxes.hiding(hidepid, capabilities)
    done = subprocess.run(
        [*box, "sh", "-c", script], stdin=waiting, capture_output=True, check=False
    )
    assert b"Traceback" not in done.stderr
    freed = json.loads(done.stdout)["freed"]
    assert freed["anonymous_kb"] > 0
    assert freed["shared_kb"] is None
    assert freed["at_most_kb"] - freed["at_least_kb"] >= 8 << 10
    assert any(words in note for note in freed["notes"]), freed["notes"]


@needs_root
def test_hidden_process_is_not_known_at_all(waiting):
    found = COMMANDS["native"](
        "show",
        "3",
        "--freed",
        "--json",
        prefix=boxes.hiding("invisible"),
        stdin=waiting,
    )
    freed = json.loads(found.out)["freed"]
    assert found.status == 1
    assert freed["at_least_kb"] is freed["at_most_kb"] is freed["kernel_kb"] is None
    assert any("hidepid" in note for note in freed["notes"])


def test_zombie_has_no_memory_and_says_so():
    with children.zombie() as pid:
        found = memc.freed(pid)
        _, freed, text = told((), pid)
    assert (found.at_least_kb, found.at_most_kb) == (0, 0)
    assert "is a zombie: its memory is free" in found.notes[0]
    assert freed["anonymous_kb"] == 0
    assert "its own memory" not in text


def test_kernel_thread_cannot_end_and_says_so():
    if not os.path.exists("/proc/2/stat"):
        pytest.skip("no kernel threads are seen here")
    found = memc.freed(2)
    assert (found.at_least_kb, found.at_most_kb) == (0, 0)
    assert "it is a kernel thread" in found.notes[0]


def test_process_that_ended_raises():
    with pytest.raises(memc.ProcessGone):
        memc.freed(children.ended())


def test_one_that_ended_is_noted_among_others():
    gone = children.ended()
    with children.waiting() as child:
        found = memc.freed([child.pid, gone])
    assert found.pids == (child.pid,)
    assert f"process {gone}: no such process" in found.notes


# pids, the error, why
WRONG = [
    ([], ValueError, "nobody"),
    (0, ValueError, "no pid"),
    ([-1], ValueError, "a group"),
    (["1"], TypeError, "text"),
    (1 << 40, memc.ProcessGone, "too large for a pid"),
]


@cases(WRONG, why=2)
def test_wrong_pids_raise(case):
    pids, error, _ = case
    with pytest.raises(error):
        memc.freed(pids)


def test_copy_tells_what_its_files_tell(copy):
    found = memc.freed(copy.pid, proc=copy.proc)
    live = memc.freed(copy.pid)
    assert found.page_tables_kb == live.page_tables_kb
    assert found.anonymous_kb is not None
    assert found.at_least_kb <= live.at_most_kb
    assert any("its open files could not be read" in note for note in found.notes)


def test_copy_of_maps_alone_tells_nothing_and_why(tree):
    tree.add(5, maps=b"", comm=b"x\n")
    found = memc.freed(5, proc=str(tree))
    assert found.at_least_kb is found.at_most_kb is found.anonymous_kb is None
    assert found.notes


# files of a process in a copy, why
HOSTILE = [
    ({"status": b"\0" * 99, "fd": "pipe"}, "a pipe where fd/ should be"),
    ({"status": b"VmPTE:\t99999999999999999999 kB\n", "fd": "file"}, "huge numbers"),
    ({"status": b"VmPTE:\t-1 kB\nThreads:\tx\n", "fd": "link"}, "no numbers; a link"),
    ({"status": b"Name:\tx\nVmPTE:\t8 kB\n", "fd": "loop"}, "links to themselves"),
    ({"status": "pipe", "fd": "none"}, "a pipe where status should be"),
]
ROWS = record(
    0x1000,
    0x9000,
    b"Rss: 32 kB",
    b"Private_Clean: 0 kB",
    b"Private_Dirty: 32 kB",
    b"Anonymous: 32 kB",
    name=b"/memfd:x (deleted)",
)


@cases(HOSTILE, why=1)
def test_copy_that_means_harm_is_read_for_what_it_tells(case, tree):
    files, _ = case
    folder = tree.add(5, smaps=ROWS)
    for name, kind in files.items():
        make(folder / name, kind)
    found = memc.freed(5, proc=str(tree))
    assert found.anonymous_kb == 32
    assert any("its open files could not be read" in note for note in found.notes)
    for option in (["--freed"], ["--freed", "--json"], ["--sort", "freed"]):
        result = COMMANDS["python"]("show", 5, "--proc", tree, *option)
        assert (result.status, b"Traceback" in result.err) == (0, False), result.err


def make(path, kind):
    """Make a file of a process, or something else in its place."""
    if isinstance(kind, bytes):
        path.write_bytes(kind)
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "file":
        path.write_bytes(b"x")
    elif kind == "link":
        path.symlink_to("/proc/self/fd")
    elif kind == "loop":
        path.mkdir()
        (path / "3").symlink_to("3")
        (path / "4").symlink_to("/memfd:x (deleted)")
