"""The parser of a sub-command, and the values of its options."""

from __future__ import annotations

import argparse
import re  # which argparse needs, too

from memc.cli.usage import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn, TypeVar

    T = TypeVar("T")

__all__ = ["Parser", "pattern", "value"]


class Parser(argparse.ArgumentParser):
    """A parser whose errors are those of the whole command.

    `status` is what its exit status tells, a line each.
    """

    def __init__(self, name: str, description: str, examples: str, status: str) -> None:
        super().__init__(
            prog=f"memc {name}",
            description=description,
            epilog=f"exit status:\n{status}\nexamples:\n{examples}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        self.status = status
        self.examples = examples

    def error(self, message: str) -> NoReturn:
        """Raise what main() tells."""
        raise UsageError(message)


def value(read: Callable[[str], T]) -> Callable[[str], T]:
    """Return what reads an option as `read` does, whose ValueErrors argparse tells."""

    def read_option(text: str) -> T:
        try:
            return read(text)
        except ValueError as error:
            what = f"expected {error}, not '{text}'"
            raise argparse.ArgumentTypeError(what) from None

    return read_option


def pattern(text: str) -> re.Pattern[str]:
    """Return a regular expression."""
    try:
        return re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"no regular expression: {error}") from None
