"""memc top for a long time: it takes no more memory than at first.

It looks 20 times in a second, and keys are pressed.  ``MEMC_TEST_SECONDS=300`` are five
minutes, which ``.ci/run`` has once.
"""

import os
import subprocess
import sys

SECONDS = min(int(os.environ.get("MEMC_TEST_SECONDS", "15")), 300)
MOST_KB = 2048
CODE = """
import os, sys, time
from support.crowd_tells import Crowd
from support.top_pilot import on_screen

SECONDS, ROUNDS = int(sys.argv[1]), 4
KEYS = ["down", "t", "pagedown", "b", "enter", "escape", "f1", "escape", "d", "r",
        "home", "f4", "p", "escape", "M", "G", "m", "U", "tab", "end", "tab"]

def rss_kb():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024

async def press_keys(screen):
    for key in KEYS:
        await screen.pilot.press(key)

async def steps(screen):
    for _ in range(ROUNDS):  # until all that is kept was made
        await press_keys(screen)
    begin, end = rss_kb(), time.monotonic() + SECONDS
    while time.monotonic() < end:
        await press_keys(screen)
    print(rss_kb() - begin, source.calls.count("look"))

source = Crowd(100)
on_screen(source, steps, interval_ms=50)
"""


def test_it_does_not_grow(root):
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(SECONDS)],
        env={**os.environ, "PYTHONPATH": str(root / "tests")},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    grown, looks = map(int, done.stdout.split())
    assert looks > SECONDS  # it did look, however loaded the machine is
    assert grown <= MOST_KB
