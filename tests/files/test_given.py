"""FILE may be anything: only regular files of a limited size are read."""

import os
import subprocess

import pytest
from support.odd_files import make_endless, make_socket

import memc as package
from memc.errors import MemcError
from memc.files import given
from memc.risks.map_count import read_max_map_count

MAPS = b"00001000-00002000 r--p 00000000 00:00 0\n"


KINDS = [
    ("a pipe", os.mkfifo, "expected a regular file, not a pipe"),
    ("a socket", make_socket, "expected a regular file, not a socket"),
    (
        "a device",
        lambda path: path.symlink_to("/dev/zero"),
        "expected a regular file, not a device",
    ),
    ("an endless file", make_endless, "more than 1 GiB"),
]


@pytest.mark.parametrize("case", KINDS, ids=lambda case: case[0])
def test_odd_file_is_an_error(tmp_path, case):
    _, make, words = case
    path = tmp_path / "file"
    make(path)
    with pytest.raises(MemcError, match=words) as info:
        package.load(path)
    assert str(info.value).startswith(str(path))


def test_own_link_to_a_file_is_followed(tmp_path):
    (tmp_path / "maps").write_bytes(MAPS)
    (tmp_path / "link").symlink_to("maps")
    assert len(package.load(tmp_path / "link")) == 1


@pytest.mark.parametrize("path", ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"])
def test_own_descriptor_may_be_a_pipe(memc, path):
    with subprocess.Popen(["cat"], stdin=-1, stdout=-1) as cat:
        cat.stdin.write(MAPS)
        cat.stdin.close()
        result = memc("show", path, "--json", stdin=cat.stdout)
    assert (result.status, result.err) == (0, b"")


def test_pipe_without_end_ends_at_the_limit(monkeypatch):
    monkeypatch.setattr(given, "MAX_SIZE", 100_000)
    ours, theirs = os.pipe()
    with subprocess.Popen(["cat", "/dev/zero"], stdout=theirs) as child:
        os.close(theirs)
        with pytest.raises(MemcError, match="more than"):
            given.read_given(f"/proc/self/fd/{ours}")
        child.kill()
    os.close(ours)


@pytest.mark.parametrize("odd", ["sys", "sys/vm", "sys/vm/max_map_count"])
def test_limit_of_a_copy_is_not_read_through_a_link(tree, tmp_path, odd):
    there = tmp_path / "there" / "sys" / "vm"
    there.mkdir(parents=True)
    (there / "max_map_count").write_text("50\n")
    (tree.path / odd).parent.mkdir(parents=True, exist_ok=True)
    (tree.path / odd).symlink_to(tmp_path / "there" / odd)
    with pytest.raises(MemcError, match="sys/vm/max_map_count"):
        read_max_map_count(str(tree))


def test_limit_of_a_copy_that_is_a_pipe_is_an_error(tree):
    (tree.path / "sys" / "vm").mkdir(parents=True)
    os.mkfifo(tree.path / "sys" / "vm" / "max_map_count")
    with pytest.raises(MemcError, match="expected a regular file, not a pipe"):
        read_max_map_count(str(tree))
