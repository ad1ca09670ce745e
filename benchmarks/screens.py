"""Programs on a terminal of their own: when they paint, and what they take."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import time
from contextlib import contextmanager
from threading import Condition, Thread

from report import AbsentError

ROWS, COLUMNS = 40, 120
PATIENCE_S = 60
TICKS = os.sysconf("SC_CLK_TCK")
PEAK = re.compile(r"VmHWM:\s*(\d+) kB")


class Screen:
    """A program that draws on a terminal; `began` is when it was started."""

    def __init__(self, argv):
        self._fd, end = pty.openpty()
        fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("4H", ROWS, COLUMNS, 0, 0))
        env = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
        self.began = time.monotonic()
        self._child = subprocess.Popen(
            argv, stdin=end, stdout=end, stderr=end, env=env, start_new_session=True
        )
        os.close(end)
        self.pid = self._child.pid
        self._drawn = b""
        self._news = Condition()
        Thread(target=self._read, daemon=True).start()

    def _read(self):
        while True:
            try:
                data = os.read(self._fd, 1 << 16)
            except OSError:  # the program has ended
                data = b""
            with self._news:
                self._drawn += data
                self._news.notify()
            if not data:
                return

    def wait_for(self, text):
        """Wait until a text was drawn; return how many seconds after the start."""
        with self._news:
            if not self._news.wait_for(lambda: text in self._drawn, PATIENCE_S):
                raise AbsentError(f"no {text} on the screen")
        return time.monotonic() - self.began

    def cpu_s(self):
        with open(f"/proc/{self.pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def peak_mb(self):
        with open(f"/proc/{self.pid}/status") as file:
            return int(PEAK.search(file.read())[1]) / 1024

    def close(self):
        self._child.kill()
        self._child.wait()
        os.close(self._fd)


@contextmanager
def on_screen(argv):
    screen = Screen(argv)
    try:
        yield screen
    finally:
        screen.close()
