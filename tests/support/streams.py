"""Streams of documents, and the command that prints them."""

import json
import os
import signal
import subprocess
from contextlib import contextmanager

from support import children
from support.text import page

HOUR_MS = 3_600_000
DECODER = json.JSONDecoder()


def documents(data):
    """Parse documents that follow one another, each with a newline at its end."""
    text, found = data.decode(), []
    while text:
        document, end = DECODER.raw_decode(text)
        assert text[end] == "\n"
        text = text[end + 1 :]
        found.append(document)
    return found


@contextmanager
def streaming(command, *args, **options):
    """Run the command with a pipe on both ends; kill it if it still runs in the end."""
    pipes = dict.fromkeys(("stdout", "stderr"), subprocess.PIPE)
    child = command.start(*args, **{**pipes, **options})
    try:
        yield child
    finally:
        child.kill()
        child.communicate()


def finish(child):
    """Read to the end; give status, the documents not read yet, and messages."""
    out, err = child.stdout.read(), child.stderr.read()
    return child.wait(), documents(out), err.decode()


@contextmanager
def stopped(child):
    """Let a child stand still for a while."""
    children.stop(child)
    yield
    child.send_signal(signal.SIGCONT)


def ended(pid, samples):
    """Say what memc says when a process ended."""
    return f"memc: process {pid} ended after {samples} sample{'s' * (samples != 1)}\n"


def ignoring(number):
    """Give what makes a child start with a signal ignored, as nohup does."""
    return lambda: signal.signal(number, signal.SIG_IGN)


def fill(tree, pid, pages):
    """Add a process with so many regions to a tree."""
    tree.add(pid, maps=b"".join(map(page, range(0, 2 * pages, 2))))


def leftovers(folder):
    """Name the files that lie beside where a file is written to."""
    return [name for name in os.listdir(folder) if ".memc-" in name]
