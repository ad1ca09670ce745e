"""The parser of a sub-command, and the values of its options."""

from __future__ import annotations

import argparse
import re  # argparse imports it, too

from memc.cli.root import default_proc
from memc.cli.usage import UnknownOptionError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn, TypeVar

    T = TypeVar("T")

__all__ = ["Parser", "add_proc", "pattern", "value"]

# What other commands call the same thing; the help of each command has one word for it.
ALSO = {
    "--rss": ("--detail", "rss"),
    "--uss": ("--detail", "uss"),
    "--private": ("--detail", "uss"),
    "--pss": ("--detail", "pss"),
    "--smaps": ("--detail", "smaps"),
    "--max-private": ("--max-uss", ""),
}
WIDTH = 78  # argparse leaves out two columns of a terminal of 80, too


class Formatter(argparse.RawDescriptionHelpFormatter):
    """Fills the lines of the help as its texts are: no line has over 80 columns."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=WIDTH)


class Parser(argparse.ArgumentParser):
    """A parser that raises UsageError, as the command without sub-commands does.

    `status` describes the exit statuses, one a line.
    """

    def __init__(self, name: str, description: str, examples: str, status: str) -> None:
        super().__init__(
            prog=f"memc {name}",
            description=description,
            epilog=f"exit status:\n{status}\nexamples:\n{examples}",
            formatter_class=Formatter,
            allow_abbrev=False,
        )
        self.status = status
        self.examples = examples

    def option_names(self) -> list[str]:
        """Return the names of all options."""
        return [name for action in self._actions for name in action.option_strings]

    def read(self, argv: list[str]) -> argparse.Namespace:
        """Parse the arguments.  Raises UnknownOptionError or another UsageError."""
        args, left = self.parse_known_args(self._in_our_words(argv))
        for word in left:
            if word.startswith("-") and len(word) > 1:
                raise UnknownOptionError(word.partition("=")[0], self.prog)
        if left:
            where = "give all targets before the options, or all after"
            if not any(not action.option_strings for action in self._actions):
                where = f"{self.prog} takes options only"
            raise UsageError(f"unexpected '{left[0]}': {where}")
        return args

    def _in_our_words(self, argv: list[str]) -> list[str]:
        """Return the arguments with the words that this command has for options."""
        names = self.option_names()
        end = argv.index("--") if "--" in argv else len(argv)
        made = []
        for word in argv[:end]:
            name, given, value = word.partition("=")
            ours, fixed = ALSO.get(name, ("", ""))
            if ours not in names or (fixed and given):
                made.append(word)
            else:
                made.append(f"{ours}={fixed}" if fixed else f"{ours}{given}{value}")
        return made + argv[end:]

    def error(self, message: str) -> NoReturn:
        """Raise UsageError, which main() prints."""
        raise UsageError(message)


def add_proc(group: argparse._ArgumentGroup) -> None:
    """Add the option for the root to read."""
    group.add_argument(
        "--proc",
        metavar="PATH",
        default=default_proc(),
        help="read another root than /proc (default: MEMC_PROC in the environment, "
        "else /proc)",
    )


def value(read: Callable[[str], T]) -> Callable[[str], T]:
    """Return a reader for an option, whose ValueError becomes an error of argparse."""

    def read_option(text: str) -> T:
        try:
            return read(text)
        except ValueError as error:
            what = f"expected {error}, not '{text}'"
            raise argparse.ArgumentTypeError(what) from None

    return read_option


def pattern(text: str) -> re.Pattern[str]:
    """Compile a regular expression; raise ArgumentTypeError if it is none."""
    try:
        return re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"no regular expression: {error}") from None
