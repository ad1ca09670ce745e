"""What a page of metrics tells, taken once so that all of it is of one scan."""

from __future__ import annotations

import time
from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from memc.serve.scan import Scan

    class Totals(Protocol):
        """What all scans took so far."""

        @property
        def scans(self) -> int:
            """How many scans there were."""

        @property
        def errors(self) -> int:
            """How many of them failed."""

        @property
        def cpu_ns(self) -> int:
            """How much CPU they took."""

    class Scans(Protocol):
        """The part of a Scanner that metrics need."""

        @property
        def totals(self) -> Totals:
            """What all scans took so far."""

        @property
        def failed(self) -> str:
            """The error of the last scan, "" if it went well."""

        @property
        def interval_ms(self) -> int | None:
            """The time between two scans, 0 or None if there is one scan only."""

        def latest(self) -> Scan | None:
            """Return the last scan that went well."""

        def is_running(self) -> bool:
            """Return whether it scans in the background."""

        def start(self) -> None:
            """Begin to scan in the background."""


__all__ = ["State", "state_of"]

STALE = 3  # intervals, after which a scan tells nothing about now any more


class State(NamedTuple):
    """The last scan, and how scanning goes.

    `is_fresh` tells whether the scan is younger than three intervals, and `is_up`
    whether also no scan failed since.
    """

    scan: Scan | None
    is_fresh: bool
    is_up: bool
    scans: int
    errors: int
    cpu_ns: int
    interval_ms: int | None


def state_of(scanner: Scans) -> State:
    """Return the state of a scanner now."""
    scan, totals = scanner.latest(), scanner.totals
    interval_ms = scanner.interval_ms or None
    is_fresh = scan is not None and _is_fresh(scan, interval_ms)
    return State(
        scan=scan,
        is_fresh=is_fresh,
        is_up=is_fresh and not scanner.failed,
        scans=totals.scans,
        errors=totals.errors,
        cpu_ns=totals.cpu_ns,
        interval_ms=interval_ms,
    )


def _is_fresh(scan: Scan, interval_ms: int | None) -> bool:
    if not interval_ms:
        return True
    # A scan of a large machine may take longer than the interval that was asked for.
    least_ms = max(interval_ms, scan.duration_ns / 1_000_000)
    return time.time() * 1000 - scan.timestamp_ms <= STALE * least_ms
