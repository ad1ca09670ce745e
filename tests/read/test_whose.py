"""Whose the processes of this machine are: the user and the control group of each."""

import os
import sys
from pathlib import Path

import pytest
from support import children

pytestmark = pytest.mark.kernel


def test_user_and_control_group_are_those_of_the_process(backend):
    with children.waiting() as child:
        system = backend.collect_all(
            "maps", skip_kernel=False, jobs=None, proc="/proc", cgroups=True
        )
        lines = Path(f"/proc/{child.pid}/cgroup").read_text().splitlines()
    [found] = [p for p in system.processes if p.pid == child.pid]
    assert found.uid == os.geteuid()
    assert found.cgroup in {line.split(":", 2)[2] for line in lines}


STRANGER = 12345 if os.geteuid() == 0 else os.geteuid()
UNDUMPABLE = """
import ctypes, os, sys
os.setresuid(*[int(sys.argv[1])] * 3)
ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
print("ready", flush=True)
sys.stdin.read()
"""


def test_user_of_a_process_that_is_not_dumpable_is_not_root(backend):
    """Its files belong to root then, but not its directory (task_dump_owner())."""
    argv = sys.executable, "-I", "-c", UNDUMPABLE, str(STRANGER)
    with children.running(*argv) as child:
        assert Path(f"/proc/{child.pid}/maps").stat().st_uid == 0
        system = backend.collect_all("maps", skip_kernel=False, jobs=None, proc="/proc")
    uids = {process.pid: process.uid for process in system.processes}
    denied = {skip.pid for skip in system.skipped}
    assert uids.get(child.pid) == STRANGER or child.pid in denied
