"""What is read back is what was read: documents of regions, and totals of all.

MEMC_TEST_TICKS=1000 takes some minutes.
"""

import hashlib
import os
import random
from pathlib import Path

import pytest
from support.children import running
from support.recorded import Timed, compile_crowd, people

import memc
from memc.proc import stat
from memc.sampling import source

TICKS = int(os.environ.get("MEMC_TEST_TICKS", "60"))


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    return compile_crowd(tmp_path_factory.mktemp("crowd"))


def digest(snap):
    return hashlib.sha256(snap.to_json(full=True)).hexdigest()


@pytest.fixture
def documents(monkeypatch):
    """Keep a digest of each document that is read, in the order of reading."""
    read, found = source.OneProcess.read, {}

    def keep(self):
        snap = read(self)
        found.setdefault((snap.pid, snap.started), []).append(digest(snap))
        return snap

    monkeypatch.setattr(source.OneProcess, "read", keep)
    return found


@pytest.mark.parametrize("detail", ["smaps", "rss"])
def test_documents_are_those_that_were_read(tmp_path, program, documents, detail):
    path = tmp_path / "run.memc"
    with people(program, 40, 60) as crowd:
        session = Timed(path, proc=crowd.proc, detail=detail, duty=100, regions=["/./"])
        for _ in range(TICKS):
            crowd.work()
            session.step()
        session.close("done")
    with memc.Recording(path) as recording:
        found = {}
        for pid in {pid for pid, _ in documents}:
            for snap in recording.snapshots(pid):
                found.setdefault((pid, snap.started), []).append(digest(snap))
        assert found == documents
        for key in random.sample(sorted(documents), 5):  # and one at a time
            moment = recording.at(recording.end_ms)
            if any(process.pid == key[0] for process in moment.processes()):
                assert digest(moment.snapshot(key[0])) == documents[key][-1]


NAMED = """
import ctypes, sys
ctypes.CDLL(None).prctl(15, ctypes.c_char_p(bytes.fromhex(sys.argv[1])))
print("ready", flush=True)
sys.stdin.read()
"""
NAMES = {
    "plain": b"worker",
    "not UTF-8": b"a\xff\xfe",
    "brackets, blanks and newlines": b") S 1 (\n",
    "escapes of terminals": b"\x1b[31mred",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_totals_are_those_of_status(tmp_path, name):
    path = tmp_path / "run.memc"
    with running("python3", "-c", NAMED, name.hex()) as child:
        session = Timed(path, pids=[child.pid], duty=0)
        session.step()
        session.step()
        session.close("done")
        live = memc.snapshot(child.pid, detail="totals")
        with memc.Recording(path) as recording:
            system = recording.at(recording.end_ms).system()
    (process,) = system.processes
    told = process.snapshot
    assert (process.pid, process.started) == (child.pid, live.started)
    assert os.fsencode(process.name) == name
    assert told.total_rss_kb == live.total_rss_kb
    assert told.total_vsize_kb == live.total_vsize_kb
    for key in ("rss_anon_kb", "rss_file_kb", "rss_shmem_kb", "swap_kb", "threads"):
        assert told.totals[key] == live.totals[key]


def kernel_thread():
    """Return the pid of a kernel thread, or None if this /proc shows none."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            _, fields = stat.split((entry / "stat").read_bytes())
        except OSError:
            continue
        if stat.number(fields, stat.FLAGS) & stat.PF_KTHREAD:
            return int(entry.name)
    return None


@pytest.mark.skipif(not kernel_thread(), reason="no kernel thread in this /proc")
def test_what_the_kernel_does_not_tell_is_none(tmp_path):
    path = tmp_path / "run.memc"
    pid = kernel_thread()
    session = Timed(path, pids=[pid], duty=100)
    session.step()
    session.close("done")
    with memc.Recording(path) as recording:
        snap = recording.at(recording.end_ms).snapshot(pid)
    assert snap.total_rss_kb is None
    assert snap.totals["swap_kb"] is None
    assert snap.totals["threads"] == 1
