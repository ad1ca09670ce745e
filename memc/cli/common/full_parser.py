"""The parser of argparse for a sub-command: it makes the help and the messages."""

from __future__ import annotations

import argparse

from memc.cli.common.quick import Namespace
from memc.cli.usage import UnknownOptionError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from memc.cli.common.parser import Parser

__all__ = ["FullParser"]

WIDTH = 78  # argparse leaves out two columns of a terminal of 80, too


class Formatter(argparse.RawDescriptionHelpFormatter):
    """Fills the lines of the help as its texts are: no line has over 80 columns."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=WIDTH)


class FullParser(argparse.ArgumentParser):
    """A parser that raises UsageError, as the command without sub-commands does.

    `status` describes the exit statuses, one a line.
    """

    def __init__(self, made: Parser) -> None:
        super().__init__(
            prog=made.prog,
            description=made.description,
            epilog=f"exit status:\n{made.status}\nexamples:\n{made.examples}",
            formatter_class=Formatter,
            allow_abbrev=False,
        )
        self.status = made.status
        self.examples = made.examples
        groups: dict[object, argparse._ActionsContainer] = {made: self}
        for group in made.groups:
            groups[group] = (
                self.add_argument_group(group.title)
                if group.title
                else self.add_mutually_exclusive_group()
            )
        for option in made.options:
            groups[option.group].add_argument(*option.names, **option.how)

    def read(self, argv: list[str]) -> Namespace:
        """Parse the arguments.  Raises UnknownOptionError or another UsageError."""
        args, left = self.parse_known_args(argv, Namespace())
        if left[:1] == ["--"]:  # behind an option, argparse leaves it and all targets
            del left[0]
            if hasattr(args, "targets"):
                args.targets, left = [*args.targets, *left], []
        for word in left:
            if word.startswith("-") and len(word) > 1:
                raise UnknownOptionError(word.partition("=")[0], self.prog)
        if left:
            where = "give all targets before the options, or all after"
            if not any(not action.option_strings for action in self._actions):
                where = f"{self.prog} takes options only"
            raise UsageError(f"unexpected '{left[0]}': {where}")
        return args

    def error(self, message: str) -> NoReturn:
        """Raise UsageError, which main() prints."""
        raise UsageError(message)
