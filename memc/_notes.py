"""The words of the notes; the C core has the same in csrc/message.c."""

from __future__ import annotations

from memc.region import Note

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.errors import FormatError


def torn(count: int) -> Note:
    """Note regions that newer lines replaced, or that came out of order."""
    what = f"{count} region{_s(count)} replaced or put in order"
    return Note(
        "torn", count, f"the process changed its regions while it was read: {what}"
    )


def cut() -> Note:
    """Note that the list ended before its end."""
    what = "the process ended or called exec while it was read: the list is cut short"
    return Note("cut", 1, what)


def bad_line(count: int, first: FormatError) -> Note:
    """Note lines that were passed over."""
    what = f"{count} line{_s(count)} passed over, the first: {first}"
    return Note("bad_line", count, what)


def late(count: int) -> Note:
    """Note samples that were due before this one, and were left out."""
    were = "was" if count == 1 else "were"
    what = f"{count} sample{_s(count)} {were} due before this one and left out"
    return Note("late", count, f"{what}: reading took longer than the interval")


def _s(count: int) -> str:
    return "" if count == 1 else "s"
