"""What a bundle is made of: live processes, once or again and again, or a file."""

from __future__ import annotations

import os
import time

from memc.bundle.documents import counts, of_loaded, of_target, of_targets
from memc.bundle.machine import is_live, machine
from memc.cli.bundle.options import INTERVAL_MS
from memc.cli.common.choose import read_all, tell_found
from memc.cli.common.telling import nobody, tell_skipped
from memc.cli.output import STDERR, counted, say
from memc.errors import MemcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

    from memc.targets.choice import Choice
    from memc.targets.target import Found

__all__ = ["Samples"]

BY = "owner,user,cgroup"  # what is read of each process beside its memory
NS_PER_MS = 1_000_000


class Samples:
    """The documents of a bundle, and the machine, None if they are of a file.

    `status` is 1 if something that the user named could not be read.
    """

    __slots__ = ("documents", "machine", "status")

    def __init__(self) -> None:
        self.documents: list[dict[str, Any]] = []
        self.machine: dict[str, Any] | None = None
        self.status = 0

    def read(self, args: argparse.Namespace, choice: Choice) -> None:
        """Read what is chosen; say what could not be read.

        Raises MemcError if nothing was read.
        """
        if choice.recordings:
            self._read_recording(choice)
        elif choice.paths:
            self._read_file(choice)
        else:
            self._read_live(args, choice)

    def processes(self) -> int:
        """Return how many processes were read, at most, in a sample."""
        return max((counts(each)[0] for each in self.documents), default=0)

    def _read_live(self, args: argparse.Namespace, choice: Choice) -> None:
        count = args.count or 1
        pids: dict[int, None] = {}
        is_one = choice.is_one()
        due_ns = time.monotonic_ns()
        for number in range(count):
            found = read_all(
                choice,
                args.detail,
                by=BY,
                may_be_gone=number > 0,
                max_stall_ms=args.max_stall,
            )
            if not number:
                self._check(found, choice)
            if not found.targets:
                if not number:
                    return
                say(f"ended after {counted(number, 'sample')} of {count}")
                break
            self.documents.append(
                of_target(found.targets[0])
                if is_one
                else of_targets(found.targets, found.skipped)
            )
            now = [target.pid for target in found.targets if target.pid]
            pids |= dict.fromkeys(now)
            if choice.trees:  # if the top ends, its children get another parent
                choice.pids = [*dict.fromkeys((*choice.pids, *now))]
            if number + 1 == count:
                tell_skipped(found.skipped, choice.proc)
                break
            due_ns += (args.interval or INTERVAL_MS) * NS_PER_MS
            _wait(due_ns, f"{number + 1} of {counted(count, 'sample')}")
        if is_live(choice.proc):
            self.machine = machine(choice.proc, pids)

    def _check(self, found: Found, choice: Choice) -> None:
        """Look at what was read; raise MemcError if no process was found."""
        self.status = 1 if found.errors else 0
        if not found.targets and not found.errors:
            raise nobody(choice, found.skipped)

    def _read_file(self, choice: Choice) -> None:
        from memc.targets.read_files import read_samples

        for loaded in read_samples(choice.paths[0], choice):
            self.documents.append(of_loaded(loaded))
        if not any(counts(each)[0] for each in self.documents):
            raise nobody(choice, ())

    def _read_recording(self, choice: Choice) -> None:
        from memc.targets.recorded import REGIONS, Recorded

        recorded = Recorded(choice.paths[0], choice)
        is_span = choice.begin or choice.end
        times = recorded.span() if is_span else (recorded.time(),)
        for t_ms in times:
            found = recorded.found(t_ms, REGIONS)
            # Those of which the regions were not recorded have totals.
            targets, found.untold = [*found.targets, *found.untold], []
            tell_found(found, REGIONS)
            self.status |= 1 if found.errors else 0
            if targets:
                self.documents.append(of_targets(targets, ()))
        if not self.documents and not self.status:
            raise nobody(choice, ())
        if not self.documents:
            raise MemcError("none was read")


def _wait(due_ns: int, words: str) -> None:
    """Sleep until a time; SIGINT and SIGTERM end memc, as they end sleep(1)."""
    left_ns = due_ns - time.monotonic_ns()
    if left_ns > 0:
        if os.isatty(STDERR):
            say(f"read {words}, and again in {left_ns / 1e9:.1f} s")
        time.sleep(left_ns / 1e9)
