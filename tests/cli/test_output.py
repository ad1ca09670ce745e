"""``--output``: what the file holds, whose it is, and what is never replaced."""

import os
import re
import socket
import stat
import threading
from pathlib import Path

import orjson
import pytest
from support.boxes import IS_ROOT, WITHOUT_RIGHTS
from support.cases import cases
from support.commands import CHANGING
from support.streams import documents, fill, leftovers
from support.text import page

pytestmark = pytest.mark.kernel

NOBODY = 65534
FAST = ("--interval", 1)
OLD = b"what was there\n"


@pytest.fixture
def folder(tmp_path):
    """Give an empty folder."""
    path = tmp_path / "folder"
    path.mkdir()
    return path


@pytest.fixture
def file(folder):
    """Give the path of a file that is there, of a mode that is not the usual one."""
    path = folder / "file.json"
    path.write_bytes(OLD)
    path.chmod(0o640)
    return path


@pytest.fixture
def write(memc, tree):
    """Give a function that writes process 5 to a file."""
    fill(tree, 5, 30)
    return lambda *args, **more: memc(5, "--proc", tree, *args, **more)


def said(documents, path):
    size = f"{Path(path).stat().st_size} bytes"
    return f"memc: wrote {documents}, {size}, to {path}\n".encode()


def masked(data):
    return CHANGING.sub(rb"\1N", data)


def assert_untouched(path, result, words):
    """See that the old file is there, and nothing else, and that it is said why."""
    expected = f"memc: cannot write to {path}: {words}\n".encode()
    assert (result.status, result.out, result.err) == (1, b"", expected)
    assert Path(path).read_bytes() == OLD
    assert leftovers(Path(path).parent) == []


@pytest.mark.parametrize("form", [[], ["--compact"], ["--full"]], ids=str)
@pytest.mark.parametrize("name", ["--output", "-o"])
def test_document_is_what_stdout_would_show(write, folder, form, name):
    path = folder / "new.json"
    result = write(*form, name, path)
    assert (result.status, result.out) == (0, b"")
    assert result.err == said("1 document", path)
    assert masked(path.read_bytes()) == write(*form).masked
    assert os.listdir(folder) == [path.name]


def test_all_processes_are_written_too(memc, tree, folder):
    fill(tree, 5, 3)
    path = folder / "system.json"
    result = memc("--all", f"--output={path}", "--proc", tree)
    lines = result.err.decode().splitlines(keepends=True)
    assert (result.status, result.out) == (0, b"")
    assert lines[:2] == ["Scanning 1 process…\n", "Collected 1, skipped 0\n"]
    assert lines[2].encode() == said("1 document", path)
    assert orjson.loads(path.read_bytes())["process_count"] == 1


@pytest.mark.parametrize("umask", ["000", "077", "777"])
def test_new_file_is_for_its_owner_alone(write, folder, umask):
    path = folder / "new.json"
    shell = ("sh", "-c", f'umask {umask}; exec "$@"', "sh")
    assert write("-o", path, prefix=shell).status == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o600, 0o777, 0o606])
@pytest.mark.parametrize("count", [1, 3])
def test_file_that_is_there_keeps_its_owner_and_mode(write, file, mode, count):
    file.chmod(mode)
    if IS_ROOT:
        os.chown(file, NOBODY, NOBODY)
        file.chmod(mode)
    before = file.stat()
    assert write("-o", file, "--count", count, *FAST).status == 0
    after = file.stat()
    for what in ("st_mode", "st_uid", "st_gid"):
        assert getattr(after, what) == getattr(before, what)
    assert len(documents(file.read_bytes())) == count


@pytest.mark.parametrize("count", [1, 3])
def test_old_file_is_replaced_and_never_written_to(write, file, count):
    with file.open("rb") as old:
        assert write("-o", file, "--count", count, *FAST).status == 0
        assert (old.read(), os.fstat(old.fileno()).st_nlink) == (OLD, 0)
    assert leftovers(file.parent) == []


def test_stream_starts_the_file_anew_and_appends(write, file):
    result = write("-o", file, "--count", 5, "--compact", *FAST)
    assert (result.status, result.out) == (0, b"")
    assert result.err == said("5 documents", file)
    lines = file.read_bytes().splitlines()
    assert [orjson.loads(line)["pid"] for line in lines] == [5] * 5


NAMES = [
    "with blank",
    "new\nline",
    "-o",
    "\udcff",
    "é",
    "x" * 255,
    "é" * 127,
    ".hidden",
]


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_file_may_have_any_name(write, folder, name):
    for _ in range(2):
        assert write("-o", folder / name, "--compact").status == 0
    assert os.listdir(folder) == [name]
    assert orjson.loads((folder / name).read_bytes())["pid"] == 5


def test_path_is_relative_to_the_current_folder(write, folder):
    shell = ("sh", "-c", f'cd {folder}; exec "$@"', "sh")
    assert write("-o", "plain", prefix=shell).status == 0
    assert write("-o", "./../folder/dotted", prefix=shell).status == 0
    assert sorted(os.listdir(folder)) == ["dotted", "plain"]


# why, the path, what is said of it; FILE is there, DIR is its folder
WRONG = [
    ("a folder that is not there", "DIR/no/x", "No such file or directory"),
    ("a file as a folder", "FILE/x", "Not a directory"),
    ("a folder", "DIR", "Is a directory"),
    ("a folder by its dot", "DIR/.", "Is a directory"),
    ("a slash at the end", "DIR/", "Is a directory"),
    ("a slash behind a file", "FILE/", "Not a directory"),
    ("a name that is too long", "DIR/" + "x" * 256, "File name too long"),
    ("a socket", "DIR/socket", "No such device or address"),
    ("a link to itself", "DIR/loop", "Too many levels of symbolic links"),
    ("a link into nowhere", "DIR/nowhere", "No such file or directory"),
]


@cases(WRONG, why=0)
def test_impossible_file_is_one_line_before_anything_is_read(memc, file, case):
    """The process is one that could not be read either."""
    _, path, words = case
    folder = file.parent
    (folder / "loop").symlink_to("loop")
    (folder / "nowhere").symlink_to("no/such")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / "socket"))
    path = path.replace("DIR", str(folder)).replace("FILE", str(file))
    for count in (1, 0):
        result = memc(2**31, "-o", path, "--count", count)
        expected = f"memc: cannot write to {path}: {words}\n".encode()
        assert (result.status, result.out, result.err) == (1, b"", expected)
    assert file.read_bytes() == OLD
    assert leftovers(folder) == []


def test_process_that_cannot_be_read_leaves_the_file_alone(memc, tree, file):
    tree.add(5)  # another one: the folder is a copy of /proc
    for count in (1, 2):
        result = memc(7, "--proc", tree, "-o", file, "--count", count)
        expected = (1, b"memc: process 7: no such process\n")
        assert (result.status, result.err) == expected
        assert file.read_bytes() == OLD


def test_folder_that_may_not_be_written_to_is_told(write, file):
    file.parent.chmod(0o555)
    result = write("-o", file, prefix=WITHOUT_RIGHTS)
    words = "no file can be made in its folder, which may not be written to"
    assert_untouched(file, result, words)
    file.parent.chmod(0o755)


def test_file_that_may_not_be_written_to_is_not_replaced(write, file):
    file.chmod(0o444)
    result = write("-o", file, prefix=WITHOUT_RIGHTS)
    assert_untouched(file, result, "Permission denied")


# Only root can give a file away.
STRANGERS = [NOBODY] if IS_ROOT else []


@pytest.mark.parametrize("owner", STRANGERS or [os.geteuid()])
def test_file_whose_owner_cannot_be_kept_is_not_replaced(write, file, owner):
    file.chmod(0o666)
    os.chown(file, owner, -1)
    result = write("-o", file, prefix=WITHOUT_RIGHTS)
    if owner == os.geteuid():
        assert result.status == 0
        return
    who = f"uid {owner}, gid {os.getegid()}"
    words = f"a new file cannot be given the owner of the old one ({who})"
    assert_untouched(file, result, words)


def test_many_at_once_leave_a_whole_file(write, file):
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(write("-o", file)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [r.status for r in results] == [0] * 8
    assert orjson.loads(file.read_bytes())["region_count"] == 30
    assert leftovers(file.parent) == []


def test_sizes_that_are_told_are_those_of_the_documents(memc, tree, folder):
    tree.add(5, maps=page(1))
    for count in (1, 2, 3):
        result = memc(5, "--proc", tree, "-o", folder / "f", "--count", count, *FAST)
        (told,) = re.findall(rb"(\d+) bytes", result.err)
        assert int(told) == (folder / "f").stat().st_size
