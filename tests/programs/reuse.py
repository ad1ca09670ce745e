"""Give the pid of a sampled process to another one, again and again.

    python reuse.py ROUNDS COMMAND...

runs as the first process of a pid namespace of its own, where it chooses pids, and
prints one JSON object a round: the status, output and messages of the command.
"""

import json
import os
import signal
import subprocess
import sys

PIPES = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
OPTIONS = ["--count", "0", "--interval", "1", "--compact"]


def start_with_pid(pid, *argv):
    with open("/proc/sys/kernel/ns_last_pid", "w") as last:
        last.write(str(pid - 1))
    child = subprocess.Popen(argv, **PIPES)
    assert child.pid == pid
    return child


def play(command):
    target = subprocess.Popen(["/bin/sh", "-c", "echo ready; read x"], **PIPES)
    target.stdout.readline()
    argv = [*command, str(target.pid), *OPTIONS]
    memc = subprocess.Popen(argv, stderr=subprocess.PIPE, **PIPES)
    first = memc.stdout.readline()
    memc.send_signal(signal.SIGSTOP)
    os.waitpid(memc.pid, os.WUNTRACED)
    target.kill()
    target.wait()
    other = start_with_pid(target.pid, "/bin/cat")
    memc.send_signal(signal.SIGCONT)
    out, err = first + memc.stdout.read(), memc.stderr.read()
    found = {"pid": target.pid, "status": memc.wait()}
    other.kill()
    other.wait()
    return {**found, "out": out.decode(), "err": err.decode()}


if __name__ == "__main__":
    for _ in range(int(sys.argv[1])):
        sys.stdout.write(json.dumps(play(sys.argv[2:])) + "\n")
