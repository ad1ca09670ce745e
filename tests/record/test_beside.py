"""What stands at the place of a recording, and is not what memc put there."""

import os
import random

import pytest

from memc.errors import MemcError
from memc.files.recording import open as opening
from memc.record.options import RecordOptions
from memc.record.session import Session
from memc.record.store import MIN_SIZE, Store

NOBODY = 65534


def give(path):
    path.write_bytes(b"")
    os.chown(path, NOBODY, NOBODY)


def link(path):
    (path.parent / "victim").write_text("mine")
    path.symlink_to(path.parent / "victim")


def second_name(path):
    Store(str(path.parent / "first.memc"), max_size=MIN_SIZE).close(0, "x")
    os.link(path.parent / "first.memc", path)


# What is put there, how, and what is said of it.
STRANGERS = {
    "an empty file of another user, who could read it": ("", give, "another user"),
    "a recording by another name, with another WAL": ("", second_name, "other names"),
    **{
        f"{end}, {what}": (end, put, words)
        for end in ("-lock", "-wal", "-shm", "-journal")
        for what, put, words in (
            ("of another user", give, "another user"),
            ("a link to a file of ours", link, "not a regular file"),
            ("a pipe", os.mkfifo, "not a regular file"),
            ("a folder", os.mkdir, "not a regular file"),
        )
    },
}


@pytest.mark.parametrize(("end", "put", "words"), STRANGERS.values(), ids=STRANGERS)
def test_what_another_put_there_is_refused_unharmed(tmp_path, end, put, words):
    if put is give and os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    path = tmp_path / "run.memc"
    put(tmp_path / f"run.memc{end}")
    with pytest.raises(MemcError, match=f"run.memc{end}: .*{words}"):
        Store(str(path), max_size=MIN_SIZE)
    if put is link:
        assert (tmp_path / "victim").read_text() == "mine"
    if put is second_name:
        path.unlink()
        Store(str(tmp_path / "first.memc"), max_size=MIN_SIZE).close(0, "x")


def ticks(path):
    db = opening.connect(str(path))
    rows = db.execute("select count(*) from tick").fetchall()
    db.close()
    return rows[0][0]


def delete(path):
    path.unlink()


def replace(path):
    other = path.with_name("other.memc")
    Store(str(other), max_size=MIN_SIZE).close(0, "x")
    other.rename(path)


def delete_all(path):
    for file in path.parent.iterdir():
        file.unlink()


@pytest.mark.parametrize("remove", [delete, replace, delete_all])
def test_file_that_was_deleted_is_told_and_a_new_one_goes_on(tmp_path, remove):
    path, said = tmp_path / "run.memc", []
    options = RecordOptions(pids=[os.getpid()], flush_s=0)
    session = Session(str(path), options, on_say=said.append)
    session.step()
    remove(path)
    session.step()
    session.step()
    session.step()
    session.close("done")
    assert session.ticks == 4
    assert ticks(path) == 2
    assert said == [f"{path}: it was deleted, and a new one goes on"]


def test_going_on_in_a_damaged_file_is_an_error_of_memc(tmp_path):
    path = tmp_path / "run.memc"
    options = RecordOptions(pids=[os.getpid()], flush_s=0, duty=100)
    session = Session(str(path), options)
    session.step()
    session.close("done")
    whole, chance = path.read_bytes(), random.Random(5)
    refused = []
    for _ in range(30):
        damaged = bytearray(whole)
        page = chance.randrange(len(whole) // 4096) * 4096
        for at in range(max(page, 100), page + 4096):
            damaged[at] = chance.randrange(256)
        path.write_bytes(damaged)
        try:
            session = Session(str(path), options)
            try:
                session.step()
            finally:
                session.close("done")
        except MemcError as error:
            refused.append(str(error))
    assert refused
    assert all(words.startswith(f"{path}: ") for words in refused)
