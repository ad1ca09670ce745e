"""What a command that may run for weeks needs, and the others do not."""

from __future__ import annotations

import gc
import signal

__all__ = ["last"]


def last() -> None:
    """Undo what main() does for commands that end soon.

    It turns off the collector, and lets SIGPIPE end memc: here somebody at the other
    end of a connection who leaves would send that.
    """
    gc.enable()
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
