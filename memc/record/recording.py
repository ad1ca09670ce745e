"""A recording in progress: ticks in segments, gaps told, batches written in time.

While there is no room, only events are kept, and each flush tries again.  Then a
segment begins, which tells everything once more.
"""

from __future__ import annotations

from contextlib import suppress

from memc.files.recording.schema import LATE, SEGMENT_MS
from memc.record import events
from memc.record.store import Full

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from memc.record.clock import Clock
    from memc.record.plan import Plan
    from memc.record.store import Store
    from memc.record.tick import Tick

__all__ = ["Recording"]

NS_PER_MS = 1_000_000
MS_PER_S = 1000


class Recording:
    """Ticks, one after the other, into a store.

    `ticks` counts them, and `gaps` how often nothing could be seen or written.  Call
    `step` when a tick is due.  `say` is called with what the user should know.
    """

    def __init__(
        self,
        store: Store,
        tick: Tick,
        *,
        clock: Clock,
        plan: Plan,
        interval_ms: int,
        flush_ms: int,
        keep_ms: int,
        say: Callable[[str], object] = lambda _: None,
    ) -> None:
        self._store = store
        self._tick = tick
        self._clock = clock
        self._plan = plan
        self._interval_ms = interval_ms
        self._flush_ms = flush_ms
        self._keep_ms = keep_ms
        self._last_ms: int | None = None
        self._flushed_ms = 0
        self._slept_ms = 0
        self._full_ms: int | None = None
        self._why = ""
        self._lost = 0
        self._say = say
        self.ticks = self.gaps = 0

    def step(self) -> None:
        """Look once, and write if it is time.  Raises MemcError if that fails."""
        is_asleep = self._has_slept()
        lost_ms = self._try_again() if self._full_ms is not None else 0
        if lost_ms or (self._full_ms is None and self._is_segment_over()):
            self._begin_segment(is_after_gap=lost_ms > 0)
        t_ms = max(self._clock.now_ms(), (self._last_ms or 0) + 1)
        last_ms = t_ms - self._interval_ms if self._last_ms is None else self._last_ms
        elapsed_ms = t_ms - last_ms
        if lost_ms:
            self._tell_lost(t_ms, lost_ms)
        elif elapsed_ms > LATE * self._interval_ms:
            self._gap(t_ms, "suspended" if is_asleep else "late", elapsed_ms)
        self._plan.earn(elapsed_ms * NS_PER_MS)
        self._tick.run(t_ms)
        self._last_ms = t_ms
        self.ticks += 1
        if self._full_ms is None and t_ms - self._flushed_ms >= self._flush_ms:
            self._flush(t_ms)

    def note(self, text: str) -> None:
        """Add an event with words of the user."""
        if not self._store.segment:
            self._begin_segment()
        t_ms = self._clock.now_ms()
        self._tick.event(t_ms, "note", events.detail(text=text))

    def flush(self) -> None:
        """Write what waits now, unless there was no room: then a later tick does."""
        if self._full_ms is None:
            self._flush(self._clock.now_ms())

    def close(self, why: str) -> None:
        """Write what waits and end the recording."""
        t_ms = max(self._clock.now_ms(), self._last_ms or 0)
        self._tick.close(t_ms)
        if self._full_ms is not None:
            length_ms = t_ms - self._full_ms
            self._gap(t_ms, self._why, length_ms)
        self._store.close(t_ms, why)

    def _is_segment_over(self) -> bool:
        if not self._store.segment:
            return True
        is_old = self._clock.now_ms() - self._clock.began_ms >= SEGMENT_MS
        return is_old or self._clock.is_set() or self._store.is_segment_full()

    def _begin_segment(self, *, is_after_gap: bool = False) -> None:
        """Begin a segment with the time of the wall clock, and drop old ones.

        Without room for what waits, the open one goes on.
        """
        if self._store.segment:
            self._flush(self._clock.now_ms())
            if self._full_ms is not None:
                return
        self._slept_ms = 0
        before_ms = self._clock.now_ms()
        self._clock.begin()
        began_ms = self._clock.began_ms
        self._store.begin_segment(began_ms, self._clock.boot_ns, ended_ms=before_ms)
        self._tick.begin_segment(is_after_gap=is_after_gap)
        if self._last_ms is not None:  # the wall clock may have been set
            self._last_ms += began_ms - before_ms
        self._flushed_ms = began_ms
        with suppress(Full):  # the next flush tells it
            self._store.drop_older(max(0, began_ms - self._keep_ms))

    def _has_slept(self) -> bool:
        """Tell whether the machine was suspended since the tick before."""
        before_ms, self._slept_ms = self._slept_ms, self._clock.slept_ms()
        return self._slept_ms - before_ms > self._interval_ms / 2

    def _gap(self, t_ms: int, why: str, length_ms: int, **more: int) -> None:
        self.gaps += 1
        detail = events.detail(why=why, length_ms=length_ms, **more)
        self._tick.event(t_ms, "gap", detail)

    def _flush(self, t_ms: int) -> None:
        """Write what waits; without room, keep the events."""
        before_ms, self._flushed_ms = self._flushed_ms, t_ms
        try:
            self._store.flush()
        except Full as error:
            if self._full_ms is None:
                self._full_ms, self._why = before_ms, error.why
                self._say(f"{error}: nothing is written until there is room")
            self._lost += self._store.keep_events(error)
        else:
            self._full_ms = None

    def _try_again(self) -> int:
        """Write the events if it is time; return how long there was no room, or 0."""
        t_ms, full_ms = self._clock.now_ms(), self._full_ms
        if full_ms is None or t_ms - self._flushed_ms < self._flush_ms:
            return 0
        self._flush(t_ms)
        return 0 if self._full_ms is not None else t_ms - full_ms

    def _tell_lost(self, t_ms: int, length_ms: int) -> None:
        """Tell that there is room again."""
        lost = {"events_lost": self._lost} if self._lost else {}
        self._gap(t_ms, self._why, length_ms, **lost)
        self._lost = 0
        missing = f"{length_ms // MS_PER_S} s are missing"
        self._say(f"{self._store.path}: there is room again: {missing}")
