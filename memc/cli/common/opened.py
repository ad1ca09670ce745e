"""A recording that a command reads: its errors are those of commands."""

from __future__ import annotations

from contextlib import contextmanager

from memc.cli.usage import UsageError
from memc.errors import MemcError
from memc.files.recording.recording import Recording
from memc.proc.rights import words_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["opened", "time_of"]


@contextmanager
def opened(path: str) -> Iterator[Recording]:
    """Open a recording, and close it.

    Raises MemcError if the file is no recording or cannot be read.
    """
    try:
        with Recording(path) as recording:
            yield recording
    except OSError as error:
        if isinstance(error, MemcError):
            raise
        raise MemcError(f"{path}: {words_of(error)}") from None


def time_of(recording: Recording, text: str) -> int:
    """Return the Unix time in ms that a text means.  Raises UsageError if none."""
    try:
        return recording.to_ms(text)
    except ValueError as error:
        raise UsageError(str(error)) from None
