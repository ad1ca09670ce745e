"""Counters of the kernel, from which the lines of an account are made."""

from __future__ import annotations

from memc.accounts.account import Line, Part
from memc.table.region import Note

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Book"]


class Book:
    """Counters in kB by name, and notes on what they do not tell.

    An amount that is not known is None, and a difference is never less than 0.
    """

    __slots__ = ("counters", "lines", "notes")

    def __init__(self, counters: Mapping[str, int]) -> None:
        self.counters = counters
        self.lines: list[Line] = []
        self.notes: list[Note] = []

    def get(self, name: str) -> int | None:
        """Return a counter; None, and a note, if the kernel does not tell it."""
        kb = self.counters.get(name)
        if kb is None:
            self.unknown(name)
        return kb

    def unknown(self, what: str) -> None:
        """Note what is not known, once."""
        words = f"{what} is not known: what it would tell is in the unexplained memory"
        if words not in [note.text for note in self.notes]:
            self.notes.append(Note("unknown", 1, words))

    def less(self, what: str, whole: int | None, *parts: int | None) -> int | None:
        """Return an amount without parts of it, which may not be known."""
        if whole is None:
            return None
        left = whole - sum(part or 0 for part in parts)
        if left < 0:
            words = f"{what}: the counters differ by {-left} kB, so it is 0 here"
            self.notes.append(Note("clamped", -left, words))
        return max(left, 0)

    def add(self, name: str, *parts: tuple[str, int | None]) -> Line:
        """Add a line that is the sum of parts."""
        made = tuple(Part(*part) for part in parts)
        known = [part.kb for part in made if part.kb is not None]
        line = Line(name, sum(known) if known else None, made)
        self.lines.append(line)
        return line

    def add_whole(self, name: str, kb: int | None) -> Line:
        """Add a line without parts."""
        line = Line(name, kb)
        self.lines.append(line)
        return line

    def swap_cache(self, cached: str, anon: str, shmem: str, *lru: str) -> int | None:
        """Return the swap cache that no process maps; None if it is not known.

        The kernel counts all of it.  A page that was read back is in the anonymous
        memory of a process, too, until the copy in swap is given up.  `lru` are the
        lists of pages that have no file (and those that cannot be evicted): what of
        them is neither anonymous memory of a process nor shared memory is swap cache.
        """
        kb = self.get(cached)
        parts = [self.counters.get(name) for name in (anon, shmem)]
        lists = [self.counters.get(name) for name in lru]
        if not kb or None in parts or None in lists:
            return kb
        known = [part or 0 for part in lists]
        left = sum(known) - sum(part or 0 for part in parts)
        return min(kb, max(left, 0))
