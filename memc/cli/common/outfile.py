"""The file that a command writes must not be one that it reads."""

from __future__ import annotations

import os

from memc.cli.usage import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["check_kept", "is_replaced"]


def check_kept(read: Iterable[str], output: str) -> None:
    """Raise UsageError if the output would replace a file that is read."""
    for file in read:
        if is_replaced(file, output):
            raise UsageError(f"{file} would be replaced: give another file to -o")


def is_replaced(file: str, output: str) -> bool:
    """Tell whether a file that is read would be replaced."""
    try:
        return os.path.isfile(file) and os.path.samefile(file, output)
    except OSError:  # there is no such output yet
        return False
