"""Read the regions of processes: sums by owner, and frames of some."""

from __future__ import annotations

import time

from memc.errors import AccessDenied, ProcessError
from memc.files.recording.frames import encode, flatten
from memc.record.held import AMOUNTS, held_by_owner
from memc.record.taking import Taking

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from memc.read.options import Options
    from memc.record.follow import Crowd
    from memc.record.followed import Followed
    from memc.record.held import Sums
    from memc.record.known import Known
    from memc.record.store import Store
    from memc.table.snapshot import Snapshot

__all__ = ["RegionReader"]

COUNT = len(AMOUNTS) + 1  # of the amounts of an owner, with its number of regions


class RegionReader:
    """Reads regions as `options` say, and adds rows to the batch of a store.

    `tell` adds an event, and is called with its kind, words, and whose it is; `say`
    tells the user something once.
    """

    def __init__(
        self,
        store: Store,
        crowd: Crowd,
        options: Options,
        *,
        tell: Callable[[str, str, Followed], None],
        say: Callable[[str], None],
    ) -> None:
        self.denied: set[Followed] = set()
        self._store = store
        self._crowd = crowd
        self._taking = Taking(options, tell=tell, say=say)
        self._tell = tell
        self._say = say
        self._owners = store.owners()
        self._told: set[Followed] = set()

    def begin_segment(self) -> None:
        """Try again who may not be read: somebody may have changed that."""
        self.denied.clear()

    def tell_again(self, known: Known, t_ms: int) -> None:
        """Add the sums by owner, which hold still, to an open segment without them."""
        if not known.is_told:
            known.is_told = True
            for owner, amounts in known.held.items():
                place = self._store.segment, known.number, t_ms
                self._store.batch.add("_held", (*place, self._owner(owner), *amounts))

    def forget(self, followed: Followed) -> None:
        """Forget a process that ended, or that runs another program."""
        self.denied.discard(followed)
        self._told.discard(followed)
        self._taking.forget(followed)

    def read(
        self, followed: Followed, known: Known, t_ms: int, *, is_kept: bool
    ) -> tuple[Sums, int]:
        """Read the regions of a process, and keep them if `is_kept`.

        Returns the sums by owner, and what that cost in ns of CPU time.  There are no
        sums if the process cannot be read.
        """
        began_ns = time.thread_time_ns()
        sums: Sums = {}
        try:
            snap = self._taking.take(followed)
            is_same = snap.started in (None, followed.started)
            # One that is ending has no regions any more: what it held last counts.
            if is_same and len(snap) and self._crowd.is_there(followed):
                sums = self._keep(known, snap, t_ms, is_kept=is_kept)
        except AccessDenied as error:
            self._deny(followed, str(error))
        except ProcessError:
            pass  # it ended: the next look will find out
        return sums, time.thread_time_ns() - began_ns

    def _deny(self, followed: Followed, words: str) -> None:
        """Tell once why the regions of a process could not be read."""
        self.denied.add(followed)
        if followed not in self._told:
            self._told.add(followed)
            self._tell("denied", words, followed)
        self._say(f"{words}; of such processes the usage is recorded, and no regions")

    def _keep(self, known: Known, snap: Snapshot, t_ms: int, *, is_kept: bool) -> Sums:
        batch = self._store.batch
        place = self._store.segment, known.number, t_ms
        found = held_by_owner(snap)
        told = known.held if known.is_told else {}
        sums = found | {name: [0] * COUNT for name in told if name not in found}
        for owner, amounts in sums.items():
            if told.get(owner) != amounts:
                batch.add("_held", (*place, self._owner(owner), *amounts))
        known.held, known.is_told = found, True
        if is_kept:
            frame, meta = flatten(snap, self._store.strings)
            is_whole, data = encode(known.frame, frame)
            known.frame = frame
            batch.add("_frame", (*place, int(is_whole), meta, data))
        return found

    def _owner(self, name: str) -> int:
        number = self._owners.get(name)
        if number is None:
            number = self._owners[name] = max(self._owners.values(), default=0) + 1
            self._store.batch.add("_owner", (number, name))
        return number
