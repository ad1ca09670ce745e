"""Folded stacks in speedscope, as npm has it, in Debian's Chromium."""

import base64
import json
import os
import re
import subprocess
import time

import pytest
from support.browser import Shown, chromium
from support.commands import COMMANDS

ONCE = COMMANDS["python"]
PACKAGE = "speedscope@1.25.0"
RELEASE = "node_modules/speedscope/dist/release"
WHOLE = re.compile(r"^([\d,]+) \(100%\)$", re.MULTILINE)
# How many colours a picture has; WebGL keeps nothing of its own to be read.
COLOURS = """async (png) => {
    const picture = new Image();
    picture.src = "data:image/png;base64," + png;
    await picture.decode();
    const copy = new OffscreenCanvas(picture.width, picture.height);
    const pen = copy.getContext("2d");
    pen.drawImage(picture, 0, 0);
    const seen = pen.getImageData(0, 0, copy.width, copy.height).data.buffer;
    return new Set(new Uint32Array(seen)).size;
}"""


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    folder = tmp_path_factory.mktemp("npm")
    argv = ["npm", "install", "--no-audit", "--no-fund", "--prefix", folder, PACKAGE]
    subprocess.run(argv, check=True, timeout=300)
    return folder / RELEASE


@pytest.fixture
def open_in(release):
    """Open a text in speedscope, as its own command does: by a script beside it."""
    with chromium() as browser:
        shown = []

        def opened(text):
            data = json.dumps(base64.b64encode(text).decode())
            script = release / "opened.js"
            script.write_text(f"speedscope.loadFileFromBase64('now.folded', {data})")
            page = f"{release}/index.html#localProfilePath={script}"
            shown.append(Shown(browser, page, waits="canvas"))
            shown[-1].page.wait_for_selector("text=now.folded")
            return shown[-1]

        yield opened
        for one in shown:
            one.context.close()


def lines(*args):
    done = ONCE("export", *args, "--to", "folded")
    assert done.status == 0, done.err
    return done.out


def colours(shown):
    below = {"x": 0, "y": 140, "width": 1400, "height": 600}  # the bars and the axis
    picture = base64.b64encode(shown.page.screenshot(clip=below)).decode()
    return shown.run(COLOURS, picture)


def kb(text):
    return sum(int(line.rpartition(b" ")[2]) for line in text.splitlines())


@pytest.mark.parametrize("of", ["pss", "rss"])
def test_stacks_are_drawn_and_their_sum_is_told(open_in, of):
    text = lines(os.getpid(), "--of", of)
    shown = open_in(text)
    deadline = time.monotonic() + 30
    while colours(shown) < 300 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert colours(shown) >= 300, "no stacks are drawn"
    shown.page.keyboard.press("3")  # the table of all frames
    shown.page.wait_for_selector("text=Symbol Name")
    shown.page.click("text=Total")  # the largest first
    words = shown.text("body")
    assert {*WHOLE.findall(words)} == {f"{kb(text):,}"}
    assert f"({os.getpid()})" in words
    assert "malloc main heap" in words
    assert shown.errors == [e for e in shown.errors if "GPU stall" in e]


def test_names_of_others_are_only_text(open_in):
    text = b"<img src=x onerror=window.pwned=1>;a:b;<script>window.pwned=2</script> 7\n"
    shown = open_in(text)
    shown.page.keyboard.press("3")
    shown.page.wait_for_selector("text=<script>window.pwned=2</script>")
    assert shown.run("window.pwned") is None


def test_differences_are_taken_for_names(open_in):
    """As docs/export.md says: the first amount becomes a part of the name."""
    shown = open_in(b"a;b 10 20\n")
    shown.page.keyboard.press("3")
    shown.page.wait_for_selector("text=b 10")
