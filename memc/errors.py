"""The exceptions of memc.

* MemcError
  x ProcessError        one process could not be read; others still can
    - ProcessGone       it has ended or never existed (also a ProcessLookupError)
    - AccessDenied      the kernel refused (also a PermissionError)
  x FormatError         a text does not have the expected format (also a ValueError)
"""

from __future__ import annotations

import errno as _errno

__all__ = ["AccessDenied", "FormatError", "MemcError", "ProcessError", "ProcessGone"]


class MemcError(Exception):
    """Base of every error that memc raises on purpose."""


class ProcessError(MemcError):
    """Process `pid` could not be read."""

    def __init__(self, message: str, pid: int) -> None:
        super().__init__(message)
        self.pid = pid

    def __reduce__(self) -> tuple[type[ProcessError], tuple[str, int]]:
        """Let pickle send the error to another process."""
        return type(self), (str(self), self.pid)


class ProcessGone(ProcessError, ProcessLookupError):  # noqa: N818 - the public name
    """There is no such process, or the process ended while memc read it."""

    def __init__(self, message: str, pid: int) -> None:
        super().__init__(message, pid)
        self.errno = _errno.ESRCH


class AccessDenied(ProcessError, PermissionError):  # noqa: N818 - the public name
    """The kernel, a security module or a sandbox refused access."""

    def __init__(self, message: str, pid: int) -> None:
        super().__init__(message, pid)
        self.errno = _errno.EACCES


class FormatError(MemcError, ValueError):
    """A text does not have the expected format.

    `what` was expected at `line` and `column`, which count from 1.  `path` is the file
    that holds the text, or "" if the caller passed the text itself.
    """

    def __init__(self, what: str, line: int, column: int, path: str = "") -> None:
        where = f"{path}: " if path else ""
        super().__init__(f"{where}expected {what} at line {line}, column {column}")
        self.what = what
        self.line = line
        self.column = column
        self.path = path

    def __reduce__(self) -> tuple[type[FormatError], tuple[str, int, int, str]]:
        """Let pickle send the error to another process."""
        return type(self), (self.what, self.line, self.column, self.path)
