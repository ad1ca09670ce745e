"""``--output`` to what is no regular file, and through symbolic links."""

import os
import stat
import subprocess
import threading
from pathlib import Path

import orjson
import pytest
from support.boxes import IS_ROOT, NAMESPACE
from support.cases import cases
from support.streams import documents, fill, leftovers

pytestmark = pytest.mark.kernel

NOBODY = 65534
OLD = b"what was there\n"
FAST = ("--interval", 1, "--compact")


@pytest.fixture
def write(memc, tree):
    """Give a function that writes process 5 to a file."""
    fill(tree, 5, 30)
    return lambda *args, **more: memc(5, "--proc", tree, *args, **more)


@pytest.fixture
def device(tmp_path):
    """Give a function that makes a device that can be lost, where that is allowed."""

    def device(name, minor):
        if not IS_ROOT:
            return f"/dev/{name}"
        path = str(tmp_path / name)
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, minor))
        return path

    return device


@pytest.fixture
def drain(tmp_path):
    """Give a FIFO, and a function that gives what was written to it."""
    path = tmp_path / "fifo"
    os.mkfifo(path)
    got = []
    thread = threading.Thread(target=lambda: got.append(path.read_bytes()))
    thread.start()
    yield path, lambda: (thread.join(), got[0])[1]
    thread.join()


@pytest.mark.parametrize("count", [1, 3])
def test_device_is_written_to_and_stays_one(write, device, count):
    path = device("null", 3)
    result = write("-o", path, "--count", count, *FAST)
    what = f"{count} document{'s' * (count > 1)}"
    expected = f"memc: wrote {what} to {path}\n".encode()
    assert (result.status, result.out, result.err) == (0, b"", expected)
    assert stat.S_ISCHR(os.lstat(path).st_mode)


@pytest.mark.parametrize("count", [1, 0])
def test_full_device_is_one_line_and_1(write, device, count):
    path = device("full", 7)
    result = write("-o", path, "--count", count, *FAST)
    words = f"memc: cannot write to {path}: No space left on device\n"
    assert (result.status, result.err) == (1, words.encode())
    assert stat.S_ISCHR(os.lstat(path).st_mode)


@pytest.mark.parametrize("count", [1, 3])
def test_fifo_is_written_to(write, drain, count):
    path, read = drain
    assert write("-o", path, "--count", count, *FAST).status == 0
    assert [d["pid"] for d in documents(read())] == [5] * count
    assert stat.S_ISFIFO(os.lstat(path).st_mode)


def test_terminal_is_written_to(write):
    ours, theirs = os.openpty()
    chunks = []

    def read():
        while b"\n" not in b"".join(chunks[-1:]):
            chunks.append(os.read(ours, 65536))

    thread = threading.Thread(target=read)
    thread.start()
    assert write("-o", os.ttyname(theirs), "--compact").status == 0
    thread.join()
    os.close(ours)
    os.close(theirs)
    assert orjson.loads(b"".join(chunks))["region_count"] == 30


def test_own_stdout_is_written_to_by_its_name(write, tmp_path):
    """As a pipe it has no name; as a file it is not ours to replace or to cut off."""
    result = write("-o", "/proc/self/fd/1", "--compact")
    assert (result.status, orjson.loads(result.out)["pid"]) == (0, 5)
    log = tmp_path / "log"
    log.write_bytes(OLD)
    with log.open("ab") as out:
        result = write("-o", "/dev/fd/1", "--compact", stdout=out)
        assert os.fstat(out.fileno()).st_nlink == 1
    first, second = log.read_bytes().splitlines(keepends=True)
    assert (result.status, first) == (0, OLD)
    assert orjson.loads(second)["pid"] == 5


@pytest.fixture
def links(tmp_path):
    """Give a folder with a file in another folder, and links of all kinds to it."""
    (tmp_path / "there").mkdir()
    (tmp_path / "here").mkdir()
    (tmp_path / "there" / "file").write_bytes(OLD)
    (tmp_path / "folder").symlink_to("here")
    here = tmp_path / "here"
    (here / "relative").symlink_to("../there/file")
    (here / "absolute").symlink_to(tmp_path / "there" / "file")
    (here / "chain").symlink_to("relative")
    (here / "dangling").symlink_to("../there/new")
    return tmp_path


@pytest.fixture
def theirs(links):
    """Give a link of another user.

    Without root it is root's: in a namespace where we are root, it is of nobody.
    """
    if not IS_ROOT:
        return Path("/dev/stdout")
    path = links / "here" / "theirs"
    path.symlink_to("../there/file")
    os.lchown(path, NOBODY, NOBODY)
    return path


# why, the path, the name in the other folder that gets the document
FOLLOWED = [
    ("a relative link", "here/relative", "file"),
    ("an absolute link", "here/absolute", "file"),
    ("a link to a link", "here/chain", "file"),
    ("a link to what is not there yet", "here/dangling", "new"),
    ("a link of a folder on the way", "folder/relative", "file"),
]


@cases(FOLLOWED, why=0)
@pytest.mark.parametrize("count", [1, 2])
def test_own_link_is_followed_and_stays(write, links, case, count):
    _, path, name = case
    (links / "there" / "file").chmod(0o604)
    before = os.readlink(links / path)
    result = write("-o", links / path, "--count", count, *FAST)
    assert (result.status, os.readlink(links / path)) == (0, before)
    found = documents((links / "there" / name).read_bytes())
    assert [d["pid"] for d in found] == [5] * count
    mode = 0o604 if name == "file" else 0o600
    assert stat.S_IMODE((links / "there" / name).stat().st_mode) == mode
    assert leftovers(links / "there") == leftovers(links / "here") == []


@pytest.mark.parametrize("through", [None, "mine"])
def test_link_of_another_user_is_not_followed(write, links, theirs, through):
    path = theirs
    if through:
        path = links / through
        path.symlink_to(theirs)
    result = write("-o", path, prefix=() if IS_ROOT else NAMESPACE)
    owner = f"uid {NOBODY}"
    words = f"a symbolic link of another user ({owner}) is not followed"
    expected = f"memc: cannot write to {path}: {words}\n".encode()
    assert (result.status, result.out, result.err) == (1, b"", expected)
    assert (links / "there" / "file").read_bytes() == OLD
    assert leftovers(links / "there") == []


def test_closed_reader_of_a_fifo_ends_it_silently(memc, tree, tmp_path):
    fill(tree, 5, 4000)
    path = tmp_path / "fifo"
    os.mkfifo(path)
    options = ("--proc", tree, "-o", path, "--count", 0, *FAST)
    with memc.start(5, *options, stderr=subprocess.PIPE) as child:
        with path.open("rb", buffering=0) as reader:
            assert reader.read(10) == b'{"pid":5,"'
        assert child.stderr.read() == b""
    assert child.returncode == -13
