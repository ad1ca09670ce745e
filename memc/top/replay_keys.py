"""What the keys for the time of a recording do."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from memc.top.replay import RecordingSource

__all__ = ["ACTIONS", "SPEEDS"]

MINUTE_MS, HOUR_MS = 60_000, 3_600_000
SPEEDS = (1, 2, 5, 10, 20, 40, 60)


def _play(source: RecordingSource) -> None:
    source.play(0 if source.speed else SPEEDS[0])


def _faster(source: RecordingSource) -> None:
    source.play(next((s for s in SPEEDS if s > source.speed), SPEEDS[-1]))


def _slower(source: RecordingSource) -> None:
    if source.speed:
        source.play(next((s for s in SPEEDS[::-1] if s < source.speed), SPEEDS[0]))


# By the names of actions in the table of keys.
ACTIONS: dict[str, Callable[[RecordingSource], None]] = {
    "tick": lambda source: source.step(1),
    "tick_back": lambda source: source.step(-1),
    "minute": lambda source: source.move(MINUTE_MS),
    "minute_back": lambda source: source.move(-MINUTE_MS),
    "hour": lambda source: source.move(HOUR_MS),
    "hour_back": lambda source: source.move(-HOUR_MS),
    "event": lambda source: source.event(1),
    "event_back": lambda source: source.event(-1),
    "play": _play,
    "faster": _faster,
    "slower": _slower,
}
