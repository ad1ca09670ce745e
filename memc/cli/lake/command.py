"""``memc lake``: keep and ask what the memory of many hosts was for."""

from __future__ import annotations

import sys

from memc.cli.lake.options import check, parser
from memc.cli.lake.printing import print_file

__all__ = ["parser", "run"]


def run(argv: list[str]) -> int:
    """Run the command and return its exit status."""
    made = parser()
    args = made.read(argv)
    if print_file(args):
        return 0
    action, words = check(args, made.options)
    module = f"memc.cli.lake.{action}"
    __import__(module)
    status: int = sys.modules[module].run(args, words)
    return status
