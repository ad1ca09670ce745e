"""Sampling: documents one after the other, at fixed times."""

from __future__ import annotations

from memc._identity import Identity
from memc._signals import HeldSignals
from memc.cli.output import say, tell
from memc.errors import ProcessError, ProcessGone
from memc.schedule import Schedule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.cli.collect import OneProcess, System, Write
    from memc.cli.options import Request
    from memc.snapshot import Snapshot

__all__ = ["run"]


def run(request: Request, source: OneProcess | System, write: Write) -> None:
    """Write `count` documents, or without end if that is 0.

    A signal ends it after the whole document under way, and so does the end of the
    process after the first document.
    """
    # For good: a second signal at the end of the first one's work must not end us.
    signals = HeldSignals().hold()
    if request.all:
        _sample(request, source, write, signals)
