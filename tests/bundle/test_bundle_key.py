"""The file of a key: made for its owner alone, and refused if others may read it."""

import os
import stat

import pytest
from support.cases import cases

from memc.bundle.key import new_key, read_key
from memc.errors import MemcError

GOOD = b"0123456789abcdef" * 4 + b"\n"


def test_a_new_key_is_32_random_bytes():
    assert len({new_key() for _ in range(10)}) == 10
    assert {len(new_key()) for _ in range(10)} == {32}


def test_a_missing_file_is_made_for_its_owner_and_stays(tmp_path):
    path = tmp_path / "key"
    old = os.umask(0)
    try:
        key = read_key(str(path))
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes() == key.hex().encode() + b"\n"
    assert read_key(str(path)) == key
    assert [each.name for each in tmp_path.iterdir()] == ["key"]


def written(path, data, mode=0o600):
    path.write_bytes(data)
    path.chmod(mode)


def linked(path):
    written(path.parent / "other", GOOD, 0o644)
    path.symlink_to("other")


REFUSED = [
    (lambda p: written(p, GOOD, 0o640), "others may read this key: chmod 600", "group"),
    (lambda p: written(p, GOOD, 0o604), "others may read this key", "others"),
    (lambda p: written(p, GOOD[:-3]), "no key of memc: expected 64 digits", "short"),
    (lambda p: written(p, b""), "no key of memc", "empty"),
    (lambda p: written(p, GOOD + GOOD), "no key of memc", "two of them"),
    (lambda p: written(p, GOOD.upper()), "no key of memc", "another form"),
    (lambda p: written(p, os.urandom(32)), "no key of memc", "raw bytes"),
    (lambda p: os.mkfifo(p, 0o600), "expected a regular file, not a pipe", "a FIFO"),
    (lambda p: p.mkdir(0o700), "expected a regular file, not a directory", "a folder"),
    (linked, "others may read this key", "a link to a file of many"),
    (lambda p: p.symlink_to("nowhere"), "o such file", "a link to nothing"),
]


@cases(REFUSED, why=2)
def test_what_is_no_secret_key_is_refused(tmp_path, case):
    make, words, _ = case
    path = tmp_path / "key"
    make(path)
    with pytest.raises(MemcError, match=words):
        read_key(str(path))


def test_a_folder_that_is_missing_is_told(tmp_path):
    with pytest.raises(MemcError, match="No such file"):
        read_key(str(tmp_path / "no" / "key"))


def test_a_device_is_no_key():
    with pytest.raises(MemcError, match=r"others may read|a device"):
        read_key("/dev/zero")
