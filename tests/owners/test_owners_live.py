"""Owners of live memory, against what the process itself knows of it."""

import os
from types import SimpleNamespace

import pytest
from support import children

import memc
from memc.errors import ProcessGone
from memc.owners import owners
from memc.proc import threads
from memc.proc.threads import read_threads

pytestmark = pytest.mark.kernel

# purpose, as holder.py has it: owner
HELD = {
    "jit": "JIT code",
    "shared": "shared memory",
    "reserved": "reserved",
    "plain": "anonymous",
    "memfd": "shared memory",
    "sysv": "shared memory",
    "malloc": "library text",
}


@pytest.fixture(scope="module")
def holder():
    """Give the pid of a stopped process, and what it tells: words and numbers."""
    with children.script("holder") as child:
        lines = iter(child.stdout.readline, b"\n")
        told = [line.split() for line in lines]
        children.stop(child)
        yield SimpleNamespace(
            pid=child.pid, told=[(word.decode(), int(number)) for word, number in told]
        )


@pytest.fixture(params=["maps", "smaps"])
def found(request, holder, backend):
    """Give a function: who owns this address?"""
    snap = backend.collect(holder.pid, request.param, "/proc")
    held = owners(snap, threads=read_threads(holder.pid))
    assert len(held) == len(snap)
    return lambda address: next(
        owner
        for region, owner in zip(snap, held, strict=True)
        if region.start <= address < region.end
    )


@pytest.mark.parametrize("purpose", HELD)
def test_memory_is_what_it_was_made_for(holder, found, purpose):
    addresses = [number for word, number in holder.told if word == purpose]
    assert addresses
    assert {found(address).owner for address in addresses} == {HELD[purpose]}


@pytest.mark.parametrize("detail", ["rss", "smaps"])
def test_closed_memory_that_holds_pages_is_not_called_reserved(holder, detail):
    """A layout alone does not tell them from each other."""
    address = dict(holder.told)["protected"]
    snap = memc.snapshot(holder.pid, detail=detail)
    row = [region.start for region in snap].index(address)
    assert owners(snap)[row].owner == "protected memory"


def test_what_a_thread_allocates_is_in_an_arena(holder, found):
    arenas = [found(number) for word, number in holder.told if word == "arena"]
    assert len(arenas) == 3
    assert {owner.owner for owner in arenas} == {"glibc arena"}


def test_stack_pointers_lead_to_the_stacks(holder, found):
    threads = read_threads(holder.pid)
    tids = {number for word, number in holder.told if word == "thread"}
    assert tids | {holder.pid} == set(threads)
    for tid in tids:
        owner = found(threads[tid])
        assert (owner.owner, owner.why) == ("thread stack", "a stack pointer")
        assert owner.label == str(tid)
        assert not owner.guess
    assert found(threads[holder.pid]).owner == "main stack"


def test_shape_finds_the_stacks_that_the_pointers_find(holder, backend):
    for detail in ("maps", "smaps"):
        snap = backend.collect(holder.pid, detail, "/proc")
        by_shape = [owner.owner == "thread stack" for owner in owners(snap)]
        threads = read_threads(holder.pid)
        known = [o.owner == "thread stack" for o in owners(snap, threads=threads)]
        assert by_shape == known
        assert sum(known) == 3


def test_nothing_of_a_plain_process_is_unknown():
    held = owners(memc.snapshot(os.getpid(), detail="smaps"))
    assert "unknown" not in {owner.owner for owner in held}


def test_process_of_one_thread_is_not_asked():
    with children.waiting() as child:
        assert read_threads(child.pid) == {child.pid: None}


@pytest.mark.parametrize("is_alone", [None, lambda _: False])
def test_the_quick_look_at_threads_finds_what_the_careful_one_does(
    holder, monkeypatch, is_alone
):
    if is_alone:
        monkeypatch.setattr(threads, "_is_alone", is_alone)
    assert len(read_threads(holder.pid)) > 1
    with children.waiting() as child:
        assert read_threads(child.pid) == {child.pid: None}


def test_threads_of_nobody_raise():
    with pytest.raises(ProcessGone):
        read_threads(children.ended())
