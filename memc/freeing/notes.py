"""Sentences on what is not known of a result, and why."""

from __future__ import annotations

from memc.freeing.holes import holes_kb
from memc.human.units import human
from memc.proc.meminfo import read_kb

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from memc.freeing.ends import Ends
    from memc.freeing.members import Member
    from memc.proc.root import Opened

__all__ = ["notes_on"]

SHOWN = 5  # how many processes are named one by one
LARGE_KB = 4 << 10  # a smaller process has hardly any huge pages
MOST = "of these, status tells the most that may come back, but no open shared memory"
OUTSIDERS = (
    "processes outside may have a part of their memory from fork: root can count it"
)
MIXED = "pages of files that it has alone are not told apart from its own memory"
OPEN = "shared memory that is open, but not mapped, is not counted"


def notes_on(
    root: Opened,
    members: Sequence[Member],
    ends: Ends,
    *,
    anonymous: tuple[int, int],
    least: int,
    is_live: bool,
) -> Iterator[str]:
    """Yield the notes on members, of which `least` kB come back.

    `anonymous` are the bounds of the memory of their own.
    """
    yield from _by_reason([(m, m.over) for m in members if m.over])
    unread = [m for m in members if m.is_unread]
    yield from _by_reason([(m, m.why_unread) for m in unread])
    if unread:
        yield MOST
    for member in members:
        if member.kept_by is not None:
            yield f"{member.who}: process {member.kept_by} has its memory, which stays"
    closed = [
        m for m in members if not (m.over or m.is_unread) and not m.are_files_known
    ]
    yield from _by_reason([(m, "its open files could not be read") for m in closed])
    if closed:
        yield OPEN
    if anonymous[0] < anonymous[1]:
        yield OUTSIDERS if len(members) > 1 else MIXED
    yield from _on_shared(root, members, ends)
    yield from _on_pages(members)
    if is_live:
        yield from _on_swap(members, ends)
        yield from _on_holes(least)


def _by_reason(pairs: Sequence[tuple[Member, str]]) -> Iterator[str]:
    """Yield a note for each reason, with the processes that have it."""
    for reason in dict.fromkeys(why for _, why in pairs):
        whose = [member for member, why in pairs if why == reason]
        more = len(whose) - SHOWN
        if len(whose) == 1:
            yield f"{whose[0].who}: {reason}"
            continue
        pids = ", ".join(str(member.pid) for member in whose[:SHOWN])
        rest = f" and {more} more" if more > 0 else ""
        yield f"processes {pids}{rest}: {reason}"


def _on_shared(root: Opened, members: Sequence[Member], ends: Ends) -> Iterator[str]:
    """Yield notes on who may have shared memory, and to whom it is charged."""
    holders = ends.holders
    if ends.doubtful and holders is not None and not holders.is_whole:
        count = len(holders.unread)
        who = f"{count} other process{'es' * (count != 1)} could not be looked into"
        if holders.is_hidden:
            who = "processes of other users are hidden (hidepid)"
        yield f"{who}: shared memory comes back only if no other process has it"
    elif holders is not None and holders.sealed and ends.most:
        pids = ", ".join(map(str, sorted(holders.sealed)[:SHOWN]))
        yield (
            f"not even root may look into process {pids}, which is taken to have none "
            "of the shared memory"
        )
    elif ends.doubtful:
        names = ", ".join(one.label for one in ends.doubtful[:SHOWN])
        yield f"not known whether it ends with them: {names}"
    more = round(ends.kernel[1])
    if more and not ends.doubtful:
        yield f"file systems may hold {human(more)} more for clean pages without a name"
    if ends.most and len({m.read_cgroup(root) for m in members}) > 1:
        yield "shared memory is charged to the control group that touched it first"


def _on_pages(members: Sequence[Member]) -> Iterator[str]:
    channels = len(set().union(*(member.use.channels for member in members)))
    if channels:
        what = "a pipe or socket" if channels == 1 else f"{channels} pipes and sockets"
        yield f"data in {what} comes back in addition, and is not counted"
    owns = [member.own for member in members if member.own is not None]
    merged = sum(own.ksm for own in owns)
    if merged:
        yield f"{human(merged)} in pages that the kernel merged (KSM) is not counted"
    huge = sum(own.hugetlb_shared for own in owns)
    if huge:
        yield f"{human(huge)} in huge pages is mapped by several, and not counted"
    if any(m.is_cut for m in members):
        yield "some regions are missing in what was read"


def _on_swap(members: Sequence[Member], ends: Ends) -> Iterator[str]:
    """Yield a note if some of what is in swap may be in memory, too."""
    swap = ends.swap + sum(m.own.swap for m in members if m.own is not None)
    cached = min(swap, (read_kb("SwapCached") or 0) if swap else 0)
    if cached:
        yield f"up to {human(cached)} in swap is in memory, too: it comes back there"


def _on_holes(least: int) -> Iterator[str]:
    """Yield a note if huge pages with holes may hold much beside `least` kB."""
    holes, total = holes_kb()
    is_large = holes * 100 >= total or (holes * 10 >= least >= LARGE_KB)
    if holes and is_large:
        yield (
            f"partly unmapped huge pages of this machine hold up to {human(holes)} "
            "more: whose is not known"
        )
