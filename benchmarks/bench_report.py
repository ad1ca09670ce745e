"""The page of a report.

A page of 60,000 nodes: 24 processes of 2,480 regions each, made up. Debian's Chromium
opens it as a file, without a window. It is painted when the map is there and the second
frame after it has come. A step goes from the whole to a service, its processes and
owners, and ends likewise. These are times on a clock, so they are the least of five.
"""

import time
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from report import AbsentError
from rows import Figure

NODES = 60_000
FRAMES = (
    "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
)
STEP = f"""async () => {{
    const began = performance.now();
    document.querySelector("#where tbody button").click();
    await {FRAMES};
    return performance.now() - began;
}}"""


def tree():
    """Make a tree of services, processes, owners and regions."""
    label, parent, kb = ["all processes"], [-1], [0]

    def add(above, name, amount=0):
        label.append(name)
        parent.append(above)
        kb.append(amount)
        while amount and above >= 0:
            kb[above] += amount
            above = parent[above]
        return len(kb) - 1

    for service in range(8):
        unit = add(0, f"unit-{service}.service")
        for pid in range(3):
            process = add(unit, f"{1000 * service + pid} program")
            for place in range(4):
                owner = add(process, f"owner {place}")
                for region in range(620):
                    start = 0x7F0000000000 + len(kb) * 0x10000
                    name = (
                        f"{start:x}-{start + 0x10000:x} rw-p /usr/lib/lib{service}.so"
                    )
                    add(owner, name, 4 + region % 997)
    return {
        "t_ms": None,
        "label": label,
        "parent": parent,
        "kb": kb,
        "change_kb": None,
        "pid": [None] * len(kb),
    }


@cache
def made():
    """Return a page, and the CPU time in which it was made, in ms."""
    from memc.report.page import page

    names = ("title", "when", "host", "kernel", "memc", "detail")
    lists = ("notes", "gaps", "numbers", "largest", "how")
    document = {
        **dict.fromkeys(names, "made up"),
        **{name: [] for name in lists},
        "kind": "snapshot",
        "measure": "pss",
        "levels": ["service", "process", "owner", "region"],
        "skipped": 0,
        "trees": [tree()],
        "series": None,
        "grew": None,
    }
    began = time.process_time_ns()
    text = page(document)
    return text, (time.process_time_ns() - began) / 1e6


@cache
def shown():
    """Return the least time to paint, in s, and the least of a step, in ms."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError as error:
        raise AbsentError("not installed") from error
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(folder, "page.html")
        path.write_bytes(made()[0])
        try:
            browser = playwright.chromium.launch(
                executable_path="/usr/bin/chromium", args=["--no-sandbox"]
            )
        except Error as error:
            raise AbsentError("not installed") from error
        seen = [painted(browser, path) for _ in range(5)]
        browser.close()
    return tuple(map(min, zip(*seen, strict=True)))


def painted(browser, path):
    window = browser.new_page(viewport={"width": 1400, "height": 900})
    began = time.perf_counter()
    window.goto(f"file://{path}")
    window.wait_for_selector("#map .slice")
    window.evaluate(FRAMES)
    took = time.perf_counter() - began
    longest = max(window.evaluate(STEP) for _ in range(3))
    window.close()
    return took, longest


ROWS = {
    "a page of 60,000 nodes is made": Figure(ours=lambda _: made()[1], unit="ms"),
    "a page of 60,000 nodes": Figure(
        ours=lambda _: len(made()[0]) / 1e6, unit="MB", goal=7
    ),
    "a page of 60,000 nodes is painted": Figure(
        ours=lambda _: shown()[0], unit="s", goal=3
    ),
    "a step into 60,000 nodes, the longest of three": Figure(
        ours=lambda _: shown()[1], unit="ms", goal=300
    ),
}


def bench_row(what, row, fill):
    fill(what, row)
