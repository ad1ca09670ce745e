"""Scan the processes again and again, in the background, within budgets.

To import this module has two effects.  Every scanner stops when the interpreter exits.
In a forked child no scanner runs, because the child has no threads of its parent.
"""

from __future__ import annotations

import atexit
import os
import time
from contextlib import suppress
from threading import Event, Lock, Thread, current_thread
from weakref import WeakSet

from memc.errors import MemcError
from memc.read.options import Options
from memc.risks.map_count import read_max_map_count
from memc.sampling.duty import Duty
from memc.sampling.schedule import Schedule, check_interval
from memc.serve.bounds import MAX_SERIES, Bounds
from memc.serve.details import AUTO, TOLD, allowed
from memc.serve.options import check, choose
from memc.serve.owned import sum_owners
from memc.serve.reading import Reading
from memc.serve.scan import Scan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from memc.serve.amounts import OwnerAmounts
    from memc.targets.choice import Choice

__all__ = ["INTERVAL_MS", "OF_REGIONS", "Scanner", "Totals"]

INTERVAL_MS = 60_000
NS_PER_MS = 1_000_000
STOP_S = 2.0  # how long stop() waits for a scan that is under way
STALLING = ("smaps", "rollup")  # the details whose reads can hold a process up
OF_REGIONS = ("rss", "uss", "pss", "smaps")

SCANNERS: WeakSet[Scanner] = WeakSet()


class Run:
    """One run of a scanner, from start to stop."""

    __slots__ = ("schedule", "stopped", "thread")

    def __init__(self, go: Callable[[Run], None], interval_ms: int) -> None:
        self.schedule = Schedule(interval_ms)
        self.stopped = Event()
        self.thread = Thread(target=go, args=(self,), name="memc scanner", daemon=True)

    def wait(self) -> bool:
        """Wait until a scan is due; return False if the run was stopped."""
        while left_s := self.schedule.wait_s():
            if self.stopped.wait(left_s):
                return False
        return not self.stopped.is_set()


class Totals:
    """How many scans there were, how many failed, and the CPU time of all."""

    __slots__ = ("cpu_ns", "errors", "scans")

    def __init__(self) -> None:
        self.scans = self.errors = self.cpu_ns = 0


class Scanner:
    """Sum the memory of processes in groups, once or every `interval_ms`.

    - `choice` says which processes are meant, and `pid` is one of them; without both
      all are.  memc counts like any other process.
    - `detail` is what is read: "totals", "rollup", "rss", "uss", "pss" or "smaps".
      "auto" is "uss" if this process may read the page tables of others, "smaps" if it
      may read smaps, and otherwise "totals".
    - `group` is what processes are grouped by: "service", "name", "cgroup", "container"
      or "user".
    - `owners` asks also for what the memory of each group is for.
    - `groups` is how many groups are told; "other" has the rest.  `max_series` is how
      many amounts are told, at most.
    - `max_stall_ms` is for how long smaps or smaps_rollup may hold a process up; less
      is read of a process for which it may take longer.
    - `duty` is how much of one CPU scans may take, in percent: after a scan that took
      more, the next one waits.  None is no limit.
    - `by_process` is of how many single processes the scan tells.
    - `say` is called with the text when scans begin to fail, and when they work again.
    - `proc` is another root than /proc; a choice has its own.

    `totals` counts the scans.  `failed` says why the last one failed, "" if it did not.
    `interval_ms` is the time from one scan to the next, as the last one left it.

    In a forked child it does not run, but can be started.  Raises TypeError or
    ValueError for wrong arguments.
    """

    def __init__(  # noqa: PLR0913 - keyword-only, and a call names few
        self,
        choice: Choice | None = None,
        *,
        pid: int | None = None,
        detail: str = AUTO,
        group: str = "service",
        owners: bool = False,
        groups: int = 100,
        max_series: int = MAX_SERIES,
        max_stall_ms: int = 50,
        duty: float | None = 5,
        by_process: int = 0,
        say: Callable[[str], object] | None = None,
        proc: str = "/proc",
    ) -> None:
        check(
            detail=detail,
            group=group,
            groups=groups,
            max_series=max_series,
            max_stall_ms=max_stall_ms,
            duty=duty,
            by_process=by_process,
        )
        self._choice = choose(choice, pid, proc)
        self._known: dict[int, int | None] = {}  # when named processes started
        self._detail = detail
        self._by = group
        self._owners = bool(owners)
        self._bounds = Bounds(groups, max_series)
        self._max_stall_ms = max_stall_ms
        self._by_process = by_process
        self._say = say
        self._duty = Duty(duty)
        self._latest: Scan | None = None
        self._run: Run | None = None
        self._scanning = Lock()
        self.totals = Totals()
        self.failed = ""
        self.interval_ms = INTERVAL_MS
        SCANNERS.add(self)

    def scan(self) -> Scan:
        """Read the processes and return their groups.

        Raises MemcError if they cannot be read.
        """
        with self._scanning:
            cpu_ns = time.process_time_ns()
            self.totals.scans += 1
            try:
                scan = self._read(cpu_ns)
            except Exception as error:
                self.totals.errors += 1
                self._note(error)
                raise
            finally:
                self.totals.cpu_ns += time.process_time_ns() - cpu_ns
            self._latest = scan
            self._note(None)
            return scan

    def start(self, interval_ms: int = INTERVAL_MS) -> None:
        """Scan at once and then every `interval_ms`, on a thread in the background.

        Do nothing if the scanner runs already.  A scan that fails is tried again when
        the next is due.
        """
        check_interval(interval_ms)
        if self.is_running():
            return
        self.interval_ms = interval_ms
        self._run = run = Run(self._go, interval_ms)
        run.thread.start()

    def stop(self) -> None:
        """Stop scanning; do nothing if the scanner does not run.

        A scan that is under way may end after this returns: this waits two seconds.
        """
        run, self._run = self._run, None
        if run is None:
            return
        run.stopped.set()
        if run.thread is not current_thread():
            run.thread.join(STOP_S)

    def is_running(self) -> bool:
        """Return whether the scanner was started and scans still."""
        run = self._run
        return run is not None and run.thread.is_alive()

    def latest(self) -> Scan | None:
        """Return the last scan that worked; None before the first."""
        return self._latest

    def _go(self, run: Run) -> None:
        """Scan until the run is stopped: the function of its thread."""
        schedule = run.schedule
        while True:
            due_ns = schedule.due_ns
            self._duty.begin(time.monotonic_ns())
            with suppress(Exception):  # `failed` says it
                self.scan()
            schedule.advance()
            schedule.postpone(self._duty.end())
            if run.stopped.is_set():
                return
            self.interval_ms = (schedule.due_ns - due_ns) // NS_PER_MS
            if not run.wait():
                return

    def _read(self, cpu_ns: int) -> Scan:
        began_ns = time.monotonic_ns()
        detail = self._detail
        if detail == AUTO:
            detail = allowed(self._choice)
        stall_ms = self._max_stall_ms if detail in STALLING else None
        reading = Reading(
            self._choice,
            Options(detail, proc=self._choice.proc, max_stall_ms=stall_ms),
            by=self._by,
            told=TOLD[detail],
            known=self._known,
            each=self._by_process > 0,
        )
        groups, left_out = self._bounds.fold(reading.amounts)
        owners: dict[tuple[str, str], OwnerAmounts] = {}
        series_left_out = 0
        if self._owners and detail in OF_REGIONS:
            found, hidden = sum_owners(reading.targets)
            owners, series_left_out = self._bounds.fold_owners(
                groups, found, hidden=hidden
            )
        return Scan(
            groups=groups,
            owners=owners,
            timestamp_ms=time.time_ns() // NS_PER_MS,
            duration_ns=time.monotonic_ns() - began_ns,
            cost_ns=time.process_time_ns() - cpu_ns,
            longest_read_ns=reading.longest_read_ns if detail in STALLING else None,
            detail=detail,
            processes=sum(each.processes for each in groups.values()),
            skipped=reading.skipped,
            degraded=reading.degraded,
            groups_left_out=left_out,
            series_left_out=series_left_out,
            max_map_count=_max_map_count(self._choice.proc),
            lines=reading.largest(self._by_process),
        )

    def _note(self, error: Exception | None) -> None:
        """Note whether a scan failed, and say it if that has changed."""
        before, self.failed = self.failed, "" if error is None else _words(error)
        if self._say is not None and bool(before) != bool(self.failed):
            self._say(self.failed or "scans work again")

    def _forget_threads(self) -> None:
        """Reset what threads of the parent may have held, in a forked child."""
        self._scanning = Lock()
        self._run = None


def _words(error: Exception) -> str:
    kind = "" if isinstance(error, MemcError) else f"{type(error).__name__}: "
    return f"{kind}{error}"


def _max_map_count(proc: str) -> int | None:
    try:
        return read_max_map_count(proc)
    except MemcError:
        return None


def stop_all() -> None:
    """Stop every scanner, so that no thread runs while the interpreter shuts down."""
    for scanner in tuple(SCANNERS):
        scanner.stop()


def forget_all() -> None:
    """Reset every scanner in a forked child, which has no threads of its parent."""
    for scanner in SCANNERS:
        scanner._forget_threads()


atexit.register(stop_all)
os.register_at_fork(after_in_child=forget_all)
