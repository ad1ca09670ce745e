"""A real terminal for the command: tmux, with a server of its own."""

import os
import subprocess
import sys
import time
from contextlib import contextmanager

PATIENCE_S = 60
SAYS_STATUS = "status="


class Terminal:
    """A terminal in which a shell runs."""

    def __init__(self, folder):
        self.folder = folder
        self._socket = str(folder / "tmux")

    def tmux(self, *args):
        command = ["tmux", "-u", "-f", "/dev/null", "-S", self._socket, *args]
        env = {"LC_ALL": "C.UTF-8", "TERM": "xterm-256color", "PS1": "$ "}
        env |= {
            name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ
        }
        done = subprocess.run(
            command, env=env, check=True, capture_output=True, text=True, timeout=60
        )
        return done.stdout

    def start(self, *, width=100, height=30):
        self.tmux("new-session", "-d", "-x", str(width), "-y", str(height), "sh")

    def keys(self, *names):
        self.tmux("send-keys", *names)

    def type(self, line):
        self.tmux("send-keys", "-l", line)
        self.keys("Enter")

    def memc(self, *args, before=""):
        """Run memc in the shell, which then prints its exit status."""
        (self.folder / "pid").unlink(missing_ok=True)
        command = " ".join([sys.executable, "-m", "memc", *args])
        self.type(
            f"sh -c 'echo $$ >{self.folder}/pid; {before} exec {command}'; "
            f"echo {SAYS_STATUS}$?"
        )

    @property
    def pid(self):
        return int((self.folder / "pid").read_text())

    @property
    def text(self):
        return self.tmux("capture-pane", "-p")

    def tells(self, what):
        return self.tmux("display-message", "-p", f"#{{{what}}}").strip()

    def resize(self, width, height):
        self.tmux("resize-window", "-x", str(width), "-y", str(height))

    def wait(self, condition):
        """Wait until a text is on the screen, or a condition of it is true."""
        is_there = condition if callable(condition) else condition.__contains__
        if isinstance(condition, str):
            is_there = lambda text: condition in text  # noqa: E731
        end = time.monotonic() + PATIENCE_S
        while not is_there(text := self.text):
            assert time.monotonic() < end, f"it does not come to this:\n{text}"
            time.sleep(0.05)
        return text

    def wait_for_status(self):
        text = self.wait(lambda text: f"\n{SAYS_STATUS}" in text)
        return int(text.rsplit(f"\n{SAYS_STATUS}", 1)[1].split()[0])


@contextmanager
def terminal(folder, **size):
    made = Terminal(folder)
    made.start(**size)
    try:
        yield made
    finally:
        made.tmux("kill-server")
