"""A session: everything that one recorder has open, and a step for each tick."""

from __future__ import annotations

import json
import os
import time

from memc._version import version
from memc.files.recording.open import ERRORS
from memc.proc.root import open_root, read_small
from memc.read.options import Options
from memc.record.allowance import files_max, limits, raise_files, restore
from memc.record.clock import NS_PER_MS, Clock
from memc.record.connect import unwritable
from memc.record.named import check_named
from memc.record.plan import Plan
from memc.record.recording import Recording
from memc.record.store import Store
from memc.record.tick import Tick
from memc.sampling.schedule import Schedule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from memc.proc.root import Opened
    from memc.record.options import RecordOptions

__all__ = ["Session"]

MS_PER_S = 1000


class Session:
    """Records as `options` say into the file `path`.

    Call `step` when `wait_s` says that it is time.  `on_say` is called with one line
    of text about what the user should know.  `is_reopened` tells whether the file at
    the path holds only a part of what was recorded.

    Raises ProcessGone if none of the processes that were named is there; MemcError if
    the file cannot be a recording, another recorder has it, or /proc cannot be read;
    OSError if the file cannot be made.
    """

    def __init__(
        self,
        path: str,
        options: RecordOptions,
        *,
        on_say: Callable[[str], object] = lambda _: None,
    ) -> None:
        self.path = path
        self.options = options
        self.cpu_ns = 0
        self._on_say = on_say
        self._said: set[str] = set()
        self._ticks = self._gaps = 0
        self.is_reopened = False
        self._root = open_root(options.proc)
        self._limits = limits()
        try:
            check_named(self._root, options.choice, on_say)
            raise_files(self._limits)
            self._open()
        except BaseException:
            self._close_root()
            raise
        self._schedule = Schedule(options.interval_ms)

    @property
    def ticks(self) -> int:
        """How often the session has looked."""
        return self._ticks + self._recording.ticks

    @property
    def gaps(self) -> int:
        """How often nothing could be seen or written."""
        return self._gaps + self._recording.gaps

    @property
    def processes(self) -> int:
        """How many processes the last look found."""
        return self._tick.processes

    def size(self) -> int:
        """Return how much the file and its WAL take, in bytes."""
        return self._store.size()

    def wait_s(self) -> float:
        """Return how many seconds to wait for the next tick; 0 if it is due."""
        return self._schedule.wait_s()

    def step(self) -> None:
        """Look once; write, begin a segment and drop old ones if it is time.

        Raises MemcError if the file cannot be written to any more.
        """
        began_ns = time.thread_time_ns()
        try:
            self._recording.step()
        except ERRORS as error:  # the file was damaged
            raise unwritable(self.path, error) from None
        if self._store.is_deleted():
            self._on_say(f"{self.path}: it was deleted, and a new one goes on")
            self.reopen()
        self._schedule.advance()
        self.cpu_ns += time.thread_time_ns() - began_ns

    def frame_all(self) -> None:
        """Keep the regions of every process at the next tick."""
        self._tick.frame_all()

    def note(self, text: str) -> None:
        """Add an event with words of the user."""
        self._recording.note(text)

    def flush(self) -> None:
        """Write what waits now."""
        self._recording.flush()

    def reopen(self) -> None:
        """Write what waits, close the file, and go on in a new one at its path.

        That is for FILE that was moved away or deleted meanwhile.
        """
        self._ticks, self._gaps = self.ticks, self.gaps
        self.is_reopened = True
        if self._store.is_deleted():
            self._tick.close_files()
            self._store.discard()
        else:
            self._recording.close("reopened")
        self._open()

    def close(self, why: str) -> None:
        """Write what waits and end the recording; `why` is kept in it."""
        try:
            self._recording.close(why)
        finally:
            self._close_root()

    def is_over(self) -> bool:
        """Tell whether all processes that were named by pid have ended."""
        return self._recording.ticks > 0 and self._tick.is_over()

    def abandon(self) -> None:
        """Close what a forked child has of its parent's files, and write nothing."""
        self._tick.close_files()
        self._store.abandon()
        self._close_root()

    def _open(self) -> None:
        options = self.options
        self._store = Store(self.path, max_size=options.max_size)
        try:
            clock = Clock()
            boot = _small(self._root, "sys/kernel/random/boot_id") or "?"
            told = json.dumps(options.told(), separators=(",", ":"))
            self._store.begin_run(
                (version(), *_machine(self._root), boot, os.getpid(), told,
                 clock.began_ms)
            )  # fmt: skip
            plan = Plan(options.duty, options.interval_ms * NS_PER_MS)
            self._tick = self._make_tick(boot, plan)
        except BaseException as error:
            self._store.drop()
            if isinstance(error, ERRORS):
                raise unwritable(self.path, error) from None
            raise
        self._recording = Recording(
            self._store,
            self._tick,
            clock=clock,
            plan=plan,
            interval_ms=options.interval_ms,
            flush_ms=int(options.flush_s * MS_PER_S),
            keep_ms=int(options.keep_s * MS_PER_S),
            say=self._on_say,
        )

    def _make_tick(self, boot: str, plan: Plan) -> Tick:
        options = self.options
        return Tick(
            self._store,
            self._root,
            options,
            boot=boot,
            reading=Options(
                options.detail, proc=options.proc, max_stall_ms=options.max_stall_ms
            ),
            plan=plan,
            files_max=files_max(),
            say=self._say_once,
        )

    def _say_once(self, text: str) -> None:
        """Say what is alike only once, however many processes it is about."""
        kind = text.partition(": ")[2] if text.startswith("process ") else text
        if kind not in self._said:
            self._said.add(kind)
            self._on_say(text)

    def _close_root(self) -> None:
        os.close(self._root.fd)
        restore(self._limits)


def _machine(root: Opened) -> tuple[str | None, str | None]:
    """Return the version of the kernel, and the name of the machine."""
    names = "sys/kernel/osrelease", "sys/kernel/hostname"
    release, host = (_small(root, name) for name in names)
    return release, host


def _small(root: Opened, name: str) -> str | None:
    try:
        return read_small(root, name).decode("utf-8", "replace").strip() or None
    except OSError:
        return None
