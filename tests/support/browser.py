"""Debian's Chromium on a page of a report: what it does, asks for, and says."""

import contextlib
import time

from playwright.sync_api import sync_playwright

PATH = "/usr/bin/chromium"
# Root may not use its sandbox; and it must ask for nothing of its own.
ARGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync")


@contextlib.contextmanager
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PATH, args=[*ARGS])
        try:
            yield browser
        finally:
            browser.close()


class Shown:
    """A page in a window; `errors` and `asked` should stay empty."""

    def __init__(
        self, browser, path, *, width=1400, dark=False, script=True, waits="#map .slice"
    ):
        self.errors, self.asked = [], []
        self.context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
            offline=True,
            service_workers="block",
        )
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._heard)
        self.page.on("request", self._asked)
        self.page.goto(f"file://{path}")
        if script:
            self.page.wait_for_selector(waits)

    def _heard(self, message):
        if message.type in ("error", "warning"):
            self.errors.append(message.text)

    def _asked(self, request):
        if request.url != self.page.url and not request.is_navigation_request():
            self.asked.append(request.url)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()

    def run(self, code, *given):
        return self.page.evaluate(code, *given)

    def until(self, code):
        """Wait for a state; Playwright's own wait needs what the page forbids."""
        end = time.monotonic() + 30
        while not self.run(code):
            assert time.monotonic() < end, code
            time.sleep(0.02)

    def resize(self, width, *, dark=False, media="screen"):
        self.page.set_viewport_size({"width": width, "height": 900})
        scheme = "dark" if dark else "light"
        self.page.emulate_media(color_scheme=scheme, media=media)
        # Plotly draws anew a while after the window has changed.
        self.until(
            "document.querySelector('#map svg').clientWidth"
            " == document.querySelector('#map').clientWidth"
        )

    def click(self, selector):
        self.page.locator(selector).first.click()

    def home(self):
        """Go back to the whole, in a wide and light window."""
        self.resize(1400)
        if self.page.locator("#path button").count():
            self.click("#path button")

    def text(self, selector):
        return self.page.inner_text(selector)
