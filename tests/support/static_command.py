"""The static native command, built as docs/fleet.md tells."""

import os
import shutil
import subprocess

from support.corpus import CHECKOUT


def static(folder):
    """Build it, by musl if that is there, and give its path."""
    return built(folder, "ON", shutil.which("musl-gcc") or "gcc")


def built(folder, how, compiler, *options):
    """Build the command with MEMC_STATIC=HOW, and give its path."""
    options = [f"-DMEMC_STATIC={how}", f"-DCMAKE_C_COMPILER={compiler}", *options]
    _run("cmake", "-S", CHECKOUT, "-B", folder, *options)
    _run("cmake", "--build", folder, "--target", "memc", "-j2")
    return folder / "memc"


def _run(*argv):
    flags = ("CC", "CFLAGS", "LDFLAGS")
    env = {name: value for name, value in os.environ.items() if name not in flags}
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
