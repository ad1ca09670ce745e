"""The page of memc report that the docs show: of the made-up recording."""

import re
import tempfile
from functools import cache
from pathlib import Path

from pictures import crowd_recording
from pictures.screens import in_utc
from support.browser import Shown, chromium
from support.pictures import digest_of

from memc.cli.report.command import run

WIDTH = 880
# What differs from one version of memc or plotly to the next.
OTHERS = re.compile(
    r"<script>.*?</script>|<span>memc .*?</span>|'sha256-.*?'", re.DOTALL
)


class Page:
    """A part of the page, from the top of an element on; light or dark."""

    def __init__(self, top, height, *, dark):
        self.top = top
        self.height = height
        self.dark = dark

    def digest(self):
        place = repr((WIDTH, self.top, self.height, self.dark))
        return digest_of(OTHERS.sub("", made()), *own(), place)

    def draw(self):
        with tempfile.TemporaryDirectory() as folder, chromium() as browser:
            path = Path(folder, "day.html")
            path.write_text(made())
            with Shown(browser, path, width=WIDTH, dark=self.dark) as shown:
                y = shown.page.locator(self.top).bounding_box()["y"] - 12
                place = {"x": 0, "y": y, "width": WIDTH, "height": self.height}
                return shown.page.screenshot(clip=place, full_page=True)


@cache
def made():
    """Return the page as the command writes it."""
    with tempfile.TemporaryDirectory() as folder, in_utc():
        path = crowd_recording.make(Path(folder) / "day.memc")
        page = Path(folder, "day.html")
        assert run([str(path), "--output", str(page)]) == 0
        return page.read_text()


def own():
    """Give what the page has of our own scripts, whatever version plotly has."""
    return re.findall(r"<script>(\(async.*?)</script>", made(), re.DOTALL)
