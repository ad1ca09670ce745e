"""The command line.  Imports nothing it does not run."""

from __future__ import annotations

import sys

from memc.cli.options import Request, UsageError, parse
from memc.cli.output import print_text, say
from memc.errors import MemcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
else:
    import _signal  # what signal is made of, without the enums

__all__ = ["main"]

DONE, FAILED, USAGE = 0, 1, 2


def main() -> int:
    """Run ``memc`` with the arguments of this process and return the exit status."""
    _die_by_signals()
    try:
        _run(parse(sys.argv[1:]))
    except UsageError as error:
        say(f"{error}\nmemc: try 'memc --help'")
        return USAGE
    except MemoryError:
        say("out of memory")
        return FAILED
    except (MemcError, ImportError) as error:
        say(str(error))
        return FAILED
    return DONE


def _run(request: Request) -> None:
    if request.help:
        from memc.cli import help as manual

        print_text(manual.text())
    elif request.version:
        from memc._version import version

        print_text(f"memc {version()}\n")
    else:
        from memc.cli import collect

        collect.run(request)


def _die_by_signals() -> None:
    """End as other commands do: by a closed pipe silently, by SIGINT at once.

    Python ignores the first and makes an exception of the second; one that was set to
    be ignored when we started stays so.
    """
    _signal.signal(_signal.SIGPIPE, _signal.SIG_DFL)
    if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
