"""Samples of a process that ends, changes, or whose pid is given to another one."""

import os
import shutil
import signal
import subprocess
import sys

import orjson
import pytest
from support import children
from support.boxes import NAMESPACE
from support.streams import documents, ended, finish, stopped, streaming
from support.text import page

from memc.proc.state import NOW

pytestmark = pytest.mark.kernel

FAST = ("--interval", 1, "--compact")
REUSE = str(children.PROGRAMS / "reuse.py")


@pytest.mark.parametrize("reaped", [True, False], ids=["reaped", "zombie"])
def test_end_of_the_process_ends_it_with_a_message(memc, reaped):
    with (
        children.waiting() as target,
        streaming(memc, target.pid, "--count", 0, *FAST) as child,
    ):
        lines = [child.stdout.readline() for _ in range(3)]
        target.kill()
        if reaped:
            target.wait()
        status, more, said = finish(child)
    assert (status, said) == (0, ended(target.pid, len(lines) + len(more)))
    assert all(d["region_count"] for d in more)


def test_end_before_the_first_sample_is_an_error(memc):
    options = ("--count", 3, *FAST)
    pid = children.ended()
    result = memc(pid, *options)
    said = f"memc: process {pid}: no such process\n".encode()
    assert (result.status, result.out, result.err) == (1, b"", said)
    with children.zombie() as pid:
        result = memc(pid, *options)
    said = f"memc: process {pid}: ended\n".encode()
    assert (result.status, result.out, result.err) == (1, b"", said)


def test_exec_does_not_end_it(memc):
    with (
        children.script("changer") as target,
        streaming(memc, target.pid, "--count", 0, *FAST) as child,
    ):
        assert child.stdout.readline()
        children.tell(target, "exec")
        shell = os.readlink(f"/proc/{target.pid}/exe").encode()
        while b'"%s"' % shell not in child.stdout.readline():
            pass
        child.send_signal(signal.SIGTERM)
        status, _, said = finish(child)
    # A sample may be of the moment in which exec has made new memory.
    said = said.replace(f"memc: process {target.pid}: {NOW}\n", "")
    assert (status, said) == (0, "")


def test_pid_given_to_another_process_is_not_read_on(memc):
    """Ten times for real, in a pid namespace of its own."""
    box = (*NAMESPACE, "--pid", "--fork", "--mount-proc", "--kill-child")
    argv = [*box, sys.executable, "-I", REUSE, "10", *memc.argv]
    env = memc.environment()
    done = subprocess.run(argv, check=True, stdout=subprocess.PIPE, env=env, cwd="/")
    for line in done.stdout.splitlines():
        found = orjson.loads(line)
        samples = documents(found["out"].encode())
        assert found["err"] == ended(found["pid"], len(samples))
        assert found["status"] == 0
        names = {r.get("pathname", "") for d in samples for r in d["regions"]}
        assert [name for name in names if name.endswith("/cat")] == []


# why, what happens to the tree between two samples, the status, what is said
CHANGES = [
    (
        "another process has the pid",
        lambda tree: (tree.remove(5), tree.add(5, maps=page(7))),
        0,
        "memc: process 5 ended after {} samples\n",
    ),
    (
        "another one has it, and cannot be read",
        lambda tree: (tree.remove(5), tree.add(5, maps=None)),
        0,
        "memc: process 5 ended after {} samples\n",
    ),
    (
        "it is the same, and cannot be read any more",
        lambda tree: (tree.path / "5" / "maps").unlink(),
        1,
        "memc: process 5: maps: no such file: an old kernel, or an incomplete copy\n",
    ),
]


@pytest.mark.parametrize("case", CHANGES, ids=[row[0] for row in CHANGES])
def test_what_happens_between_two_samples_is_told(memc, tree, case):
    _, change, expected, words = case
    tree.add(5, maps=page(1))
    with streaming(memc, 5, "--count", 0, *FAST, "--proc", tree) as child:
        lines = [child.stdout.readline() for _ in range(2)]
        with stopped(child):
            change(tree)
        status, more, said = finish(child)
    assert (status, said) == (expected, words.format(len(lines) + len(more)))
    places = {d["regions"][0]["start"] for d in [*map(orjson.loads, lines), *more]}
    assert places == {"0x1000"}


def test_proc_that_goes_away_ends_it_with_an_error(memc, tree):
    tree.add(5, maps=page(1))
    with streaming(memc, "--all", "--count", 0, *FAST, "--proc", tree) as child:
        assert child.stdout.readline()
        with stopped(child):
            shutil.rmtree(tree.path)
        assert finish(child)[0] == 1
