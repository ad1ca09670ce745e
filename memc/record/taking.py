"""Take a snapshot of a process that is followed, as gently as it allows."""

from __future__ import annotations

from memc.pure.rows import make_table
from memc.record.options import STALL_MS
from memc.sampling.source import OneProcess
from memc.table.amounts import values
from memc.table.snapshot import Reading, Snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from memc.read.options import Options
    from memc.record.followed import Followed

__all__ = ["Taking"]

COUNTED = ("rss", "uss", "pss")  # details that count pages, which others may deny


class Taking:
    """Takes snapshots as `options` say; by smaps where pages may not be counted.

    `tell` is called with the kind of an event, words, and whose it is; `say` tells the
    user something once.
    """

    def __init__(
        self,
        options: Options,
        *,
        tell: Callable[[str, str, Followed], None],
        say: Callable[[str], None],
    ) -> None:
        self._options = options
        self._tell = tell
        self._say = say
        self._last: dict[Followed, Snapshot] = {}
        self._by_smaps: set[Followed] = set()
        self._degraded: set[Followed] = set()

    def forget(self, followed: Followed) -> None:
        """Forget a process that ended, or that runs another program."""
        self._by_smaps.discard(followed)
        self._degraded.discard(followed)
        self._last.pop(followed, None)

    def take(self, followed: Followed) -> Snapshot:
        """Take a snapshot.  Raises ProcessError as a reading does."""
        detail = self._options.detail
        if followed not in self._by_smaps:
            snap = self._read(followed, detail)
            unknown = {"denied", "degraded"} & {note.code for note in snap.notes}
            if not (unknown and detail in COUNTED and _lacks_rss(snap)):
                self._note(followed, snap)
                return snap
            self._by_smaps.add(followed)
            words = next(note.text for note in snap.notes if note.code in unknown)
            self._tell("denied", f"{words}; smaps is read instead", followed)
            self._say(f"{words}: smaps is read instead, within {self._stall_ms()} ms")
        snap = self._read(followed, "smaps")
        self._note(followed, snap)
        return snap

    def _stall_ms(self) -> int:
        return self._options.max_stall_ms or STALL_MS

    def _read(self, followed: Followed, detail: str) -> Snapshot:
        options = self._options.copy()
        options.detail = detail
        if detail == "smaps":
            options.max_stall_ms = self._stall_ms()
            options.last = self._last.get(followed)
        snap = OneProcess(followed.pid, options).read()
        if detail == "smaps" and snap.longest_read_ns:
            self._last[followed] = _stall_of(snap)
        return snap

    def _note(self, followed: Followed, snap: Snapshot) -> None:
        """Tell once that a gentler detail was read."""
        words = next((n.text for n in snap.notes if n.code == "degraded"), "")
        if not words:
            self._degraded.discard(followed)
        elif followed not in self._degraded:
            self._degraded.add(followed)
            self._tell("degraded", words, followed)


def _lacks_rss(snap: Snapshot) -> bool:
    return next(iter(values(snap, "rss_kb")), None) is None


def _stall_of(snap: Snapshot) -> Snapshot:
    """Return what tells how long reading held the process up, without regions."""
    reading = Reading(snap.pid, snap.detail)
    reading.total_rss_kb = snap.total_rss_kb
    reading.longest_read_ns = snap.longest_read_ns
    return Snapshot(make_table([], (), (), live=False), reading)
