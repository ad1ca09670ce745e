"""Copies of /proc that others made: each name that is read may be anything.

Whatever it is, memc ends soon, reads nothing outside and says what was wrong.
"""

import os
import resource

import pytest
from support.boxes import inside
from support.odd_files import make_endless, make_socket
from support.text import page, record

import memc as package
from memc.errors import MemcError, ProcessError

pytestmark = pytest.mark.kernel

SECRET = b"00001000-00002000 r--p 00000000 00:00 0 /secret\n"
STAT = b"5 (x) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 7 0 0\n"
NAMES = (
    *("maps", "smaps", "statm", "status", "stat", "comm", "cgroup", "cmdline"),
    *("pagemap", "smaps_rollup"),
)
# What each detail cannot do without; without another name, a value is missing.
NEEDED = {
    "maps": {"maps"},
    "smaps": {"smaps"},
    "rss": {"maps"},
    "rollup": {"status"},
}


def make_pipe(path):
    os.mkfifo(path)


def make_folder(path):
    path.mkdir()


def make_link(path):
    secret = path.parent.parent.parent / "secret"
    secret.write_bytes(SECRET)
    path.symlink_to(secret)


def make_link_to_a_device(path):
    path.symlink_to("/dev/zero")


def make_link_to_nothing(path):
    path.symlink_to("no/such")


LINK = "Too many levels of symbolic links: none is followed in a copy of /proc"
OTHER = "not a regular file: nothing else is read from a copy of /proc"
WORDS = {
    make_pipe: OTHER,
    make_socket: OTHER,
    make_folder: "Is a directory",
    make_link: LINK,
    make_link_to_a_device: LINK,
    make_link_to_nothing: LINK,
    make_endless: "more than 1 GiB, or a line of more than 16 MiB",
}


@pytest.fixture
def spoil(tree):
    """Give a function that puts an odd file at a name of process 5."""
    texts = {
        "maps": page(1),
        "smaps": record(4096, 8192, b"Rss: 4 kB"),
        "status": b"Name:\tx\nUid:\t0\t0\t0\t0\nThreads:\t1\n",
        "stat": STAT,
        "cgroup": b"0::/x\n",
        "cmdline": b"x\0",
        "smaps_rollup": b"Pss: 5 kB\n",
    }
    folder = tree.add(5, **texts)

    def spoil(name, make):
        if name == "comm":
            (folder / "stat").unlink()  # which tells the name, too
        (folder / name).unlink(missing_ok=True)
        make(folder / name)
        return str(tree)

    return spoil


@pytest.mark.parametrize("make", WORDS, ids=lambda make: make.__name__)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("detail", NEEDED)
def test_odd_file_is_an_error_or_a_missing_value(backend, spoil, detail, name, make):
    proc = spoil(name, make)
    if name in NEEDED[detail]:
        with pytest.raises(ProcessError, match=f"{name}: {WORDS[make]}"):
            backend.collect(5, detail, proc)
    else:
        snap = backend.collect(5, detail, proc)
        assert "secret" not in repr([region.pathname for region in snap])
        assert (snap.name is None) == (name == "comm")
        assert (snap.started is None) == (name in ("stat", "comm"))
    system = backend.collect_all(detail, proc=proc, cgroups=True, cmdlines=True)
    assert len(system.skipped) == (name in NEEDED[detail])
    for process in system.processes:
        assert (process.uid is None) == (name == "status")
        assert (process.cgroup is None) == (name == "cgroup")
        assert (process.cmdline is None) == (name == "cmdline")


@pytest.mark.parametrize("make", WORDS, ids=lambda make: make.__name__)
@pytest.mark.parametrize("name", ["maps", "smaps"])
def test_odd_file_of_a_folder_is_not_loaded(tree, spoil, name, make):
    spoil(name, make)
    if name == "maps":
        (tree.path / "5" / "smaps").unlink()
    with pytest.raises(MemcError, match=r"expected a regular file|more than 1 GiB"):
        package.load(tree.path / "5")


def test_process_that_is_a_link_is_not_read(backend, tree):
    os.symlink(f"/proc/{os.getpid()}", tree.path / "5")
    with pytest.raises(ProcessError, match="process 5: directory: Not a directory"):
        backend.collect(5, "maps", str(tree))
    assert [s.pid for s in backend.collect_all("maps", proc=str(tree)).skipped] == [5]


def test_copy_in_the_place_of_proc_is_checked_too(memc, tree, spoil):
    spoil("maps", make_pipe)
    result = memc(5, prefix=inside(tree))
    assert result.status == 1
    assert result.err.startswith(b"memc: process 5: maps: not a regular file")


def test_long_line_takes_no_more_memory_than_is_read(memc, tree):
    long = page(1)[:-1] + b" " + b"x" * (100 << 20) + b"\n"
    tree.add(5, maps=long)

    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (400 << 20, 400 << 20))

    result = memc(5, "--proc", tree, preexec_fn=limit)
    expected = b"process 5: maps: more than 1 GiB, or a line of more than 16 MiB"
    assert (result.status, result.err) == (1, b"memc: " + expected + b"\n")
