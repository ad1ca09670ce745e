"""Live processes at two times: the second is so long after the first began."""

from __future__ import annotations

import os
import time

from memc.errors import MemcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol, TypeAlias

    from memc.table.snapshot import Skipped
    from memc.targets.choice import Choice
    from memc.targets.target import Found, Target

    class Read(Protocol):
        """Reads what a choice means, and says what could not be read."""

        def __call__(self, choice: Choice, *, may_be_gone: bool = False) -> Found:
            """Read it; if it `may_be_gone`, a missing process is no error."""

    Say: TypeAlias = Callable[[str], None]

__all__ = ["read_twice", "skipped_by_either"]

NS_PER_S = 1_000_000_000


def read_twice(
    choice: Choice, after_s: float, *, read: Read, say: Say
) -> tuple[Found, Found]:
    """Read what is meant, and again `after_s` seconds after the first reading began.

    `read` reads a choice; of its keywords `may_be_gone` says that a process which does
    not exist is no error.  `say` tells people how long they wait.

    A process that ended in between is an error (told, or MemcError) only if it was the
    only one meant.  The process that reads is left out: it is the first that grows.
    What could not be read at one time is left out at both, as nothing tells what became
    of it.
    """
    due_ns = time.monotonic_ns() + int(after_s * NS_PER_S)
    is_one = choice.is_one()
    ours = _our_pid(choice)
    first = read(choice)
    for target in first.targets:
        target.find_owners()  # a live process is asked for its stacks as they are now
    if not first.targets or (is_one and first.errors):
        return first, first
    if choice.trees:  # whose top may end, and leave its children to another
        choice.pids = [*choice.pids, *(t.pid for t in first.targets if t.pid)]
    _wait(due_ns, say)
    second = read(choice, may_be_gone=True)
    if is_one and not second.errors:
        _check_ended(first.targets[0], second.targets)
    unread = {skip.pid for skip in skipped_by_either(first, second)} | ours
    for found in (first, second):
        found.targets = [t for t in found.targets if t.pid not in unread]
    return first, second


def _check_ended(before: Target, found: list[Target]) -> None:
    """Raise MemcError if the process that was to be read twice ended in between."""
    after = found[0] if found else None
    if after is None or (len(before.table) and not len(after.table)):
        what = "ended before it was read again"
    elif not before.is_same(after):
        what = "ended, and another one has its pid now"
    else:
        return
    raise MemcError(f"process {before.pid}: {what}")


def _wait(due_ns: int, say: Say) -> None:
    """Sleep until then; SIGINT and SIGTERM end it, as they end sleep(1)."""
    left_ns = due_ns - time.monotonic_ns()
    if left_ns > 0:
        say(f"read once, and again in {left_ns / NS_PER_S:.1f} s")
        time.sleep(left_ns / NS_PER_S)


def _our_pid(choice: Choice) -> set[int]:
    """Return the pid of this process, unless it is meant by its number."""
    return {os.getpid()} - {*choice.pids} if choice.proc == "/proc" else set()


def skipped_by_either(first: Found, second: Found) -> list[Skipped]:
    """Return what could not be read at one of two times, other than as it had ended."""
    skipped = {skip.pid: skip for found in (first, second) for skip in found.skipped}
    return [skip for _, skip in sorted(skipped.items()) if skip.reason != "gone"]
