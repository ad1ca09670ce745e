"""The output of the command: documents on stdout, everything else on stderr."""

from __future__ import annotations

import errno

from memc.errors import MemcError
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
    """Writes documents to stdout."""

    def __init__(self, request: Request) -> None:
        self._request = request

    def write(self, document: Snapshot | SystemSnapshot) -> None:
        """Write a document.  Raises MemcError if it cannot be written."""
        try:
            write_document(STDOUT, document, self._request)
        except OSError as error:
            raise cannot_write("stdout", error) from None


def write_document(
    fd: int, document: Snapshot | SystemSnapshot, request: Request
) -> None:
    """Write a document, in the form that the request has, and a newline.

    Raises OSError if it cannot be written.
    """
    document.write_json(fd, pretty=not request.compact, full=request.full)
    from memc.table.writing import write_all

    write_all(fd, b"\n")


def print_text(text: str) -> None:
    """Write text to stdout.  Raises MemcError if it cannot be written."""
    try:
        _write(STDOUT, text)
    except OSError as error:
        raise cannot_write("stdout", error) from None


def say(message: str) -> None:
    """Write a message to stderr, with "memc: " before it.

    A name in it that somebody else chose cannot change what the terminal does.
    """
    from memc.human.units import safe

    lines = map(safe, message.split("\n"))
    tell("memc: " + "\n".join(lines) + "\n")


def tell(text: str) -> None:
    """Write text to stderr as it is; ignore errors of writing."""
    try:
        _write(STDERR, text)
    except OSError:
        return


def _write(fd: int, text: str) -> None:
    if text:
        from memc.table.writing import write_all

        write_all(fd, text.encode("utf-8", "surrogateescape"))


def cannot_write(where: str, error: OSError, more: str = "") -> MemcError:
    """Return the error to raise if output could not be written."""
    from memc.proc.rights import words_of

    # The words for EIO are about reading.
    words = error.strerror if error.errno == errno.EIO else words_of(error)
    return MemcError(f"cannot write to {where}: {words}{more}")


def counted(number: int, noun: str) -> str:
    """Return "1 document" or "2 documents"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def by_reason(skipped: Sequence[Skipped]) -> list[tuple[str, int]]:
    """Return each reason why processes were skipped, in words, and its count."""
    counts = (
        (words, sum(skip.reason == reason for skip in skipped))
        for reason, words in REASONS.items()
    )
    return [(words, count) for words, count in counts if count]
