"""Worlds for clusters: networks, pids and mounts of their own, which end as one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent / "engines" / "worlds"
INSIDE = (
    *("unshare", "--net", "--pid", "--mount", "--uts", "--fork", "--mount-proc"),
    *("--kill-child", "sh", "-c", 'ip link set lo up; exec "$@"', "sh"),
)


def inside(name, folder, *, limit_s=400):
    """Run a world to its end, and give what it printed last, as JSON tells it."""
    if os.geteuid() != 0:
        pytest.skip("only root may make networks and pids of its own")
    with open(folder / "words", "wb") as words:
        done = subprocess.run(
            [*INSIDE, sys.executable, str(FOLDER / f"{name}.py"), str(folder)],
            stdout=subprocess.PIPE,
            stderr=words,
            timeout=limit_s,
            check=False,
            env=os.environ | {"RAY_USAGE_STATS_ENABLED": "0"},
        )
    text = (folder / "words").read_text()[-3000:]
    assert done.returncode == 0, text
    return json.loads(done.stdout.splitlines()[-1])
