"""Shared memory: what ends with its users, what stays, and who has it too."""

import contextlib
import json
import os

import pytest
from support import boxes
from support.cases import cases
from support.commands import COMMANDS
from support.ending import victims

import memc
from memc.freeing.shared import Shared, is_candidate

pytestmark = pytest.mark.kernel

MIB = 8
KB = MIB << 10


@contextlib.contextmanager
def held(pid):
    """Hold what process `pid` has open as a memfd, in this process."""
    folder = f"/proc/{pid}/fd"
    number = next(
        n
        for n in os.listdir(folder)
        if os.readlink(f"{folder}/{n}").startswith("/memfd:who")
    )
    fd = os.open(f"{folder}/{number}", os.O_RDONLY)
    try:
        yield
    finally:
        os.close(fd)


# kind, the name, why it stays, why
STAYING = [
    ("shm", "/dev/shm/memc-test-", "until the file is removed", "it has a name"),
    ("sysv", "shared memory segment ", "until ipcrm removes the segment", "no mark"),
]


@cases(STAYING, why=3)
def test_memory_that_stays_is_told_by_name(case, tmp_path):
    kind, name, words, _ = case
    with victims(kind, MIB, tmp_path) as them:
        found = memc.freed(them.pids)
    (stays,) = found.stays
    assert stays.name.startswith(name)
    assert (stays.kb, stays.why) == (KB, words)
    assert found.shared_kb == 0


def test_file_on_a_disk_is_cache_and_does_not_stay_as_memory(tmp_path):
    with victims("file", MIB, tmp_path) as them:
        found = memc.freed(them.pids)
    assert found.stays == ()
    assert found.cache_kb >= KB


@pytest.mark.parametrize("kind", ["memfdopen", "memfdmapped"])
def test_memory_of_two_stays_for_the_other_and_ends_with_both(kind, tmp_path):
    with victims(kind, MIB, tmp_path) as them:
        one, both = memc.freed(them.pids[0]), memc.freed(them.pids)
        other = them.pids[1]
        told = COMMANDS["native"]("show", them.pids[0], "--freed").out.decode()
    (stays,) = one.stays
    assert (stays.name, stays.kb, stays.holders) == ("/memfd:who", KB, (other,))
    assert stays.why == "until the others that have it end"
    assert f"held by {other}" in told
    assert one.shared_kb == 0
    assert both.stays == ()
    assert both.shared_kb in (KB, None)  # None: somebody may not be looked into


def test_holder_that_may_be_read_is_named(tmp_path):
    with victims("memfd", MIB, tmp_path) as them, held(them.pids[0]):
        found = memc.freed(them.pids)
    assert [one.holders for one in found.stays] == [(os.getpid(),)]


@pytest.mark.skipif(not boxes.IS_ROOT, reason="needs processes with more rights: root")
def test_holder_that_may_not_be_read_leaves_a_most(tmp_path):
    rights = boxes.WITHOUT_RIGHTS
    with (
        victims("memfd", MIB, tmp_path, prefix=rights) as them,
        held(them.pids[0]),
    ):
        words = ["show", them.pids[0], "--freed"]
        result = COMMANDS["native"](*words, "--json", prefix=rights)
        text = COMMANDS["native"](*words, prefix=rights).out.decode()
    freed = json.loads(result.out)["freed"]
    doubt_kb = freed["at_most_kb"] - freed["at_least_kb"]
    assert KB <= doubt_kb < KB * 1.01  # and the kernel's bookkeeping for it
    assert freed["shared_kb"] is None
    assert freed["stays"] == []
    assert "if nobody else has it" in text
    assert "at most, by what is not known" in text


# kB, spans of the file (first byte, end, resident kB), why
SPANS = [
    (0, [], "not mapped"),
    (8, [(0, 8192, 8)], "mapped once"),
    (8, [(0, 8192, 8), (0, 8192, 8)], "mapped twice: the same pages"),
    (12, [(0, 8192, 8), (8192, 12288, 4)], "two parts"),
    (8, [(0, 8192, 8), (4096, 12288, 4)], "parts that overlap: the larger at least"),
    (12, [(65536, 69632, 4), (0, 8192, 8)], "in any order"),
    (9, [(0, 100, 1), (50, 200, 5), (150, 160, 2), (200, 300, 4)], "a chain, then one"),
]


@cases(SPANS, why=2)
def test_parts_that_are_mapped_twice_count_once(case):
    expected, spans, _ = case
    one = Shared((0, 1, 5), "/memfd:x (deleted)")
    one.spans = spans
    assert one.mapped_kb == expected


# whether the file may end, is deleted; its name in maps or fd/, why
NAMES = [
    (True, True, "/memfd:x (deleted)", "a memfd"),
    (True, True, "/memfd:x", "an old kernel, without the ending"),
    (True, True, "/dev/zero (deleted)", "shared anonymous memory"),
    (True, True, "[anon_shmem:heap]", "shared anonymous memory with a name"),
    (True, None, "/SYSV00000000 (deleted)", "a segment: its mark decides"),
    (True, False, "/dev/shm/x", "a name in /dev/shm"),
    (True, None, "/dev/shm/x (deleted)", "another name may be left"),
    (True, None, "/usr/lib/x.so (deleted)", "a library that was replaced"),
    (False, False, "/dev/zero", "the device, mapped privately"),
    (False, False, "/usr/lib/x.so", "a library"),
    (False, False, "[heap]", "no file"),
    (False, False, "", "no name"),
    (False, False, "pipe:[12]", "a pipe"),
]


@cases(NAMES, why=3)
def test_names_tell_what_may_end(case):
    may_end, is_deleted, name, _ = case
    assert is_candidate(name) == may_end
    assert Shared((0, 1, 5), name).is_deleted is is_deleted
