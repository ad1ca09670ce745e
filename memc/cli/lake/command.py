"""``memc lake``: keep and ask what the memory of many hosts was for."""

from __future__ import annotations

from memc.cli.lake.options import check, parser
from memc.cli.lake.printing import print_file
from memc.cli.usage import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

__all__ = ["parser", "run"]


STDIN = "-"  # as a FILE; whoever forgets the lake shall make no folder of that name


def run(argv: list[str]) -> int:
    """Run the command and return its exit status."""
    made = parser()
    args = made.read(argv)
    if print_file(args):
        return 0
    action, words = check(args, made.options)
    if words[:1] == [STDIN]:
        raise UsageError("'-' is no lake: write ./- for a folder of that name")
    return _action(action)(args, words)


def _action(name: str) -> Callable[[Namespace, list[str]], int]:
    """Return what runs an action."""
    if name == "add":
        from memc.cli.lake.add import run as found
    elif name == "compact":
        from memc.cli.lake.compact import run as found
    elif name == "miss":
        from memc.cli.lake.miss import run as found
    elif name == "ask":
        from memc.cli.lake.ask import run as found
    elif name == "sql":
        from memc.cli.lake.sql import run as found
    else:
        from memc.cli.lake.drop import run as found
    return found
