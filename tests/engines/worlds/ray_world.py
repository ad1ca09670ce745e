"""Two raylets on a loopback of their own, the second with a name and pids of its own.

Started by ``world.inside``, as pid 1: whatever runs here ends with it.  Prints what
``memc.fleet.ray`` told, as JSON.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

import ray

from memc.errors import MemcError
from memc.fleet import ray as fleet

RAY = os.path.join(os.path.dirname(sys.executable), "ray")
OPTIONS = ["--num-cpus=1", "--object-store-memory=80000000", "--disable-usage-stats"]
UNSHARE = (
    *("unshare", "--pid", "--uts", "--fork", "--mount-proc", "--kill-child"),
    *("sh", "-c"),
)
ADDRESS = "127.0.0.1:6379"
FOLDER = os.path.dirname(os.path.abspath(__file__))


def start(name, fault, *argv):
    env = os.environ | {"MEMC_TEST_FAULT": fault, "PYTHONPATH": f"{FOLDER}/faults"}
    return subprocess.Popen(
        [*UNSHARE, f'hostname {name}; exec "$@"', "sh", RAY, "start", "--block", *argv],
        stdout=sys.stderr,
        stderr=sys.stderr,
        env=env,
    )


def wait(condition, limit_s=120):
    end_s = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end_s
        time.sleep(0.2)


def alive():
    return [node for node in ray.nodes() if node["Alive"]]


def join(name, fault, tries=4):
    """Start one more node; Ray gives up after 30 s, which a busy machine may need."""
    count = len(alive())
    for _ in range(tries):
        node = start(name, fault, f"--address={ADDRESS}", *OPTIONS)
        wait(lambda: len(alive()) > count or node.poll() is not None)  # noqa: B023
        if len(alive()) > count:
            return node
    raise AssertionError(f"{name} does not join")


def told(collected):
    return {
        "found": {one.host: len(one.snapshot().processes) for one in collected.found},
        "missing": dict(collected.missing),
        "notes": dict(collected.notes),
    }


def main(folder):
    try:
        fleet.collect()
    except MemcError as error:
        answer = {"before": str(error)}
    short = tempfile.mkdtemp(dir="/tmp")  # sockets are in it: their paths are short
    head = ["--head", "--port=6379", "--include-dashboard=false"]
    try:
        start("head", "", *head, f"--temp-dir={short}", *OPTIONS)
        wait(lambda: os.path.exists(f"{short}/session_latest"))
        ray.init(address=ADDRESS, log_to_driver=False)
        second = join("second", "")
        join("ill", "hangs")
        answer["collected"] = told(fleet.collect(timeout=40))
        answer["added"] = fleet.add({f"{folder}/none.json": "a"}, f"{folder}/lake")
        second.kill()
        wait(lambda: len(alive()) == 2)
        answer["after"] = told(fleet.collect(timeout=10))
        ray.shutdown()
    finally:
        shutil.rmtree(short, ignore_errors=True)
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main(sys.argv[1])
