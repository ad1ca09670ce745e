"""Read live processes at two times."""

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
        """Reads a choice, and says which processes could not be read."""

        def __call__(self, choice: Choice, *, may_be_gone: bool = False) -> Found:
            """Read it; with `may_be_gone`, a missing process is no error."""

    Say: TypeAlias = Callable[[str], None]

__all__ = ["read_twice", "renamed", "skipped_by_either"]

NS_PER_S = 1_000_000_000


def read_twice(
    choice: Choice, after_s: float, *, read: Read, say: Say, owners: bool = True
) -> tuple[Found, Found]:
    """Read a choice now, and again `after_s` seconds after the first reading began.

    `read` reads a choice; with `may_be_gone` a process that does not exist is no error.
    `say` is called with a message that tells how long the wait is.  With `owners`, the
    owners of regions are asked for later.

    If a process ends between the two readings, that is an error only if the choice was
    this one process: `read` says so, or MemcError is raised.  memc leaves out its own
    process, because reading makes it grow.  A process that could not be read at one of
    the two times is left out of both, because its change is not known.
    """
    due_ns = time.monotonic_ns() + int(after_s * NS_PER_S)
    is_one = choice.is_one()
    ours = _our_pid(choice)
    first = read(choice)
    for target in first.targets if owners else ():
        target.find_owners()  # read the stack pointers now, not after the wait
    if not first.targets or (is_one and first.errors):
        return first, first
    if choice.trees:  # if the top of a tree ends, its children get another parent
        choice = choice.without()
        choice.pids = [*choice.pids, *(t.pid for t in first.targets if t.pid)]
    _wait(due_ns, say)
    second = read(choice, may_be_gone=True)
    if is_one and not second.errors:
        _check_ended(first.targets[0], second.targets)
    others = [{t.pid for t in side.targets if t.is_other} for side in (first, second)]
    unread = {skip.pid for skip in skipped_by_either(first, second)} | ours
    unread -= others[0] & others[1]  # of these, both times the same is known
    for found in (first, second):
        found.targets = [t for t in found.targets if t.pid not in unread]
    return first, second


def _check_ended(before: Target, found: list[Target]) -> None:
    """Raise MemcError if the one process ended between the two readings."""
    after = found[0] if found else None
    if after is None or (len(before.table) and not len(after.table)):
        what = "ended before it was read again"
    elif not before.is_same(after):
        what = "ended, and another one has its pid now"
    else:
        return
    raise MemcError(f"process {before.pid}: {what}")


def _wait(due_ns: int, say: Say) -> None:
    """Sleep until a time; SIGINT and SIGTERM end memc, as they end sleep(1)."""
    left_ns = due_ns - time.monotonic_ns()
    if left_ns > 0:
        say(f"read once, and again in {left_ns / NS_PER_S:.1f} s")
        time.sleep(left_ns / NS_PER_S)


def _our_pid(choice: Choice) -> set[int]:
    """Return the pid of this process, unless the user named that pid."""
    return {os.getpid()} - {*choice.pids} if choice.proc == "/proc" else set()


def skipped_by_either(first: Found, second: Found) -> list[Skipped]:
    """Return the processes that could not be read at one of two times.

    Processes that had ended are not among them.
    """
    skipped = {skip.pid: skip for found in (first, second) for skip in found.skipped}
    return [skip for _, skip in sorted(skipped.items()) if skip.reason != "gone"]


def renamed(before: list[Target], after: list[Target]) -> list[str]:
    """Return words about processes that have another name than before.

    A process that calls exec keeps its pid and its start time, but none of its memory.
    """
    first = {target.pid: target for target in before}
    words = []
    for target in after:
        old = first.get(target.pid)
        known = old is not None and old.started is not None and old.is_same(target)
        if old is not None and known and old.name != target.name:
            names = f"'{old.name}' before and is '{target.name}' now"
            why = "it called exec, or gave itself a name"
            words.append(f"process {target.pid}: its name was {names}: {why}")
    return words
