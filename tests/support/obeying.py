"""A process that does what a test tells it, line by line."""

import subprocess
import sys

CHILD = """
import os, sys
for line in sys.stdin:
    exec(line)
    print("done", flush=True)
"""


class Child:
    """A process that runs the lines of Python that it is told."""

    def __init__(self):
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            [sys.executable, "-c", CHILD], stdin=pipe, stdout=pipe, text=True
        )
        self.pid = self.process.pid
        self.run("pass")

    def run(self, line):
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "done\n"

    def close(self):
        self.process.kill()
        self.process.communicate()
