"""What can go wrong.

* MemcError
  x ProcessError        one process could not be read; others still can
    - ProcessGone       it ended, or never was (also a ProcessLookupError)
    - AccessDenied      the kernel refused (also a PermissionError)
  x FormatError         the text is not what the kernel prints (also a ValueError)
"""

from __future__ import annotations

import errno as _errno

__all__ = ["AccessDenied", "FormatError", "MemcError", "ProcessError", "ProcessGone"]


class MemcError(Exception):
    """Base of every error this package raises on purpose."""


class ProcessError(MemcError):
    """Process `pid` could not be read."""

    def __init__(self, message: str, pid: int) -> None:
        super().__init__(message)
        self.pid = pid

    def __reduce__(self) -> tuple[type[ProcessError], tuple[str, int]]:
        """Let the error travel between processes."""
        return type(self), (str(self), self.pid)


class ProcessGone(ProcessError, ProcessLookupError):  # noqa: N818 - the public name
    """There is no such process, or it ended while it was read."""

    def __init__(self, message: str, pid: int) -> None:
        super().__init__(message, pid)
        self.errno = _errno.ESRCH


class AccessDenied(ProcessError, PermissionError):  # noqa: N818 - the public name
    """The kernel, or something above it, refused."""

    def __init__(self, message: str, pid: int) -> None:
        super().__init__(message, pid)
        self.errno = _errno.EACCES


class FormatError(MemcError, ValueError):
    """The text is not what it should be: at `line`, `column` (from 1) `what` should be.

    `path` is the file that it was read from, "" for a text that was handed over.
    """

    def __init__(self, what: str, line: int, column: int, path: str = "") -> None:
        where = f"{path}: " if path else ""
        super().__init__(f"{where}expected {what} at line {line}, column {column}")
        self.what = what
        self.line = line
        self.column = column
        self.path = path

    def __reduce__(self) -> tuple[type[FormatError], tuple[str, int, int, str]]:
        """Let the error travel between processes."""
        return type(self), (self.what, self.line, self.column, self.path)
