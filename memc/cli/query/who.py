"""Whom a question is about: the processes of a recording that WHO means."""

from __future__ import annotations

from memc.errors import MemcError
from memc.human.units import safe

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re

    from memc.files.recording.known import RecordedProcess
    from memc.files.recording.recording import Recording

__all__ = ["find", "hint"]


def find(recording: Recording, who: str) -> list[RecordedProcess]:
    """Return the processes with this pid or name, or with a name that a /regex/ finds.

    A process that ran several programs is there once for each.
    """
    processes = recording.processes()
    if who.isascii() and who.isdigit():
        return [process for process in processes if str(process.pid) == who]
    if len(who) > 2 and who[0] == who[-1] == "/":
        search = _compile(who[1:-1]).search
        return [process for process in processes if search(process.name)]
    return [process for process in processes if process.name == who]


def hint(recording: Recording, who: str) -> str:
    """Return words on the last process with a text in its command line, if any."""
    for process in reversed(recording.processes()):
        if who and who in (process.cmdline or ""):
            name = safe(process.name)
            return f"; process {process.pid} {name} has it in its command line"
    return ""


def _compile(pattern: str) -> re.Pattern[str]:
    import re

    try:
        return re.compile(pattern)
    except re.error as error:
        raise MemcError(f"no regular expression: {error}: '{pattern}'") from None
