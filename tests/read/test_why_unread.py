"""Why a file was not read: each reason has its own words, in notes too."""

import ctypes
import errno
import json
import os
import platform
import resource

import pytest
from support.cases import cases
from support.odd_files import make_endless
from support.readers import READERS
from support.text import page, record
from support.trees import Tree
from support.words import but_swap

from memc.errors import MemcError

UNKNOWN = "pss_kb, uss_kb and swap_kb are unknown"
LINK = "Too many levels of symbolic links: none is followed in a copy of /proc"
ODD = "not a regular file: nothing else is read from a copy of /proc"
LARGE = "more than 1 GiB, or a line of more than 16 MiB"
NEITHER = "this kernel has neither smaps_rollup (Linux 4.14) nor smaps, or this is a copy of /proc"  # noqa: E501
NO_SCAN = "this kernel cannot scan page tables (PAGEMAP_SCAN, Linux 6.7), or this is a copy of /proc"  # noqa: E501
STATUS = b"Name:\ta\nVmSize:\t8 kB\nVmRSS:\t4 kB\n"


def link(path):
    path.symlink_to("smaps")


# words, why, how to make smaps_rollup, how to make smaps
ROLLUPS = [
    (f"smaps_rollup: {LINK}", "a link", link, None),
    (f"smaps_rollup: {ODD}", "a pipe", os.mkfifo, None),
    ("smaps_rollup: Is a directory", "a folder", os.mkdir, None),
    (f"smaps_rollup: {LARGE}", "without end", make_endless, None),
    (f"smaps: {ODD}", "there is none, and smaps is a pipe", None, os.mkfifo),
    (f"smaps: {LARGE}", "there is none, and smaps has no end", None, make_endless),
    (NEITHER, "there is neither", None, None),
]


@cases(ROLLUPS, why=1)
@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_rollup_that_cannot_be_read_is_not_taken_for_missing(tmp_path, reader, case):
    words, _, make_rollup, make_smaps = case
    tree = Tree(tmp_path / "proc")
    folder = tree.add(7, maps=page(1), smaps=record(4096, 8192), status=STATUS)
    if make_rollup:
        make_rollup(folder / "smaps_rollup")
    else:
        (folder / "smaps").unlink()
        if make_smaps:
            make_smaps(folder / "smaps")
    snap = reader.collect(7, "rollup", str(tree))
    assert [(n.code, n.text) for n in snap.notes] == [
        ("degraded", f"{UNKNOWN}: {words}")
    ]
    assert snap.totals["pss_kb"] is snap.totals["uss_kb"] is None
    assert snap.total_rss_kb == 4


@pytest.mark.kernel
@pytest.mark.parametrize("detail", ["maps", "smaps", "rss", "totals", "rollup"])
def test_too_many_open_files_make_no_other_note(detail):
    """At each number of spare files, both backends fail, or tell a true note."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    told = set()
    for reader in READERS.values():
        reader.collect(os.getpid(), detail)
        free = os.dup(0)
        os.close(free)
        for spare in range(9):
            resource.setrlimit(resource.RLIMIT_NOFILE, (free + spare, hard))
            try:
                notes = but_swap(reader.collect(os.getpid(), detail).notes)
                told |= {note.text for note in notes}
            except MemcError as error:
                told.add(str(error))
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert [t for t in told if "too many open files: raise ulimit -n" not in t] == []


class Filter(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_void_p)]


IOCTL = {"x86_64": 16, "aarch64": 29}
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
REFUSE, ALLOW = 0x00050000, 0x7FFF0000


def refuse_ioctl(number):
    """Let every ioctl of this process fail with an errno, as a sandbox does."""
    steps = [
        (LOAD, 0, 0, 0),
        (EQUAL, 0, 1, IOCTL[platform.machine()]),
        (RETURN, 0, 0, REFUSE | number),
        (RETURN, 0, 0, ALLOW),
    ]
    code = b"".join(
        c.to_bytes(2, "little") + bytes([t, f]) + k.to_bytes(4, "little")
        for c, t, f, k in steps
    )
    libc = ctypes.CDLL(None, use_errno=True)
    text = ctypes.create_string_buffer(code)
    program = Filter(len(steps), ctypes.cast(text, ctypes.c_void_p))
    done = libc.prctl(38, 1, 0, 0, 0), libc.prctl(22, 2, ctypes.byref(program), 0, 0)
    assert done == (0, 0), ctypes.get_errno()


# words, why, errno
SCANS = [
    ("pagemap: not permitted (EPERM): a security module or a sandbox refuses it",
     "a sandbox says EPERM", errno.EPERM),
    ("pagemap: not offered by this kernel, or refused by a sandbox",
     "a sandbox says ENOSYS", errno.ENOSYS),
    ("pagemap: Permission denied", "a security module", errno.EACCES),
    (NO_SCAN, "an old kernel", errno.ENOTTY),
]  # fmt: skip


@pytest.mark.kernel
@pytest.mark.skipif(platform.machine() not in IOCTL, reason="numbers of system calls")
@cases(SCANS, why=1)
@pytest.mark.parametrize("name", READERS)
def test_refused_scan_of_page_tables_is_told_as_refused(name, case):
    words, _, number = case
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            refuse_ioctl(number)
            notes = READERS[name].collect(os.getpid(), "rss").notes
            os.write(writing, json.dumps([(n.code, n.text) for n in notes]).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with open(reading, "rb") as pipe:
        told = json.loads(pipe.read())
    os.waitpid(child, 0)
    assert told == [["degraded", f"rss_kb is unknown: {words}"]]
