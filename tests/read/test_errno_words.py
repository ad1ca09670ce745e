"""Errors that say nothing of the process have words of their own, in both backends."""

import errno
import os
import resource
from contextlib import contextmanager, suppress

import pytest
from support.cases import cases
from support.readers import READERS

from memc.errors import MemcError
from memc.ffi.lib import ffi, lib
from memc.proc.files import ProcessFiles
from memc.proc.root import open_root

# expected, errno, why
WORDS = [
    ("raise ulimit -n", errno.EMFILE, "our own limit"),
    ("raise fs.file-max", errno.ENFILE, "the limit of the machine"),
    ("the kernel is out of memory", errno.ENOMEM, "no memory"),
    ("not offered by this kernel", errno.ENOSYS, "no such call"),
    ("could not read it", errno.EIO, "a broken read"),
    ("not permitted (EPERM)", errno.EPERM, "no check of ptrace: that gives EACCES"),
    ("ended while it was read", errno.ESRCH, "no process"),
]
DENIED = {errno.EPERM: lib.MEMC_ERR_DENIED, errno.ESRCH: lib.MEMC_ERR_GONE}


@cases(WORDS, why=2)
def test_words_are_true_and_those_of_both_backends(case):
    expected, number, _ = case
    what = ffi.new("char[]", b"maps")
    told = {
        "status": DENIED.get(number, lib.MEMC_ERR_SYSTEM),
        "hint": lib.MEMC_HINT_ENDED if number == errno.ESRCH else 0,
        "sys_errno": number,
        "pid": os.getpid(),
        "what": what,
    }
    text = ffi.new("char[]", 300)
    lib.memc_error_text(ffi.new("struct memc_error *", told), text, 300)
    with open_root("/proc") as root, ProcessFiles(root, os.getpid()) as files:
        error = files.explain(OSError(number, os.strerror(number)), "maps")
    assert expected in str(error)
    assert str(error) == ffi.string(text).decode()


@contextmanager
def spare_files(count):
    """Let this process open so many files more, whatever it has open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = max(map(int, os.listdir("/proc/self/fd")))
    files = [os.dup(0)]  # the lower numbers that are free
    while files[-1] <= highest:
        files.append(os.dup(0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (files[-1] + count, hard))
    os.close(files.pop())
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for file in files:
            os.close(file)


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
@pytest.mark.parametrize("spare", [0, 1, 2])
def test_too_many_open_files_are_told_with_the_cure(reader, spare):
    reader.collect(os.getpid(), "maps")  # imports what it needs
    with (
        spare_files(spare),
        pytest.raises(MemcError, match="too many open files: raise ulimit -n"),
    ):
        reader.collect(os.getpid(), "maps")


@pytest.mark.parametrize("detail", ["rss", "uss"])  # pss of a small one is of smaps
def test_page_tables_that_could_not_be_opened_are_not_the_fault_of_the_kernel(detail):
    """At each number of spare files, both backends fail, or tell a true note."""
    told = {name: set() for name in READERS}
    for name, reader in READERS.items():
        reader.collect(os.getpid(), detail)
        for spare in range(2, 9):
            with spare_files(spare), suppress(MemcError):
                notes = reader.collect(os.getpid(), detail).notes
                told[name] |= {n.text for n in notes if n.code == "degraded"}
    why = "rss_kb is unknown: pagemap: too many open files: raise ulimit -n"
    assert told == {key: {why} for key in READERS}
