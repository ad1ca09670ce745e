"""The processes of a recording at times that rise, as ``Recorded`` has them with EACH.

Nothing is read twice, and a process of which only owners are known has no table made.
"""

from __future__ import annotations

from memc.errors import MemcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from memc.files.recording.carried import Framed, Row
    from memc.files.recording.known import RecordedProcess
    from memc.targets.recorded import Recorded
    from memc.targets.target import Target

__all__ = ["Told", "Walk"]


class Told:
    """A process at a time: `whole`, and its newest frame, or its owners, if it has any.

    `is_old` tells that the `owners` were read before that time.  `newest` is its newest
    frame, which may be older than what `owners` tell.
    """

    __slots__ = ("frame", "is_old", "known", "newest", "owners", "whole")

    def __init__(self, known: RecordedProcess, whole: Target) -> None:
        self.known = known
        self.whole = whole
        self.owners: Sequence[Row] = ()
        self.is_old = False
        self.frame: Framed | None = None
        self.newest: Framed | None = None


class Walk:
    """Goes through a recording; where the clock was set back it cannot."""

    def __init__(self, recorded: Recorded) -> None:
        self._recorded = recorded
        self._carried = recorded.recording.carried()
        self._owned = recorded.recording.known_by("_held")
        self._framed = recorded.recording.known_by("_frame")

    def at(self, t_ms: int) -> list[Told] | None:
        """Return the processes of a time; none if nothing was recorded then.

        It is None if only ``Recorded.targets`` can tell.
        """
        recorded = self._recorded
        try:
            moment = recorded.recording.at(t_ms)
            meant = recorded.meant(moment)
        except MemcError:
            return []
        if not self._carried.go(moment.segment, moment.as_of_ms):
            return None
        return [self._tell(*who) for who in meant]

    def _tell(self, known: RecordedProcess, whole: Target) -> Told:
        told, carried, number = Told(known, whole), self._carried, known.id
        told.newest = carried.framed(number)
        told.owners = carried.told(number)
        read_ms = max((row[0] for row in told.owners), default=0)
        if number in self._framed or (not told.owners and number in self._owned):
            read_ms, told.owners = carried.owners(number)
            if told.newest is not None and told.newest[2] >= read_ms:
                told.frame, told.owners = told.newest, ()
        now_ms = getattr(whole.table, "timestamp_ms", None) or read_ms
        told.is_old = now_ms > read_ms
        return told

    def target(self, told: Told) -> Target | None:
        """Return a process with the regions of its newest frame; None without one."""
        snap = self._carried.frame(told.known)
        return None if snap is None else self._recorded.like(told.whole, snap)
