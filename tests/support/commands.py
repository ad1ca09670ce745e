"""Runners of the command: native, Python over the C core, Python alone."""

import os
import re
import subprocess
import sys
import sysconfig
from dataclasses import dataclass

SCRIPTS = sysconfig.get_path("scripts")
NATIVE = os.path.join(SCRIPTS, "memc")
SIBLING = os.path.join(SCRIPTS, "memc-py")

# What two runs of the same command on the same files may print differently.
CHANGING = re.compile(rb'("(?:timestamp_ms|cost_ns|bytes_read)": ?)[0-9]+')


OURS = ("MEMC_BACKEND", "MEMC_PROC")  # what changes the command, if a user has set it


@dataclass(frozen=True)
class Result:
    status: int
    out: bytes
    err: bytes

    @property
    def masked(self):
        """The document with times and costs taken out."""
        return CHANGING.sub(rb"\1N", self.out)


@dataclass(frozen=True)
class Command:
    name: str
    argv: tuple[str, ...]
    backend: str | None = None

    def environment(self, **more):
        env = {k: v for k, v in os.environ.items() if k not in OURS}
        chosen = {"MEMC_BACKEND": self.backend} if self.backend else {}
        return {**env, **chosen, **more}

    def __call__(self, *args, prefix=(), env=None, **options):
        """Run to the end.  The prefix is a program that starts the command."""
        default = dict.fromkeys(("stdout", "stderr"), subprocess.PIPE)
        done = subprocess.run(
            [*prefix, *self.argv, *map(str, args)],
            cwd="/",
            env=self.environment(**(env or {})),
            check=False,
            **{"stdin": subprocess.DEVNULL, **default, **options},
        )
        return Result(done.returncode, done.stdout, done.stderr)

    def start(self, *args, **options):
        """Start and give the Popen."""
        argv = [*self.argv, *map(str, args)]
        return subprocess.Popen(argv, cwd="/", env=self.environment(), **options)


COMMANDS = {
    "native": Command("native", (NATIVE,)),
    "python": Command("python", (sys.executable, "-m", "memc"), "native"),
    "pure": Command("pure", (sys.executable, "-m", "memc"), "pure"),
    "sibling": Command("sibling", (SIBLING,)),
}
