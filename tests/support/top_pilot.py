"""Drives `memc top` without a terminal: its keys, its sizes, and what it shows."""

import asyncio

from memc.top.app import Top
from memc.top.view import View

NEVER_MS = 1_000_000_000  # looks by itself: a test says when
PATIENCE = 2000  # turns of the loop, each at least a hundredth of a second


class Screen:
    """A live view on a screen that is made up; `keys` presses keys, one by one."""

    def __init__(self, top, pilot):
        self.top = top
        self.pilot = pilot

    async def keys(self, *names):
        for name in names:
            await self.pilot.press(name)
        await self.settle()

    async def type(self, text):
        await self.keys(*(NAMES.get(char, char) for char in text))

    async def look(self):
        """Let the view look again, and wait until it shows what it saw."""
        before = self.top.tell
        self.top.beat()
        await self.until(lambda: self.top.tell is not before or self.top.trouble)
        await self.settle()

    async def settle(self):
        """Wait until nothing more is to be read or drawn."""
        await self.until(lambda: self.top.reading.is_idle)
        for _ in range(3):
            await self.pilot.pause()

    async def until(self, condition):
        for _ in range(PATIENCE):
            if condition():
                return
            await self.pilot.pause(0.01)
        raise AssertionError(f"it does not come to this:\n{self.text}")

    @property
    def strips(self):
        return self.top.screen._compositor.render_strips()

    @property
    def lines(self):
        return [strip.text for strip in self.strips]

    @property
    def text(self):
        return "\n".join(line.rstrip() for line in self.lines)

    @property
    def foot(self):
        return self.lines[-1]

    @property
    def selected(self):
        """The selected row, as it is shown."""
        return next((line for line in self.lines if line.startswith(">")), None)

    @property
    def names(self):
        """The names of the rows, from the first on."""
        return [row.line.name for row in self.top.rows]


NAMES = {"/": "slash", ".": "full_stop", "-": "minus", "~": "tilde", " ": "space",
         ":": "colon", "|": "vertical_line"}  # fmt: skip


def on_screen(source, steps, *, size=(100, 30), view=None, interval_ms=NEVER_MS):
    """Show a source on a screen of a size, and run `steps(screen)`; give its exit."""

    async def main():
        top = Top(source, view or View(), interval_ms=interval_ms)
        async with top.run_test(size=size) as pilot:
            screen = Screen(top, pilot)
            await screen.until(lambda: top.tell is not None or top.trouble)
            await screen.settle()
            await steps(screen)
        top.reading.close()
        return top

    return asyncio.run(main())
