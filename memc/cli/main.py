"""The command line.  Imports only the modules that the command needs."""

from __future__ import annotations

import os
import sys

from memc.cli.output import print_text, say
from memc.cli.usage import UnknownOptionError, UsageError
from memc.errors import MemcError
from memc.files.standard import fill_standard

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
    from typing import NoReturn

    from memc.cli.collect.options import Request
else:
    import _signal  # the C part of the module signal, which makes no enums

__all__ = ["main", "run"]

DONE, FAILED, USAGE = 0, 1, 2


def run() -> NoReturn:
    """Run `main` and end at once: to take Python down would take 3 ms.

    All output goes straight to descriptors, so that no buffer is lost.
    """
    os._exit(main())


def main() -> int:
    """Run ``memc`` with the arguments of this process and return the exit status."""
    fill_standard()
    _die_by_signals()
    argv = sys.argv[1:]
    word = argv[0] if argv and argv[0][:1].isalpha() else ""
    try:
        return _run_command(word, argv[1:]) if word else _run(_parsed(argv))
    except UsageError as error:
        say(f"{error}{_hint(error)}\nmemc: try '{_manual_of(word)}'")
        return USAGE
    except MemoryError:
        say("out of memory")
        return _failure_of(word)
    except (MemcError, ImportError) as error:
        say(str(error))
        return _failure_of(word)


def _run_command(word: str, argv: list[str]) -> int:
    """Run the sub-command `word`.  Raises UsageError if there is no such command."""
    from memc.cli import commands

    if word in commands.COMMANDS:
        import gc

        gc.disable()  # the cycle collector took 10 % of the time of a sub-command
        return commands.run(word, argv)
    commands.check_word(word)
    return _run(_parsed([word, *argv]))


def _parsed(argv: list[str]) -> Request:
    from memc.cli.collect.options import parse

    return parse(argv)


def _hint(error: UsageError) -> str:
    """Return what the user may have meant, "" if nobody can tell."""
    if not isinstance(error, UnknownOptionError):
        return ""
    from memc.cli.hints import for_option

    return for_option(error)


def _manual_of(word: str) -> str:
    """Return the command that prints the help for this first word."""
    if word:
        from memc.cli.commands import COMMANDS

        if word in COMMANDS:
            return f"memc {word} --help"
    return "memc --help"


def _failure_of(word: str) -> int:
    """Return the exit status for a failure of the command with this first word."""
    if word:
        from memc.cli.commands import COMMANDS

        if word in COMMANDS:
            return COMMANDS[word].failure
    return FAILED


def _run(request: Request) -> int:
    if request.help:
        from memc.cli.manual import help as manual

        print_text(manual.text())
    elif request.version:
        from memc._version import version

        print_text(f"memc {version()}\n")
    elif request.completion:
        from memc.cli.completion.scripts import script

        print_text(script(request.completion))
    else:
        from memc.cli.collect import command as collect

        collect.run(request)
    return DONE


def _die_by_signals() -> None:
    """Let SIGPIPE and SIGINT end memc as they end other commands.

    Python ignores SIGPIPE and turns SIGINT into an exception.  If SIGINT was ignored
    when memc started, it stays ignored.
    """
    _signal.signal(_signal.SIGPIPE, _signal.SIG_DFL)
    if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
