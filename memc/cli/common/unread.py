"""Messages about processes that were not read: who, why, and how much memory."""

from __future__ import annotations

from memc.errors import ProcessError, ProcessGone
from memc.proc.rights import is_privileged
from memc.read.options import Options
from memc.table.notes import NEEDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from memc.read.backend import Backend
    from memc.table.snapshot import Skipped, SystemSnapshot

__all__ = ["SHOWN", "failures", "share", "whose"]

SHOWN = 5


def failures(skipped: Sequence[Skipped], proc: str) -> str:
    """Return lines on the processes that failed, and on those that were denied.

    An error has a reason of its own: the first ones are shown.  A denial has the same
    reason as the others: if they are many, one is shown, and their users are counted.
    """
    failed = [skip for skip in skipped if skip.reason == "error"]
    denied = [skip for skip in skipped if skip.reason == "denied"]
    shown = denied if len(denied) <= SHOWN else denied[:1]
    lines = [skip.text for skip in (*failed[:SHOWN], *shown) if skip.text]
    if len(denied) > SHOWN:
        from memc.targets.unread import users_and_rss

        lines.append(f"of the denied are {whose(users_and_rss(denied, proc)[0])}")
    return "".join(f"memc: {text}\n" for text in lines)


def whose(users: dict[int | None, int]) -> str:
    """Return "40 of user root, 2 of user 1000": the users with the most."""
    owners = sorted(users.items(), key=_order)
    parts = [f"{count:,} {_of(uid)}" for uid, count in owners[:SHOWN]]
    rest = sum(count for _, count in owners[SHOWN:])
    if rest:
        parts.append(f"{rest:,} of others")
    return ", ".join(parts)


def _order(owner: tuple[int | None, int]) -> tuple[int, bool, int]:
    uid, count = owner
    return -count, uid is None, uid or 0


def _of(uid: int | None) -> str:
    """Return "of user root"; the number if the user has no plain name."""
    if uid is None:
        return "of unknown users"
    import pwd

    try:
        name = pwd.getpwuid(uid).pw_name
    except (KeyError, OverflowError):
        name = ""
    is_plain = name.isascii() and name.isprintable()
    return f"of user {name if name and is_plain else uid}"


def share(system: SystemSnapshot, reader: Backend, proc: str) -> str:
    """Return a line on how much of all RSS was read; "" if nothing was denied.

    The RSS of a denied process comes from its statm, which everybody may read.
    """
    denied = [skip.pid for skip in system.skipped if skip.reason == "denied"]
    snaps = (process.snapshot for process in system.processes)
    seen = [snap.total_rss_kb for snap in snaps if snap.same_memory_as is None]
    rest = [_resident_kb(pid, reader, proc) for pid in denied]
    known = [amount for amount in seen if amount is not None]  # others were cut
    seen_kb, rest_kb = sum(known), _sum(rest)
    if not denied or rest_kb is None or not seen_kb + rest_kb:
        return ""
    percent = seen_kb * 100 // (seen_kb + rest_kb)
    memory = "resident memory of all processes"
    if len(known) < len(seen):
        memory = "known resident memory"
    why = f"the rest needs {NEEDS}"
    if is_privileged():
        why = "a security module or a sandbox refuses the rest"
    return f"Saw {percent} % of the {memory}: {why}\n"


def _resident_kb(pid: int, reader: Backend, proc: str) -> int | None:
    try:
        return reader.collect(pid, Options("totals", proc=proc)).total_rss_kb
    except ProcessGone:
        return 0
    except ProcessError:
        return None


def _sum(amounts: list[int | None]) -> int | None:
    """Return the sum, or None if an amount is not known."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if len(known) == len(amounts) else None
