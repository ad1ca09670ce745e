"""What uvicorn and asyncio warn of, in the words of memc."""

from __future__ import annotations

import logging
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["say_in_our_words"]

AGAIN_S = 60.0
SAID_MAX = 100
# What uvicorn says of clients, which may send anything, and of those that hang at the
# end: no news of this service.
GONE = ("CancelledError", "LocalProtocolError")  # for whom an answer was made
DROPPED = ("Invalid HTTP request", "Unsupported up", "No supported WebS", "Cancel ")


class Log(logging.Handler):
    """Says what the libraries have to say: in our words, each once a minute."""

    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._say = say
        self._said: dict[str, float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Say a message, unless it is about a client, or was said just now."""
        text = record.getMessage()
        error = record.exc_info[1] if record.exc_info else None
        if text.startswith(DROPPED) or type(error).__name__ in GONE:
            return
        if error is not None:
            text = f"a request failed: {type(error).__name__}: {error}"
        now = time.monotonic()
        if (
            now - self._said.get(text, -AGAIN_S) >= AGAIN_S
            and len(self._said) < SAID_MAX
        ):
            self._said[text] = now
            self._say(text)


def say_in_our_words(say: Callable[[str], None]) -> None:
    """Let `say` have the warnings of the libraries; they log nothing else."""
    for name in ("uvicorn.error", "asyncio"):
        log = logging.getLogger(name)
        log.handlers = [Log(say)]
        log.propagate = False
        log.setLevel(logging.WARNING)
