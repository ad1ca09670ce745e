"""The giver of samples: of whom they are, and what is handed from one to the next."""

import os

import pytest
from support.cases import cases
from support.tables import starts
from support.text import page, record

from memc.errors import MemcError, ProcessError, ProcessGone
from memc.proc.identity import Identity
from memc.read.options import Options
from memc.sampling.source import AllProcesses, OneProcess
from memc.table import build
from memc.table.snapshot import Reading, Snapshot

SMAPS = record(0x1000, 0x3000, b"Rss: 8 kB")
FIRST, SECOND = 0x1000, 0x2000
EXITING = b"7 (x) Z 1 0 0 0 -1 4 0 0\n"


@pytest.fixture
def proc(tree):
    """Give a tree whose process 7 has its first page."""
    tree.add(7, maps=page(1), smaps=SMAPS)
    return tree


def one(backend, proc, detail="maps", *, follow=False, **options):
    identity = Identity(7, str(proc)) if follow else None
    options = Options(detail, proc=str(proc), **options)
    return OneProcess(7, options, identity=identity, reader=backend)


def remove(tree):
    tree.remove(7)


def replace(tree):
    """Let another process have the pid."""
    tree.remove(7)
    tree.add(7, maps=page(2), smaps=SMAPS)


def notes(snap):
    return [(note.code, note.count) for note in snap.notes]


def test_process_that_was_reaped_while_it_was_checked_has_ended(monkeypatch):
    def stat(_):
        raise ProcessLookupError

    identity = Identity(os.getpid())
    monkeypatch.setattr("memc.proc.files.ProcessFiles.stat", stat)
    with pytest.raises(ProcessGone, match="ended"):
        identity.check()


# ---- One process ---------------------------------------------------------------------


def test_without_an_identity_samples_are_of_whoever_has_the_pid(backend, proc):
    proc.add(8)  # without any process it would be no proc file system
    source = one(backend, proc)
    assert starts(source.read()) == [FIRST]
    replace(proc)
    assert starts(source.read()) == [SECOND]
    proc.remove(7)
    with pytest.raises(ProcessGone, match="no such process"):
        source.read()


@cases([("it is gone", remove), ("another has the pid", replace)], why=0)
def test_with_an_identity_the_end_of_the_process_ends_it(backend, proc, case):
    source = one(backend, proc, follow=True)
    assert starts(source.read()) == [FIRST]
    case[1](proc)
    for _ in range(2):
        with pytest.raises(ProcessGone, match=r"process 7: ended$") as caught:
            source.read()
        assert caught.value.pid == 7


def test_zombie_has_ended_for_those_that_follow_it(backend, proc):
    (proc.path / "7" / "maps").write_bytes(b"")
    (proc.path / "7" / "stat").write_bytes(EXITING)
    assert len(one(backend, proc).read()) == 0
    with pytest.raises(ProcessGone, match=r"process 7: ended$"):
        one(backend, proc, follow=True).read()


def test_process_that_is_exiting_and_still_has_memory_is_read(backend, proc):
    (proc.path / "7" / "stat").write_bytes(EXITING)
    assert starts(one(backend, proc, follow=True).read()) == [FIRST]


@pytest.mark.parametrize("follow", [False, True])
def test_error_of_a_process_that_is_still_there_is_its_own(backend, proc, follow):
    source = one(backend, proc, follow=follow)
    os.unlink(proc.path / "7" / "maps")
    with pytest.raises(ProcessError, match="maps: no such file") as caught:
        source.read()
    assert not isinstance(caught.value, ProcessGone)
    (proc.path / "7" / "maps").write_bytes(page(1))
    assert starts(source.read()) == [FIRST]


@pytest.mark.parametrize("pid", [0, -1, 2**31, "7"])
def test_bad_pid_is_refused_when_it_is_made(backend, proc, pid):
    with pytest.raises((TypeError, ValueError, ProcessGone)):
        OneProcess(pid, Options(proc=str(proc)), reader=backend)


# ---- What is handed on ---------------------------------------------------------------


def test_samples_left_out_are_noted_in_the_next_one_alone(backend, proc):
    system = AllProcesses(Options(proc=str(proc)), reader=backend)
    for source in (one(backend, proc), one(backend, proc, follow=True), system):
        found = [notes(source.read(late)) for late in (0, 3, 0, 1)]
        assert found == [[], [("late", 3)], [], [("late", 1)]]
        assert notes(source.read()) == []


# is it handed on? why, detail, options
HANDED = [
    (True, "smaps within a budget", "smaps", {"max_stall_ms": 1000}),
    (True, "smaps_rollup within a budget", "rollup", {"max_stall_ms": 1000}),
    (False, "no budget", "smaps", {}),
    (False, "nothing that holds up a process", "maps", {"max_stall_ms": 1000}),
]


@cases(HANDED, why=1)
def test_last_sample_is_handed_on_only_within_a_budget(backend, proc, case):
    is_handed, _, detail, more = case
    (proc.path / "7" / "smaps_rollup").write_bytes(SMAPS)
    (proc.path / "7" / "status").write_bytes(b"Threads:\t1\n")
    options = Options(detail, proc=str(proc), **more)
    source = OneProcess(7, options, reader=backend)
    for _ in range(2):
        snap = source.read()
        assert options.last is (snap if is_handed else None)


def test_sample_that_the_budget_made_gentler_does_not_replace_the_last(backend, proc):
    options = Options("smaps", proc=str(proc), max_stall_ms=10)
    reading = Reading(7, "smaps", 0)
    reading.total_rss_kb = reading.total_vsize_kb = 100
    reading.longest_read_ns = 1_000_000_000
    options.last = dear = Snapshot(build.table(0, {}), reading)
    source = OneProcess(7, options, reader=backend)
    for _ in range(2):
        assert (source.read().detail, options.last) == ("rss", dear)


# ---- All processes -------------------------------------------------------------------


def test_each_sample_is_of_all_processes_at_its_time(backend, proc):
    source = AllProcesses(Options(proc=str(proc)), reader=backend)
    found = [[p.pid for p in source.read().processes]]
    proc.add(8, maps=page(3))
    found.append([p.pid for p in source.read().processes])
    proc.remove(7)
    found.append([p.pid for p in source.read().processes])
    assert found == [[7], [7, 8], [8]]


def test_options_reach_the_reader(backend, proc):
    proc.add(8, smaps=b"", statm=b"0 0 0 0 0 0 0\n")
    (proc.path / "7" / "cgroup").write_bytes(b"0::/x\n")
    options = Options("smaps", proc=str(proc), skip_kernel=True, cgroups=True, jobs=1)
    told = []
    options.progress = lambda done, count: told.append((done, count))
    system = AllProcesses(options, reader=backend).read()
    found = [(p.pid, p.cgroup, p.snapshot.detail) for p in system.processes]
    assert found == [(7, "/x", "smaps")]
    assert (told[0], told[-1]) == ((0, 2), (2, 2))


def test_root_that_cannot_be_read_is_an_error(backend, tmp_path):
    source = AllProcesses(Options(proc=str(tmp_path / "none")), reader=backend)
    with pytest.raises(MemcError, match="none: No such file"):
        source.read()


@pytest.mark.parametrize("name", ["native", "pure"])
def test_backend_of_the_environment_reads_unless_told(proc, monkeypatch, name):
    monkeypatch.setenv("MEMC_BACKEND", name)
    options = Options(proc=str(proc))
    found = OneProcess(7, options)._reader, AllProcesses(options)._reader
    modules = {"native": "memc.read.native", "pure": "memc.pure.collect"}
    assert [reader.__name__ for reader in found] == [modules[name]] * 2
