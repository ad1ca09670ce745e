"""The screens of memc top that the docs show."""

import os
import re
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from pictures import crowd_recording
from support.crowd_tells import Crowd
from support.pictures import digest_of
from support.top_pilot import on_screen

from memc.top.colours import BACKGROUNDS, COLOURS
from memc.top.replay import RecordingSource

SIZE = 100, 30
# A browser must not load anything for a picture: any font of one width will do.
FONT_FACES = re.compile(r"@font-face\s*\{.*?\}\s*", re.DOTALL)


class Live:
    """The crowd as it is now, with the owners of the largest."""

    def digest(self):
        return _digest(self._shown()[0])

    def draw(self):
        return _svg(self._shown()[1])

    def _shown(self):
        return _show(Crowd(24), "down", "down")


class Replayed:
    """A recording, at a time at which somebody was over a limit."""

    def digest(self):
        return _digest(self._shown()[0])

    def draw(self):
        return _svg(self._shown()[1])

    def _shown(self):
        with tempfile.TemporaryDirectory() as folder, in_utc():
            path = crowd_recording.make(Path(folder) / "day.memc")
            source = RecordingSource(path, at="+90m")
            return _show(source, "down", "down")


def _show(source, *keys):
    """Return the lines of a screen after some keys, and its picture."""
    found = []

    async def steps(screen):
        await screen.keys(*keys)
        found.append(([*screen.lines], screen.top.export_screenshot(title="memc top")))

    with in_utc():
        on_screen(source, steps, size=SIZE)
    return found[0]


def _digest(lines):
    return digest_of(*lines, repr(sorted(COLOURS.items())), repr(sorted(BACKGROUNDS)))


def _svg(drawn):
    plain = FONT_FACES.sub("", drawn).replace("Fira Code, monospace", "monospace")
    return re.sub(r"terminal-\d+", "terminal", plain).encode()


@contextmanager
def in_utc():
    """Let times be shown as in UTC, wherever this runs."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = "UTC"
    time.tzset()
    try:
        yield
    finally:
        os.environ.pop("TZ")
        if before is not None:
            os.environ["TZ"] = before
        time.tzset()
