"""Record until something ends it: processes, or a command from its begin to its end."""

from __future__ import annotations

import os
import signal
from contextlib import suppress

from memc.cli.common.reader import reader
from memc.cli.output import say, tell
from memc.cli.record.line import Line
from memc.cli.record.loop import Loop, wait_for
from memc.cli.record.program import CannotStart, Program
from memc.cli.record.signals import Signals
from memc.errors import MemcError
from memc.human.units import safe
from memc.proc.rights import words_of
from memc.record.notify import Notify

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from memc.record.session import Session

__all__ = ["record", "record_command"]

DONE = 0


def record(args: Namespace) -> int:
    """Record processes; return the exit status."""
    signals = Signals()
    line = Line(quiet=args.quiet)
    notify = Notify(os.environ)
    session = _open(args, line)
    from memc.cli.record.options import ends_alone

    loop = Loop(
        session,
        signals,
        line=line,
        notify=notify,
        count=args.count,
        for_s=args.for_s,
        ends_alone=ends_alone(session.options.choice),
    )
    try:
        loop.begin()
        why = loop.run()
        line.show(session)
        notify.tell(STOPPING=1)
        session.close(why)
    except OSError as error:
        _abandon(session)
        raise _cannot_record(args.output, error) from None
    except BaseException:
        _abandon(session)
        raise
    finally:
        line.end()
    if why == "ended":
        say(f"no process that was named is left, after {session.ticks} looks")
    return DONE


def record_command(args: Namespace, argv: list[str]) -> int:
    """Record a command and its descendants; return its exit status.

    The terminal is the command's: there is no status line.  So is the socket for the
    manager of services.
    """
    signals = Signals([signal.SIGCHLD])
    program = Program(argv, signals)
    session = None
    try:
        session = _open(args, Line(quiet=True), tree=program.pid)
        loop = Loop(
            session,
            signals,
            line=Line(quiet=True),
            notify=Notify({}),
            program=program,
            count=args.count,
            for_s=args.for_s,
        )
        loop.begin()
    except BaseException:
        program.cancel()
        if session is not None:
            _abandon(session)
        raise
    try:
        program.begin()
    except CannotStart as error:
        _abandon(session)
        say(str(error))
        return error.status
    _follow(session, loop, program)
    wait_for(program, signals)
    if not args.quiet:
        _print_summary(session, program)
    return program.status or DONE


def _open(args: Namespace, line: Line, *, tree: int | None = None) -> Session:
    """Open the recording.

    A command that waits to begin is forked by now: what is loaded here would count as
    its memory.
    """
    from memc.cli.record.options import record_options
    from memc.record.session import Session

    reader(line.say)
    options = record_options(args, tree=tree)
    try:
        return Session(args.output, options, on_say=line.say)
    except OSError as error:
        raise _cannot_record(args.output, error) from None


def _follow(session: Session, loop: Loop, program: Program) -> None:
    """Record a command until it ends; if that fails, say so: the command goes on."""
    try:
        why = loop.run()
        if program.status is not None:
            session.note(f"the command ended with status {program.status}")
            session.step()  # its end is an event
        session.close(why)
    except MemcError as error:
        say(str(error))
        _abandon(session)
    except OSError as error:
        say(str(_cannot_record(session.path, error)))
        _abandon(session)


def _abandon(session: Session) -> None:
    with suppress(MemcError, OSError):
        session.close("failed")


def _print_summary(session: Session, program: Program) -> None:
    from memc.cli.record.summary import summary

    try:
        tell(summary(session.path, program, is_whole=not session.is_reopened))
    except (MemcError, OSError) as error:
        words = words_of(error) if isinstance(error, OSError) else str(error)
        tell(f"peak RSS not known: {safe(words)}\n")


def _cannot_record(path: str, error: OSError) -> MemcError:
    """Return the error for a system call that failed; memc's own errors say it all."""
    if isinstance(error, MemcError):
        return error
    return MemcError(f"{path}: cannot record into it: {words_of(error)}")
