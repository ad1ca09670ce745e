"""The place of FILE: whose links, folders and files decide where memc writes."""

import errno
import multiprocessing
import os
import signal
import stat
import struct

import pytest
from support.boxes import IS_ROOT
from support.cases import cases

from memc.files import place as places
from memc.files.atomic import Place, append, replace

NOBODY = 65534
OLD, NEW, SECRET = b"old\n", b"new\n", b"secret\n"
# MEMC_TEST_RACES=5000 takes some seconds.
RACES = int(os.environ.get("MEMC_TEST_RACES", "300"))
ACL = "system.posix_acl_access"
DEFAULT_ACL = "system.posix_acl_default"


def acl(*entries):
    """Make an access control list: entries are (tag, permissions, id)."""
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *e) for e in entries)


ANY = 2**32 - 1
# The owner rw, user 12345 r, the group nothing, at most r, others nothing.
FOR_ONE = acl((1, 6, ANY), (2, 4, 12345), (4, 0, ANY), (16, 4, ANY), (32, 0, ANY))


@pytest.fixture
def give(monkeypatch):
    """Give a function that gives a file away; without root, memc is another user."""
    if not IS_ROOT:
        stranger = os.geteuid() + 1
        monkeypatch.setattr(os, "geteuid", lambda: stranger)
        return lambda _path: None
    return lambda path: os.lchown(path, NOBODY, NOBODY)


@pytest.fixture
def folder(tmp_path):
    """Give a folder where everybody can write, as in /tmp, beside a secret file."""
    path = tmp_path / "shared"
    path.mkdir()
    path.chmod(0o1777)
    there = tmp_path / "there"
    there.mkdir()
    for name in ("secret", "file"):
        (there / name).write_bytes(SECRET)
        (there / name).chmod(0o600)
    return path


def put(fd):
    os.write(fd, NEW)


def write(path):
    """Write as --output does: two documents."""
    place = Place(str(path))
    try:
        fd = place.open_special()
        if fd is not None:
            put(fd)
        else:
            fd = replace(place, put)
            append(fd, put)
        os.close(fd)
    finally:
        place.close()


def assert_refused(path, words, number=errno.EPERM):
    with pytest.raises(OSError, match=words) as info:
        write(path)
    assert info.value.errno == number


# why, the link, its target, the path that is written to; FILE becomes there/file
LINKS = [
    ("the last part", "shared/x", "../there/file", "shared/x"),
    ("an absolute target", "shared/x", "TOP/there/file", "shared/x"),
    ("a folder on the way", "shared/x", "../there", "shared/x/file"),
    ("a folder and back", "shared/x", "../there", "shared/x/../there/file"),
    ("a folder in a target", "shared/x", "TOP/there", "shared/mine"),
    ("a folder in a path with dots", "shared/x", "../there", "shared/./x//file"),
]


@pytest.fixture
def link(folder):
    """Give a function that makes the link of a case; it returns link and path."""

    def link(case):
        top = folder.parent
        path = top / case[1]
        path.symlink_to(case[2].replace("TOP", str(top)))
        (folder / "mine").symlink_to("x/file")
        return path, top / case[3]

    return link


@cases(LINKS, why=0)
def test_own_link_is_followed(folder, link, case):
    path, file = link(case)
    write(file)
    assert (folder.parent / "there" / "file").read_bytes() == NEW + NEW
    assert path.is_symlink()


@cases(LINKS, why=0)
def test_link_of_another_user_is_refused_wherever_it_is(folder, link, give, case):
    path, file = link(case)
    give(path)
    assert_refused(file, "a symbolic link of another user .* is not followed")
    assert (folder.parent / "there" / "file").read_bytes() == SECRET


def test_links_in_a_ring_end(folder):
    (folder / "a").symlink_to("b")
    (folder / "b").symlink_to("a")
    for path in ("a", "a/x"):
        with pytest.raises(OSError, match="Too many levels"):
            Place(str(folder / path))


def test_place_above_the_current_folder_is_found(folder, monkeypatch):
    monkeypatch.chdir(folder)
    write("../../" + folder.parent.name + "/shared/../there/file")
    assert (folder.parent / "there" / "file").read_bytes() == NEW + NEW


def test_regular_file_of_another_user_in_a_shared_folder_is_refused(folder, give):
    file = folder / "file"
    file.write_bytes(OLD)
    give(file)
    if not IS_ROOT:  # a folder of its owner is not a shared one
        write(file)
        return
    assert_refused(file, "others can write in its folder, and it belongs to another")
    assert (file.read_bytes(), os.listdir(folder)) == (OLD, ["file"])


@pytest.fixture(params=["shared", "theirs"])
def second(request, folder, give):
    """Give a path where another user can give a file of ours a second name."""
    if request.param == "theirs":
        folder.chmod(0o755)
        give(folder)
    return folder / "x"


def test_second_name_of_a_file_is_refused(folder, second):
    os.link(folder.parent / "there" / "secret", second)
    assert_refused(second, "others can write .* has other names")


def test_second_name_of_a_link_is_not_followed(folder, second):
    (folder.parent / "link").symlink_to("there/secret")
    os.link(folder.parent / "link", second, follow_symlinks=False)
    assert_refused(second, r"a symbolic link with other names|of another user")


def test_pipe_without_a_reader_is_an_error_and_no_wait(folder):
    os.mkfifo(folder / "fifo")
    assert_refused(folder / "fifo", "nobody reads from this pipe", errno.ENXIO)


def test_pipe_with_a_reader_is_written_to_and_waits_for_it(folder):
    os.mkfifo(folder / "fifo")
    reader = os.open(folder / "fifo", os.O_RDONLY | os.O_NONBLOCK)
    fd = Place(str(folder / "fifo")).open_special()
    assert os.get_blocking(fd)
    put(fd)
    assert os.read(reader, 99) == NEW
    os.close(fd)
    os.close(reader)


def test_pipe_of_another_user_is_refused(folder, give):
    os.mkfifo(folder / "fifo")
    give(folder / "fifo")
    reader = os.open(folder / "fifo", os.O_RDONLY | os.O_NONBLOCK)
    assert_refused(folder / "fifo", "a pipe of another user .* is not written to")
    assert os.read(reader, 99) == b""
    os.close(reader)


@pytest.mark.parametrize("kind", ["pipe", "file", "link"])
def test_what_took_the_place_of_a_pipe_is_not_written_to(folder, monkeypatch, kind):
    """It was swapped between the look and the open."""
    path, secret = folder / "x", folder.parent / "there" / "secret"
    os.mkfifo(folder / "first")
    found = os.lstat(folder / "first")
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "file":
        os.link(secret, path)
    else:
        path.symlink_to(secret)
    place = Place(str(folder / "x2"))
    place.name = "x"
    monkeypatch.setattr(places.Place, "look", lambda _place: found)
    with pytest.raises(OSError, match=r"another file|nobody reads"):
        place.open_special()
    place.close()
    assert secret.read_bytes() == SECRET


def swap(name, makers):
    """Put one thing after another at a name, by rename alone, for ever."""
    os.chdir(name.parent)
    name = name.name
    if IS_ROOT:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    while True:
        for number, maker in enumerate(makers):
            spare = f"{name}.{number}"
            try:
                maker(spare)
                os.rename(spare, name)
            except OSError:  # a folder is replaced by no file
                if os.path.isdir(name) and not os.path.islink(name):
                    os.rename(name, f"{name}.old")
                    os.rmdir(f"{name}.old")


def touch(path):
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o666))


@pytest.mark.parametrize("way", ["file", "folder"])
@pytest.mark.usefixtures("give")  # without root, memc is another user than the racer
def test_racer_never_makes_memc_write_elsewhere(folder, way):
    there = folder.parent / "there"
    name = folder / "x"
    target = there / "secret" if way == "file" else there

    def link(path):
        os.symlink(target, path)

    makers = [touch, link, os.mkfifo] if way == "file" else [os.mkdir, link]
    path = name if way == "file" else name / "secret"
    context = multiprocessing.get_context("fork")
    racer = context.Process(target=swap, args=(name, makers), daemon=True)
    racer.start()
    while not os.path.lexists(name):
        assert racer.is_alive()
    before = os.lstat(there / "secret")
    outcomes = set()
    for _ in range(RACES):
        try:
            write(path)
        except OSError as error:
            outcomes.add(error.errno)
    os.kill(racer.pid, signal.SIGKILL)
    racer.join()
    assert (there / "secret").read_bytes() == SECRET
    assert os.lstat(there / "secret").st_ino == before.st_ino
    assert sorted(os.listdir(there)) == ["file", "secret"]
    assert outcomes


@pytest.mark.parametrize("mode", [0o4755, 0o2755, 0o6711])
def test_setuid_and_setgid_are_not_inherited(tmp_path, mode):
    file = tmp_path / "file"
    file.write_bytes(OLD)
    file.chmod(mode)
    write(file)
    assert stat.S_IMODE(file.stat().st_mode) == mode & 0o777


@pytest.fixture
def listed(tmp_path):
    """Give a file with an access control list and an attribute."""
    file = tmp_path / "file"
    file.write_bytes(OLD)
    os.setxattr(file, ACL, FOR_ONE)
    os.setxattr(file, "user.origin", b"ours")
    return file


def test_access_list_and_attributes_are_kept(listed):
    before = {n: os.getxattr(listed, n) for n in os.listxattr(listed)}
    mode = listed.stat().st_mode
    write(listed)
    assert {n: os.getxattr(listed, n) for n in os.listxattr(listed)} == before
    assert listed.stat().st_mode == mode
    assert {ACL, "user.origin"} <= before.keys()


def test_list_of_the_folder_does_not_widen_a_file(tmp_path):
    file = tmp_path / "file"
    file.write_bytes(OLD)
    file.chmod(0o640)
    os.setxattr(tmp_path, DEFAULT_ACL, FOR_ONE)
    write(file)
    assert ACL not in os.listxattr(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


@pytest.mark.parametrize("call", ["listxattr", "setxattr"])
def test_file_whose_list_cannot_be_kept_is_refused(listed, monkeypatch, call):
    def fail(*_):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, call, fail)
    assert_refused(listed, "attribute.*Operation not permitted")
    assert listed.read_bytes() == OLD
    assert os.listdir(listed.parent) == ["file"]


def test_what_took_the_place_of_the_new_file_does_not_become_it(tmp_path):
    """Others could rename the new file in a folder of theirs."""
    file = tmp_path / "file"
    file.write_bytes(OLD)
    place = Place(str(file))

    def write(fd):
        put(fd)
        (beside,) = [n for n in os.listdir(tmp_path) if n.startswith(".file.memc-")]
        (tmp_path / beside).unlink()
        (tmp_path / beside).write_bytes(SECRET)

    with pytest.raises(OSError, match="another file took the place"):
        replace(place, write)
    place.close()
    assert file.read_bytes() == OLD
    assert SECRET in [p.read_bytes() for p in tmp_path.iterdir()]
