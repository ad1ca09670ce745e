"""Memc without orjson: the folder that hides it from children, and from -I too."""

import subprocess
import sys

from support.corpus import CHECKOUT

FOLDER = CHECKOUT / "tests" / "programs" / "without_orjson"
HIDDEN = {"PYTHONPATH": str(FOLDER)}
BLOCK = (FOLDER / "sitecustomize.py").read_text()


def run(code, *args, begin=BLOCK):
    """Run code in a Python of its own; return what it printed."""
    argv = [sys.executable, "-I", "-c", f"{begin}\n{code}", *map(str, args)]
    done = subprocess.run(argv, cwd="/", capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout
