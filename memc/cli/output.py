"""What the command prints: the document on stdout, everything else on stderr."""

from __future__ import annotations

import os

from memc.document import write_all
from memc.errors import MemcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.snapshot import Snapshot, SystemSnapshot

__all__ = ["print_document", "print_text", "say", "tell"]

STDOUT = 1
STDERR = 2


def print_document(
    document: Snapshot | SystemSnapshot, *, compact: bool, full: bool
) -> None:
    """Write a document and a newline to stdout."""
    try:
        document.write_json(STDOUT, pretty=not compact, full=full)
        write_all(STDOUT, b"\n")
    except OSError as error:
        raise _cannot_write(error) from None


def print_text(text: str) -> None:
    """Write text to stdout."""
    try:
        write_all(STDOUT, text.encode("utf-8", "surrogateescape"))
    except OSError as error:
        raise _cannot_write(error) from None


def say(message: str) -> None:
    """Write a message to stderr, under our name."""
    tell(f"memc: {message}\n")


def tell(text: str) -> None:
    """Write text to stderr as it is; if nobody can read it, so be it."""
    try:
        write_all(STDERR, text.encode("utf-8", "surrogateescape"))
    except OSError:
        return


def _cannot_write(error: OSError) -> MemcError:
    return MemcError(f"cannot write to stdout: {os.strerror(error.errno or 0)}")
