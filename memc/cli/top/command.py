"""``memc top``: watch what the memory of processes is, live or in a recording."""

from __future__ import annotations

import gc
import os

from memc.cli.common.parser import Parser
from memc.cli.common.reader import reader
from memc.cli.output import say
from memc.cli.top.found import check_found
from memc.cli.top.options import DESCRIPTION, EXAMPLES, STATUS, add_options, choose
from memc.cli.usage import UsageError
from memc.top.view import View

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from memc.targets.choice import Choice
    from memc.top.moment import Source

__all__ = ["parser", "run"]

STREAMS = {0: "stdin", 1: "stdout", 2: "stderr"}  # the application uses all of them


def parser() -> Parser:
    """Return the options and their help."""
    made = Parser("top", DESCRIPTION, EXAMPLES, STATUS)
    add_options(made)
    return made


def run(argv: list[str]) -> int:
    """Run the command and return its exit status."""
    args = parser().read(argv)
    reader()
    choice = choose(args)
    view = View(sort=args.sort, by=args.by, reverse=args.reverse)
    if args.once:
        from memc.cli.top import once

        return once.run(args, choice, view, _source)
    _check_terminal()
    show = _app()
    gc.enable()  # main() turns it off, but this may run for weeks
    source = _source(args, choice, view)
    try:
        check_found(source.look(), choice)
    except BaseException:
        source.close()
        raise
    return show(source, view, interval_ms=args.interval)


def _app() -> Callable[..., int]:
    """Return what shows a source.  Raises ModuleNotFoundError without textual."""
    try:
        from memc.top.app import run as show
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "rich":  # it comes with textual
            raise
        raise ModuleNotFoundError(name="textual") from None
    return show


def _check_terminal() -> None:
    """Raise UsageError if there is no terminal to draw on."""
    instead = "--once prints the processes as text, and memc show tells more"
    missing = [name for fd, name in STREAMS.items() if not os.isatty(fd)]
    if missing:
        what = f"{missing[0]} is no terminal"
    elif os.environ.get("TERM", "dumb") in ("", "dumb"):
        what = "TERM says that this terminal cannot move its cursor"
    else:
        return
    raise UsageError(f"memc top draws on a terminal, and {what}: {instead}")


def _source(args: Namespace, choice: Choice, view: View) -> Source:
    """Return what tells of the processes of a choice.

    Raises MemcError if a process that was named is not there, or a recording cannot be
    read.
    """
    if choice.recordings:
        from memc.top.replay import RecordingSource

        return RecordingSource(choice.recordings[0], choice, choice.at)
    from memc.top.live import LiveSource

    return LiveSource(
        choice,
        interval_ms=args.interval,
        detail=args.detail,
        duty=args.duty,
        view=view,
        reads_all=args.once,
        say=say,
    )
