"""Why a push failed."""

from __future__ import annotations

from memc.errors import MemcError

__all__ = ["PushError", "check_partial"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Partial(Protocol):
        """What a receiver tells of values that it did not take."""

        rejected_data_points: int
        error_message: str


MOST = 300  # characters: some are of the receiver, which may send any number


class PushError(MemcError):
    """A push failed, or a part of it.

    `wait_s` is how long the receiver wants to be left alone, 0 if it did not say.
    """

    def __init__(self, words: str, *, wait_s: float = 0.0) -> None:
        super().__init__(words if len(words) <= MOST else f"{words[:MOST]}...")
        self.wait_s = wait_s


def check_partial(partial: Partial) -> None:
    """Raise PushError if a receiver refused some of the values."""
    if partial.rejected_data_points > 0:
        why = f": {partial.error_message}" if partial.error_message else ""
        count = f"{partial.rejected_data_points:,}"
        raise PushError(f"the receiver refused {count} of the values{why}")
