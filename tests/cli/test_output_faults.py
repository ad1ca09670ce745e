"""``--output`` when the disk is full, a limit is reached, or a signal comes.

A file is the old one or the whole new one at any time; a stream ends with a whole
document, whatever happens but SIGKILL.
"""

import errno
import os
import random
import resource
import signal
import subprocess
import time
from functools import partial
from types import SimpleNamespace

import pytest
from support.boxes import NAMESPACE
from support.cases import cases
from support.commands import COMMANDS
from support.streams import documents, fill, leftovers, streaming
from support.tracer import PTRACE_SYSCALL, Reader, ptrace

from memc.cli.output import cannot_write
from memc.read.options import Options
from memc.targets.choice import Choice
from memc.targets.read import read

pytestmark = pytest.mark.kernel

OLD = b'{"old": true}\n'
PAGES = 2000
STREAM = ("--count", 0, "--interval", 1)
# MEMC_TEST_KILLS=200 takes half a minute.
KILLS = int(os.environ.get("MEMC_TEST_KILLS", "40"))


@pytest.fixture
def file(tmp_path):
    """Give the path of a file that is there, in a folder of its own."""
    path = tmp_path / "folder" / "file"
    path.parent.mkdir()
    path.write_bytes(OLD)
    return path


@pytest.fixture
def args(tree):
    """Give arguments for a document of some 150 kB."""
    fill(tree, 5, PAGES)
    return (5, "--proc", tree, "--compact")


def small_disk(folder):
    """Start the command with the folder on a disk of 64 KiB.

    The disk is gone with the command; what it held is copied to another folder.
    """
    copy = folder.parent / "copy"
    script = f"""
        cp -a {folder} {copy}
        mount -t tmpfs -o size=64k none {folder} && cp -a {copy}/. {folder}
        "$@"; status=$?
        rm -r {copy} && cp -a {folder} {copy}
        exit $status
    """
    prefix = (*NAMESPACE, "--mount", "sh", "-c", script, "sh")
    return {"prefix": prefix}, copy, "No space left on device"


def small_limit(folder):
    """Start the command with a limit on the size of files."""
    size = 10_000
    limit = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (size, size))
    return {"preexec_fn": limit}, folder, "File too large"


@pytest.fixture(params=[small_disk, small_limit])
def room(request, file):
    """Want room: `options` start the command so, `folder` has then FILE."""
    options, folder, words = request.param(file.parent)
    return SimpleNamespace(options=options, folder=folder, words=words)


def said(file, words, *before):
    lines = [*before, f"cannot write to {file}: {words}"]
    return "".join(f"memc: {line}\n" for line in lines).encode()


@pytest.mark.parametrize("count", [1, 0])
def test_document_without_room_leaves_the_old_file(memc, args, file, room, count):
    result = memc(*args, "-o", file, "--count", count, **room.options)
    assert (result.status, result.err) == (1, said(file, room.words))
    assert os.listdir(room.folder) == ["file"]
    assert (room.folder / "file").read_bytes() == OLD


def test_stream_without_room_ends_with_a_whole_document(memc, tree, file, room):
    fill(tree, 5, 30)
    result = memc(5, "--proc", tree, *STREAM, "-o", file, **room.options)
    data = (room.folder / "file").read_bytes()
    found = documents(data)
    written = f"wrote {len(found)} documents, {len(data)} bytes, to {file}"
    more = f"{room.words}; what was written before is whole"
    assert (result.status, result.err) == (1, said(file, more, written))
    assert len(found) > 1
    assert os.listdir(room.folder) == ["file"]


class Writer(Reader):
    """A command that is followed while it writes to a file."""

    def __init__(self, file, command, *args):
        super().__init__(command, *args, "-o", file)
        self.beside = str(file.parent / f".{file.name}.memc-")

    def step(self):
        """Let it run to the next system call; return whether there was one."""
        ptrace(PTRACE_SYSCALL, self.child.pid)
        _, status = os.waitpid(self.child.pid, 0)
        return os.WIFSTOPPED(status)

    def run_until_written(self, size):
        """Let it run until it has written that much to the new file."""
        while not any(
            path.startswith(self.beside) and position >= size
            for path, position in self.files()
        ):
            assert self.step()


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM", "SIGHUP"])
@pytest.mark.parametrize("size", [0, 1], ids=["before", "amidst"])
def test_signal_that_ends_it_leaves_the_old_file(memc, args, file, number, size):
    with Writer(file, memc, *args) as writer:
        writer.run_until_written(size)
        writer.child.send_signal(getattr(signal, number))
        status, out, err = writer.finish()
    assert (status, out, err) == (-getattr(signal, number), b"", b"")
    assert file.read_bytes() == OLD
    assert leftovers(file.parent) == []


def test_signal_lets_a_stream_write_the_first_document(memc, args, file):
    with Writer(file, memc, *args, *STREAM) as writer:
        writer.run_until_written(1)
        writer.child.send_signal(signal.SIGTERM)
        status, _, err = writer.finish()
    (document,) = documents(file.read_bytes())
    expected = f"memc: wrote 1 document, {file.stat().st_size} bytes, to {file}\n"
    assert (status, document["region_count"]) == (0, PAGES)
    assert err == expected.encode()


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_signal_ends_a_stream_after_a_whole_document(memc, args, file, number):
    with streaming(memc, *args, *STREAM, "-o", file) as child:
        while file.read_bytes() == OLD:
            assert child.poll() is None
        child.send_signal(getattr(signal, number))
        out, err = child.communicate()
    found = documents(file.read_bytes())
    assert (child.returncode, out) == (0, b"")
    assert err.startswith(f"memc: wrote {len(found)} document".encode())
    assert all(d["region_count"] == PAGES for d in found)


def test_end_of_the_process_is_told_before_what_was_written(memc, tree, file):
    tree.add(5, maps=b"")
    options = ("--proc", tree, *STREAM, "-o", file)
    with streaming(memc, 5, *options) as child:
        while file.read_bytes() == OLD:
            assert child.poll() is None
        (tree.path / "5").rename(tree.path / "ended")  # at once, as a process goes
        _, err = child.communicate()
    found = len(documents(file.read_bytes()))
    *empty, first, second = err.decode().splitlines()
    words = "memc: process 5: has no memory"
    assert empty in ([words], [words, f"{words}: it has ended"])  # if it just ended
    assert first.startswith(f"memc: process 5 ended after {found} sample")
    assert second.startswith(f"memc: wrote {found} document")
    assert child.returncode == 0


def state(file):
    """Tell whether a file is the old one or a whole new one."""
    data = file.read_bytes()
    if data == OLD:
        return "old"
    (document,) = documents(data)
    return "new" if document["region_count"] == PAGES else "neither"


def test_file_is_whole_at_each_system_call(memc, args, file):
    """Whatever is there at a system call would be there for ever after SIGKILL."""
    seen = []
    with Writer(file, memc, *args) as writer:
        writer.run_until_written(0)
        while writer.step():
            seen.append(state(file))
    new = seen.count("new")
    assert seen == ["old"] * (len(seen) - new) + ["new"] * new
    assert len(seen) > new > 0


@pytest.mark.parametrize("name", ["python", "pure"])
def test_file_is_whole_after_sigkill_at_any_moment(name, args, file):
    """How long each may run is drawn from what one takes, and some more."""
    memc, seed = COMMANDS[name], random.randrange(2**32)
    moments = random.Random(seed)
    began = time.monotonic()
    assert memc(*args, "-o", file).status == 0
    took_s = time.monotonic() - began
    file.write_bytes(OLD)
    for number in range(KILLS):
        with memc.start(*args, "-o", file, stderr=subprocess.DEVNULL) as child:
            try:
                child.wait(moments.uniform(0, 1.5 * took_s))
            except subprocess.TimeoutExpired:
                child.kill()
        assert state(file) in {"old", "new"}, f"seed {seed}, round {number}"
    assert all(name.startswith(".file.memc-") for name in leftovers(file.parent))


# words, why, error
UNWRITTEN = [
    ("too many open files: raise ulimit -n", "our own limit", errno.EMFILE),
    ("too many open files on this machine: raise fs.file-max", "all", errno.ENFILE),
    ("Input/output error", "it is written, not read", errno.EIO),
    ("No space left on device", "a full disk", errno.ENOSPC),
]


@cases(UNWRITTEN, why=1)
def test_words_for_output_tell_the_cure(case):
    words, _, number = case
    error = cannot_write("a", OSError(number, os.strerror(number)))
    assert str(error) == f"cannot write to a: {words}"


def test_words_that_an_error_has_are_kept():
    error = cannot_write("a", OSError(errno.EMFILE, "for a reason of its own"))
    assert str(error) == "cannot write to a: for a reason of its own"


@pytest.mark.kernel
def test_file_that_cannot_be_opened_for_want_of_descriptors_tells_the_cure(tmp_path):
    path = tmp_path / "a.maps"
    path.write_bytes(b"1000-2000 r--p 00000000 00:00 0\n")
    choice = Choice()
    choice.paths = [str(path)]
    read(choice, Options("maps"))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.dup(0)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, hard))
    try:
        (error,) = read(choice, Options("maps")).errors
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert str(error) == f"{path}: too many open files: raise ulimit -n"
