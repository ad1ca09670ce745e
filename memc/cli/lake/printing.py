"""``memc lake --ansible`` and its like: print a file that collects."""

from __future__ import annotations

from memc.cli.common.service import program, quoted, say_if_hidden
from memc.cli.output import print_text
from memc.cli.usage import UsageError
from memc.fleet.shipping import KINDS, shipped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from memc.cli.common.quick import Group

__all__ = ["add_printed", "print_file"]


def add_printed(group: Group) -> None:
    """Add an option for each file."""
    for kind, (_, what) in KINDS.items():
        group.add_argument(f"--{kind}", action="store_true", help=f"print {what}")


def print_file(args: Namespace) -> bool:
    """Print the file that an option names, if one does.  Returns whether one did.

    Raises UsageError if more is given.
    """
    named = [kind for kind in KINDS if getattr(args, kind)]
    if not named:
        return False
    if args.targets or len(named) > 1:
        raise UsageError(f"--{named[0]} prints a file, and stands alone")
    command = program()
    if named[0] == "unit":
        say_if_hidden(command[0])
    print_text(shipped(named[0], command=" ".join(map(quoted, command))))
    return True
