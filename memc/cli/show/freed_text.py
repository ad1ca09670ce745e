"""What comes back if processes end, as lines for people.

python3 (1653), if it is killed alone:       RSS 603 MiB, PRIVATE 603 MiB
   100 MiB  its own memory                  anonymous, nobody else has it
   240 KiB  page tables
    30 KiB  kernel's bookkeeping            estimated
         0  shared memory that ends with it
   100 MiB  comes back (at least: pipes, sockets, files in flight are not seen)
"""

from __future__ import annotations

from memc.cli.common.look import in_table
from memc.human.units import human, safe, shorten, width_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from memc.freeing.members import Member
    from memc.freeing.result import Freed, Stays
    from memc.human.sheet import Style

__all__ = ["lines"]

WIDTH = 80  # of a line, where the terminal does not tell
AMOUNT, LABEL = 10, 35  # the widths of two columns
BOLD, FAINT = "1", "2"
NOT_SEEN = "(at least: pipes, sockets, files in flight are not seen)"
SHOWN = 3  # how many holders are named


def lines(
    freed: Freed, members: Sequence[Member], *, width: int | None, style: Style
) -> Iterator[str]:
    """Yield the lines; names are cut to the width of a terminal."""
    width = width or WIDTH
    amounts = f"RSS {human(freed.rss_kb)}, PRIVATE {human(freed.private_kb)}"
    who = shorten(_who(members), width - len(amounts) - 2)
    yield f"{who}{' ' * max(2, AMOUNT + LABEL + 2 - width_of(who))}{amounts}"
    is_over = all(member.over for member in members)
    if not is_over:
        yield from _parts(freed, members)
    back = "comes back" if is_over else f"comes back {NOT_SEEN}"
    yield style(_line(freed.at_least_kb, back), BOLD)
    if not freed.is_exact:
        yield style(_line(freed.at_most_kb, "at most, by what is not known"), BOLD)
    if freed.swap_kb:
        yield _line(freed.swap_kb, "of swap space comes back, too")
    if freed.hugetlb_kb:
        yield _line(freed.hugetlb_kb, "of huge pages go back to their pool")
    stays = list(_stays(freed, width))
    yield from ["Stays:", *stays] if stays else []
    yield from ["Notes:"] if freed.notes else []
    for note in freed.notes:
        yield from (style(line, FAINT) for line in _wrapped(safe(note), width))


def _parts(freed: Freed, members: Sequence[Member]) -> Iterator[str]:
    """Yield a line for each part of what comes back."""
    its, it = ("its", "it") if len(members) == 1 else ("their", "them")
    read = sum(not member.is_unread for member in members)
    part = f"of the {read} that could be read" if read < len(members) else ""
    why = part or "anonymous, nobody else has it"
    if freed.anonymous_kb is None:
        why = "could not be read"
    yield _line(freed.anonymous_kb, f"{its} own memory", why)
    yield _line(freed.page_tables_kb, "page tables")
    yield _line(freed.kernel_kb, "kernel's bookkeeping", "estimated")
    shared = f"shared memory that ends with {it}"
    yield _line(freed.shared_kb, shared, _shared(freed) or part)


def _shared(freed: Freed) -> str:
    """Return why it is not known how much shared memory ends, "" if it is."""
    if freed.shared_kb is not None:
        return ""
    return (
        "could not be read" if freed.anonymous_kb is None else "if nobody else has it"
    )


def _who(members: Sequence[Member]) -> str:
    if len(members) == 1:
        member = members[0]
        name = safe(member.name) or "process"
        return f"{name} ({member.pid}) alone, if it is killed:"
    return f"{len(members)} processes together, if they are killed:"


def _line(kb: int | None, label: str, why: str = "") -> str:
    return f"{in_table(kb):>{AMOUNT}}  {f'{label:<{LABEL}}' if why else label}{why}"


def _stays(freed: Freed, width: int) -> Iterator[str]:
    for one in freed.stays:
        yield _named(one, width)
    if freed.cache_kb:
        yield _line(
            freed.cache_kb, "cache of mapped files", "counts as available already"
        )


def _named(one: Stays, width: int) -> str:
    why = one.why
    if one.holders:
        more = len(one.holders) - SHOWN
        pids = ", ".join(map(str, one.holders[:SHOWN]))
        why = f"held by {pids}{f' and {more} more' if more > 0 else ''}"
    name = safe(one.name)
    room = max(width - AMOUNT - 4 - width_of(why), LABEL - 2)
    name = shorten(name, room)
    return _line(one.kb, name + " " * max(LABEL - width_of(name), 2), "") + why


def _wrapped(text: str, width: int) -> Iterator[str]:
    """Yield the lines of a sentence, those after the first indented."""
    line = "  "
    for word in text.split(" "):
        if line.strip() and width_of(line) + 1 + width_of(word) > width:
            yield line
            line = f"    {word}"
        else:
            line = f"{line} {word}" if line.strip() else line + word
    yield line
