"""Owners in programs of many languages: no wrong label, and the shares that were found.

It takes some minutes, and installs what is missing from Debian and PyPI; each program
that cannot be had is skipped by its name.  As root::

    MEMC_TEST_PROGRAMS=1 .venv/bin/pytest -rsP tests/owners/test_owners_of_programs.py
"""

import json
import os
import sys
from bisect import bisect_right
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from support.runtimes import PROG, held, missing

import memc
from memc.errors import MemcError
from memc.owners import owners
from memc.proc.threads import read_threads

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif(
        "MEMC_TEST_PROGRAMS" not in os.environ,
        reason="it takes minutes: MEMC_TEST_PROGRAMS=1 runs it",
    ),
]
# What only programs of one language have.
OWN = {
    *("Go heap", "Go runtime", "V8 heap", "Java heap", "Java memory", "Python memory"),
    *("PHP memory", "Ruby memory", "PartitionAlloc", "jemalloc", "mimalloc"),
    *("runtime heap", "JIT code or heap"),
}
CACHED = 5  # stacks of threads that have ended


class Reading:
    """A stopped process: its snapshot, its threads, and the owners of each region."""

    def __init__(self, pid):
        self.snap = memc.snapshot(pid, detail="smaps")
        self.threads = read_threads(pid)
        self.owners = owners(self.snap, threads=self.threads)
        self.pid = pid

    def sums(self):
        """Give the resident kB by owner."""
        sums = Counter()
        for region, owner in zip(self.snap, self.owners, strict=True):
            sums[owner.owner] += region.rss_kb
        return sums

    def at(self, address):
        """Give the owner of an address."""
        row = bisect_right(self.snap.columns["start"].values.tolist(), address) - 1
        return self.owners[row].owner


def read(pids):
    for pid in pids:
        try:
            found = Reading(pid)
        except MemcError:  # it ended meanwhile
            continue
        if len(found.snap):
            yield found


@pytest.fixture(scope="module", params=PROG, ids=lambda program: program.name)
def found(request):
    """Give a program, what was read of its processes, what it told, other readings."""
    program = request.param
    why = missing(program, install=os.geteuid() == 0)
    if why:
        pytest.skip(why)
    with TemporaryDirectory(prefix="memc-") as name:
        folder = Path(name)
        folder.chmod(0o777)  # some programs become another user
        with held(program, folder) as (pids, told):
            readings = list(read(pids))
            others = [list(otherwise(one, folder)) for one in readings]
    assert readings
    return program, readings, told, others


def otherwise(one, folder):
    """Yield the owners of a process that is stopped, read in other ways."""
    layout = memc.snapshot(one.pid, detail="rss")
    yield "rss", owners(layout, threads=one.threads)
    for full in (False, True):
        path = folder / "saved.json"
        path.write_bytes(one.snap.to_json(full=full))
        yield f"JSON, full {full}", owners(memc.load(str(path)), threads=one.threads)
    path = folder / "saved.txt"
    with open(f"/proc/{one.pid}/smaps", "rb") as text:
        path.write_bytes(text.read())
    yield "text", owners(memc.load(str(path)), threads=one.threads)


def test_no_memory_has_a_label_of_another_language(found):
    program, readings, _, _ = found
    labels = {owner.owner for one in readings for owner in one.owners}
    assert labels & OWN <= program.may


def test_no_more_stacks_than_threads_are_told(found):
    _, readings, _, _ = found
    for one in readings:
        stacks = sum(owner.owner == "thread stack" for owner in one.owners)
        assert stacks <= len(one.threads) - 1 + CACHED


def test_addresses_that_a_program_told_have_no_wrong_label(found):
    program, readings, told, _ = found
    others = program.may - {"Python memory"}  # an allocator that is preloaded
    small = {"Python memory", "anonymous", "malloc main heap", "program bss", *others}
    right = {"small": small, "other": {"anonymous", "malloc main heap", *others}}
    for word, address in told:
        assert readings[0].at(address) in right[word]


def test_owners_are_the_same_however_they_are_read(found):
    """What has no VmFlags may know less, and take memory above a guard for a stack."""
    _, readings, _, others = found
    for one, ways in zip(readings, others, strict=True):
        for way, got in ways:
            pairs = zip(one.owners, got, strict=True)
            known = {(a.owner, b.owner) for a, b in pairs if b.owner != "anonymous"}
            differ = {pair for pair in known if pair[0] != pair[1]}
            assert differ <= (
                {("anonymous", "thread stack")} if way == "rss" else set()
            ), way


def test_share_is_what_was_found(found):
    program, readings, _, _ = found
    sums = sum((one.sums() for one in readings), Counter())
    shown = {name: kb for name, kb in sums.most_common() if name in OWN}
    shown |= {name: sums[name] for name in ("anonymous", *program.besides)}
    sys.stdout.write(f"{json.dumps({'program': program.name, 'kb': shown})}\n")
    if program.share is None:
        return
    owner, least = program.share
    whole = sums[owner] + sum(sums[name] for name in ("anonymous", *program.besides))
    sys.stdout.write(f"{owner}: {sums[owner] * 100 / whole:.1f} %\n")
    assert sums[owner] * 100 >= least * whole
