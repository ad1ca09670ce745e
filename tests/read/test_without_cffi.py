"""Where cffi is missing, pure Python reads, and a warning tells what would help."""

import os
import subprocess
import sys

import pytest
from support.commands import OURS
from support.text import page

WARNED = (
    "the C core of memc is not there (import of _cffi_backend halted; None in "
    "sys.modules): 'pip install cffi' brings what it needs, MEMC_BACKEND=pure does "
    "without"
)
SLOWER = f"{WARNED}; reading in pure Python, which is slower"
HIDE = "import sys; sys.modules['_cffi_backend'] = sys.modules['cffi'] = None\n"
API = """
import os, warnings
import memc

with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    snap = memc.snapshot(os.getpid(), detail="smaps")
print({str(one.message) for one in told})
assert snap.total_rss_kb > 0 and b'"regions"' in snap.to_json(), snap
assert len(snap.find_owners()) == len(snap)
"""
COMMAND = "sys.argv[0] = 'memc'\nfrom memc.cli.main import run\nrun()\n"


def run(code, *args, **env):
    argv = [sys.executable, "-c", HIDE + code, *map(str, args)]
    clean = {name: value for name, value in os.environ.items() if name not in OURS}
    return subprocess.run(
        argv, cwd="/", env=clean | env, check=False, capture_output=True, text=True
    )


def test_a_snapshot_is_taken_and_a_warning_says_why_it_is_slower():
    done = run(API)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{ {SLOWER} }\n"


def test_whoever_asks_for_the_c_core_is_told_what_is_missing():
    done = run(API, MEMC_BACKEND="native")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == f"ImportError: {WARNED}"


WORDS = """
PID
PID --smaps --full
show PID
show TEXT
diff PID --after 10ms
diff TEXT TEXT
check PID --max-rss 1T
check TEXT --max-size 1T
top --once PID
record PID -o OUT --count 2 --interval 10ms
serve --once
"""


@pytest.mark.parametrize("words", WORDS.strip().splitlines())
def test_a_command_reads_and_says_so_once(tmp_path, words):
    text = tmp_path / "maps"
    text.write_bytes(page(1))
    known = {"PID": os.getpid(), "TEXT": text, "OUT": tmp_path / "run.memc"}
    done = run(COMMAND, *(known.get(word, word) for word in words.split()))
    assert done.stderr.count(SLOWER) == 1
    assert "Warning" not in done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode == 0


def test_a_command_with_the_pure_backend_says_nothing():
    done = run(COMMAND, os.getpid(), MEMC_BACKEND="pure")
    assert (done.returncode, done.stderr) == (0, "")
