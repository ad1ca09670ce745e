"""Files that are whole or absent, where the command's own tests do not come to."""

import errno
import os
import signal
import stat

import pytest

from memc.files import atomic
from memc.files.atomic import Place, append, replace

OLD, NEW = b"old\n", b"new\n"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(OLD)
    return path


@pytest.fixture
def place(file):
    """Give the place of a file that is there."""
    place = Place(str(file))
    yield place
    place.close()


def put(fd):
    os.write(fd, NEW)


def fails(error):
    """Give what writes a part and then fails."""

    def write(fd):
        put(fd)
        raise error

    return write


def assert_nothing_changed(file):
    assert file.read_bytes() == OLD
    assert os.listdir(file.parent) == ["file"]


@pytest.mark.parametrize("error", [OSError(errno.EIO, "x"), MemoryError(), ValueError])
def test_failure_of_any_kind_leaves_the_old_file(place, file, error):
    with pytest.raises(error if isinstance(error, type) else type(error)):
        replace(place, fails(error))
    assert_nothing_changed(file)


def test_disk_that_tells_of_its_failure_late_leaves_the_old_file(
    place, file, monkeypatch
):
    monkeypatch.setattr(atomic.os, "fsync", lambda _fd: fails(OSError(errno.EIO))(1))
    with pytest.raises(OSError, match=str(errno.EIO)):
        replace(place, put)
    assert_nothing_changed(file)


def test_disk_that_cannot_be_asked_is_believed(place, file, monkeypatch):
    def fsync(_fd):
        raise OSError(errno.EINVAL, "no fsync here")

    monkeypatch.setattr(atomic.os, "fsync", fsync)
    os.close(replace(place, put))
    assert file.read_bytes() == NEW


def test_signal_with_a_handler_of_python_leaves_the_old_file(place, file):
    def write(fd):
        put(fd)
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        replace(place, write)
    assert_nothing_changed(file)
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == set()


def test_what_took_the_place_meanwhile_is_not_replaced(place, file):
    file.unlink()
    os.mkfifo(file)
    with pytest.raises(FileExistsError):
        replace(place, put)
    assert stat.S_ISFIFO(file.lstat().st_mode)
    assert os.listdir(file.parent) == ["file"]


@pytest.mark.parametrize("planted", ["file", "link"])
def test_what_was_planted_beside_is_not_written_to(place, file, monkeypatch, planted):
    """The random part of the name was guessed, twice."""
    guesses = iter([b"\0\0\0\0", b"\0\0\0\0", b"\0\0\0\1"])
    monkeypatch.setattr(atomic.os, "urandom", lambda _size: next(guesses))
    beside = file.parent / ".file.memc-00000000"
    if planted == "link":
        beside.symlink_to("victim")
        (file.parent / "victim").write_bytes(OLD)
    else:
        beside.write_bytes(OLD)
    os.close(replace(place, put))
    assert (beside.read_bytes(), file.read_bytes()) == (OLD, NEW)


def test_new_file_is_not_seen_by_others_before_it_is_whole(place, file):
    file.chmod(0o644)
    seen = []

    def write(fd):
        put(fd)
        seen.append((file.read_bytes(), os.fstat(fd).st_nlink))

    os.close(replace(place, write))
    assert seen == [(OLD, 1)]
    assert stat.S_IMODE(file.stat().st_mode) == 0o644


def test_lines_that_others_append_stay(place, file):
    fd = replace(place, put)
    with file.open("ab") as other:
        other.write(OLD)
    assert append(fd, put) == len(NEW)
    os.close(fd)
    assert file.read_bytes() == NEW + OLD + NEW


def test_what_fails_while_it_is_appended_is_cut_off(place, file):
    fd = replace(place, put)
    with pytest.raises(MemoryError):
        append(fd, fails(MemoryError()))
    assert append(fd, put) == len(NEW)
    os.close(fd)
    assert file.read_bytes() == NEW + NEW


def test_no_descriptor_is_left_open(place, file):
    before = os.listdir("/proc/self/fd")
    for path in (f"{file}/no", str(file), "no/such", "/"):
        try:
            Place(path).close()
        except OSError:
            continue
    with pytest.raises(ValueError, match="x"):
        replace(place, fails(ValueError("x")))
    assert os.listdir("/proc/self/fd") == before
