"""Stdout that does not block, and SIGPIPE that the parent ignores."""

import json
import os
import select
import signal

import pytest
from support.streams import fill

pytestmark = pytest.mark.kernel


@pytest.mark.parametrize("form", [(5,), ("--all",)], ids=str)
def test_nothing_is_lost_on_a_full_non_blocking_pipe(memc, tree, form):
    fill(tree, 5, 3000)
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    child = memc.start(*form, "--proc", tree, "--full", stdout=writer, stderr=-3)
    try:
        full = select.poll()
        full.register(writer, select.POLLOUT)
        while full.poll(0) and child.poll() is None:
            pass  # memc has not filled the pipe yet
        os.close(writer)
        with open(reader, "rb") as out:
            text = out.read()
        assert child.wait() == 0
    finally:
        child.kill()
        child.wait()
    snap = json.loads(text)
    if form == ("--all",):
        snap = snap["processes"][0]["snapshot"]
    assert len(snap["regions"]) == snap["region_count"] == 3000


def test_closed_pipe_ends_the_command_though_sigpipe_was_ignored(memc, tree):
    fill(tree, 5, 3000)
    reader, writer = os.pipe()
    os.close(reader)
    prefix = ("sh", "-c", "trap '' PIPE; exec \"$@\"", "sh")
    result = memc(5, "--proc", tree, prefix=prefix, stdout=writer)
    os.close(writer)
    assert (result.status, result.err) == (-signal.SIGPIPE, b"")
