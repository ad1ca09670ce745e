"""What the command prints: the document on stdout, everything else on stderr."""

from __future__ import annotations

from memc.errors import MemcError
from memc.table.document import write_all
from memc.table.fields import REASONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from memc.cli.collect.options import Request
    from memc.table.snapshot import Skipped, Snapshot, SystemSnapshot

__all__ = [
    "Stdout",
    "by_reason",
    "cannot_write",
    "counted",
    "print_text",
    "say",
    "tell",
    "write_document",
]

STDOUT = 1
STDERR = 2


class Stdout:
    """Where documents go that go to no file."""

    def __init__(self, request: Request) -> None:
        self._request = request

    def write(self, document: Snapshot | SystemSnapshot) -> None:
        """Write a document."""
        try:
            write_document(STDOUT, document, self._request)
        except OSError as error:
            raise cannot_write("stdout", error) from None


def write_document(
    fd: int, document: Snapshot | SystemSnapshot, request: Request
) -> None:
    """Write a document, as the request wants it, and a newline; OSError."""
    document.write_json(fd, pretty=not request.compact, full=request.full)
    write_all(fd, b"\n")


def print_text(text: str) -> None:
    """Write text to stdout."""
    try:
        write_all(STDOUT, text.encode("utf-8", "surrogateescape"))
    except OSError as error:
        raise cannot_write("stdout", error) from None


def say(message: str) -> None:
    """Write a message to stderr, under our name."""
    tell(f"memc: {message}\n")


def tell(text: str) -> None:
    """Write text to stderr as it is; if nobody can read it, so be it."""
    try:
        write_all(STDERR, text.encode("utf-8", "surrogateescape"))
    except OSError:
        return


def cannot_write(where: str, error: OSError, more: str = "") -> MemcError:
    """Return what to raise when something could not be written."""
    return MemcError(f"cannot write to {where}: {error.strerror}{more}")


def counted(number: int, noun: str) -> str:
    """Return "1 document" or "2 documents"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def by_reason(skipped: Sequence[Skipped]) -> list[tuple[str, int]]:
    """Return why processes could not be read, and how many each."""
    counts = (
        (words, sum(skip.reason == reason for skip in skipped))
        for reason, words in REASONS.items()
    )
    return [(words, count) for words, count in counts if count]
