"""Record a process whose pid another one gets, and that runs another program then.

    python reused.py FILE

runs as the first process of a pid namespace of its own, where it chooses pids, and
prints the pid.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

from memc.record.options import RecordOptions
from memc.record.session import Session

WAIT = "echo ready; read x; exec sleep 1000"


def start_with_pid(pid):
    if pid:
        with open("/proc/sys/kernel/ns_last_pid", "w") as last:
            last.write(str(pid - 1))
    pipe = subprocess.PIPE
    child = subprocess.Popen(["/bin/sh", "-c", WAIT], stdin=pipe, stdout=pipe)
    child.stdout.readline()
    return child


def run_another(child):
    child.stdin.write(b"\n")
    child.stdin.flush()
    comm = Path(f"/proc/{child.pid}/comm")
    while comm.read_text() != "sleep\n":
        time.sleep(0.01)


if __name__ == "__main__":
    session = Session(sys.argv[1], RecordOptions(duty=100, flush_s=0))
    first = start_with_pid(0)
    session.step()
    first.kill()
    first.wait()
    time.sleep(0.02)  # two processes are told apart by when they began, in 10 ms
    second = start_with_pid(first.pid)
    session.step()
    run_another(second)
    session.step()
    session.step()
    session.close("done")
    second.kill()
    second.wait()
    assert first.pid == second.pid
    os.write(1, b"%d\n" % first.pid)
