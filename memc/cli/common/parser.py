"""The parser of a sub-command, and the values of its options."""

from __future__ import annotations

from memc.cli.common.quick import Group, read
from memc.cli.root import default_proc

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from argparse import ArgumentTypeError, Namespace
    from collections.abc import Callable, Mapping
    from typing import TypeVar

    from memc.cli.common.full_parser import FullParser

    T = TypeVar("T")

__all__ = [
    "Parser",
    "add_proc",
    "amount",
    "duration",
    "given",
    "number",
    "pattern",
    "value",
    "wrong",
]

# What other commands call the same thing; the help of each command has one word for it.
ALSO = {
    "--rss": ("--detail", "rss"),
    "--uss": ("--detail", "uss"),
    "--private": ("--detail", "uss"),
    "--pss": ("--detail", "pss"),
    "--smaps": ("--detail", "smaps"),
    "--max-private": ("--max-uss", ""),
}
# Options whose value may begin with "-", as in --at -2s: it is no option then.
SIGNED = ("--at", "--from", "--to", "--until", "--since")


class Parser(Group):
    """The options of a sub-command, declared as for argparse.

    `status` describes the exit statuses, one a line.  `runs` tells whether "--" and a
    command line may follow.  `behind` says what may stand behind the other targets, by
    the first of them: kinds or words, as for Group.add_argument.
    """

    def __init__(self, name: str, description: str, examples: str, status: str) -> None:
        super().__init__("options", [])
        self.prog = f"memc {name}"
        self.description = description
        self.examples = examples
        self.status = status
        self.groups: list[Group] = []
        self.runs = False
        self.behind: Mapping[str, str | tuple[str, ...]] = {}

    def add_argument_group(self, title: str) -> Group:
        """Begin a group of options under a title of the help."""
        self.groups.append(Group(title, self.options))
        return self.groups[-1]

    def add_mutually_exclusive_group(self) -> Group:
        """Begin a group of options of which only one may be given."""
        return self.add_argument_group("")

    def full(self) -> FullParser:
        """Return the parser of argparse, which has the help."""
        from memc.cli.common.full_parser import FullParser

        return FullParser(self)

    def read(self, argv: list[str]) -> Namespace:
        """Parse the arguments.  Raises UnknownOptionError or another UsageError."""
        words = self._in_our_words(argv)
        args = read(self.options, words)
        return self.full().read(words) if args is None else args

    def _in_our_words(self, argv: list[str]) -> list[str]:
        """Return the arguments with the words that this command has for options."""
        names = {name for option in self.options for name in option.names}
        end = argv.index("--") if "--" in argv else len(argv)
        made: list[str] = []
        for word in argv[:end]:
            if word[:1] == "-" and word[1:2].isdigit() and made[-1:]:
                last = made[-1]
                if last in SIGNED and last in names:
                    made[-1] = f"{last}={word}"
                    continue
            name, given, value = word.partition("=")
            ours, fixed = ALSO.get(name, ("", ""))
            if name in names or ours not in names or (fixed and given):
                made.append(word)
            else:
                made.append(f"{ours}={fixed}" if fixed else f"{ours}{given}{value}")
        return made + argv[end:]


def add_proc(group: Group) -> None:
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
            raise wrong(what) from None

    return read_option


def number(text: str) -> int:
    """Return a whole number; what reads it is only loaded for an option that is given.

    So are the next two.
    """
    from memc.human import numbers

    return value(numbers.number)(text)


def amount(text: str) -> int:
    """Return an amount in kB."""
    from memc.human import amounts

    return value(amounts.amount)(text)


def duration(text: str) -> float:
    """Return a time in seconds."""
    from memc.human import amounts

    return value(amounts.duration)(text)


def pattern(text: str) -> re.Pattern[str]:
    """Compile a regular expression; raise ArgumentTypeError if it is none."""
    import re

    if not text:
        raise wrong("expected a regular expression, not ''")
    try:
        return re.compile(text)
    except re.error as error:
        raise wrong(f"no regular expression: {error}") from None


def given(text: str) -> str:
    """Return a text; raise ArgumentTypeError if it is empty: it would mean all."""
    if not text.strip():
        raise wrong(f"expected a control group, not '{text}'; / means all of them")
    return text


def wrong(what: str) -> ArgumentTypeError:
    """Return the error for the value of an option."""
    import argparse

    return argparse.ArgumentTypeError(what)
