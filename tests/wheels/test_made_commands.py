"""The static native commands of a release read processes, also of another machine."""

import json
import shutil
import subprocess

import pytest
from support import children
from support.elf import needs

MOST_BYTES = 200_000
FORMS = (["--compact"], ["--smaps", "--compact"], ["--totals", "--compact"])


@pytest.fixture
def runner(made, architecture):
    """Give the words that run the command of an architecture here."""
    command = str(made / f"memc-linux-{architecture}")
    if architecture == "x86_64":
        return [command]
    emulator = shutil.which(f"qemu-{architecture}-static")
    assert emulator, "apt-get install qemu-user-static"
    return [emulator, command]


@pytest.fixture
def sleeper():
    """Give the pid of a process that has started and changes no more."""
    with children.waiting() as child:
        children.stop(child)
        yield child.pid


def without_shares(document):
    """Take away the time, and what changes when others map the same files."""
    del document["timestamp_ms"]
    for row in (document, *document.get("regions", ())):
        for name in [n for n in row if "pss" in n or "shared" in n or "private" in n]:
            del row[name]
    return document


def told(argv):
    done = subprocess.run(argv, capture_output=True, check=True, timeout=60, env={})
    return json.loads(done.stdout)


def test_it_is_one_small_file(made, architecture):
    data = (made / f"memc-linux-{architecture}").read_bytes()
    asked = needs(data)
    assert (asked.machine, asked.loader) == (architecture, None)
    assert asked.libraries == frozenset()
    assert len(data) <= MOST_BYTES


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form[0])
def test_it_tells_what_the_installed_command_tells(runner, sleeper, form):
    own = told([*runner, str(sleeper), *form])
    installed = told([shutil.which("memc"), str(sleeper), *form])
    assert own.keys() == installed.keys()
    assert without_shares(own) == without_shares(installed)


def test_it_finds_all_processes(runner, sleeper):
    document = told([*runner, "--all", "--compact"])
    assert sleeper in {process["pid"] for process in document["processes"]}


def test_it_says_which_process_is_not_there(runner):
    argv = [*runner, "4194304"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env={})
    assert done.returncode == 1
    assert "4194304" in done.stderr
