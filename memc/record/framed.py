"""Whose regions are kept as frames: who was asked for, who grew most, who crossed."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from memc.record.followed import Followed, Seen
    from memc.record.options import Regions

__all__ = ["Framed"]

WINDOW_MS = 600_000  # who grew most: over this time
SAMPLES = 10  # of the RSS in a window
AROUND_MS = 60_000  # frames are kept for so long after a limit was crossed


class Framed:
    """Finds out whose regions are kept.

    `asked` says what the user asked for; without any, the processes of `pids`.
    """

    def __init__(self, asked: Sequence[Regions], pids: Iterable[int]) -> None:
        self._names = [each.name for each in asked if each.name is not None]
        self._top = max((each.top or 0 for each in asked), default=0)
        named = {each.pid for each in asked if each.pid is not None}
        self._pids: set[int | None] = {*(named if asked else pids)}
        self._is_first = True
        self._named: set[Followed] = set()
        self._grown: set[Followed] = set()
        self._until: dict[Followed, int] = {}
        self._samples: list[tuple[int, dict[Followed, int]]] = []

    def look(self, seen: Seen, t_ms: int) -> None:
        """Note who is there, and who grew most."""
        for followed in seen.ended:
            self._named.discard(followed)
            self._until.pop(followed, None)
        alive = seen.alive if self._is_first else ()
        self._named.update(each for each in alive if each.pid in self._pids)
        self._is_first = False
        for followed, until_ms in [*self._until.items()]:
            if t_ms > until_ms:
                del self._until[followed]
        if self._top:
            self._rank(seen.alive, t_ms)

    def cross(self, followed: Followed, t_ms: int) -> None:
        """Keep the regions of a process that crossed a limit, for a while."""
        self._until[followed] = t_ms + AROUND_MS

    def has_urgent(self) -> bool:
        """Tell whether any regions are kept now, whatever that costs."""
        return bool(self._until)

    def is_urgent(self, followed: Followed) -> bool:
        """Tell whether its regions are kept now, whatever that costs."""
        return followed in self._until

    def is_kept(self, followed: Followed) -> bool:
        """Tell whether the regions of a process are kept when they are read."""
        if followed in self._named or followed in self._grown:
            return True
        if followed in self._until:
            return True
        if not self._names:
            return False
        name = followed.name.decode("utf-8", "surrogateescape")
        return any(pattern.search(name) for pattern in self._names)

    def _rank(self, alive: list[Followed], t_ms: int) -> None:
        while self._samples and self._samples[0][0] < t_ms - WINDOW_MS:
            self._samples.pop(0)
        first: dict[Followed, int] = {}
        for _, sample in reversed(self._samples):
            first.update(sample)
        grown = [
            (each.rss_pages - first.get(each, 0 if first else each.rss_pages), each)
            for each in alive
        ]
        grown.sort(key=lambda pair: -pair[0])
        self._grown = {each for growth, each in grown[: self._top] if growth > 0}
        last_ms = self._samples[-1][0] if self._samples else -WINDOW_MS
        if t_ms - last_ms >= WINDOW_MS // SAMPLES:
            sample = {each: each.rss_pages for each in alive}
            self._samples.append((t_ms, sample))
