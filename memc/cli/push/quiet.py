"""Keep what libraries log off stderr: memc itself says what failed, and once."""

from __future__ import annotations

import logging
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["quiet"]


class _Handler(logging.Handler):
    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self.say: Callable[[str], None] | None = say
        self._said: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        words = record.getMessage()
        if self.say is not None and words not in self._said:
            self._said.add(words)
            self.say(words)


@contextmanager
def quiet(say: Callable[[str], None]) -> Iterator[None]:
    """Say what libraries warn of within the context; after it nothing of theirs.

    While they are set up they tell what is wrong in the environment.  Later they would
    log each try, some with a traceback.
    """
    handler = _Handler(say)
    logging.getLogger().addHandler(handler)
    yield
    handler.say = None
