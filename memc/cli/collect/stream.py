"""Sampling: one document after another, at fixed times."""

from __future__ import annotations

from memc.cli.collect.source import source_of
from memc.cli.output import counted, say, tell
from memc.errors import ProcessGone
from memc.files.signals import HeldSignals
from memc.sampling.duty import Duty
from memc.sampling.schedule import Schedule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from memc.cli.collect.options import Request
    from memc.table.snapshot import Snapshot, SystemSnapshot

__all__ = ["run"]


def run(request: Request, write: Callable[[Snapshot | SystemSnapshot], None]) -> None:
    """Write as many documents as asked for, or without end.

    SIGINT, SIGTERM and SIGHUP end the stream after the current document is complete.
    The end of the process ends the stream, too.  Raises ProcessGone only if there was
    no document before.
    """
    # Until the process ends, so that a second signal cannot interrupt a document.
    signals = HeldSignals().hold()
    source = source_of(request, follow=True)
    schedule = Schedule(request.interval)
    duty = Duty(request.duty)
    late = done = 0
    while True:
        duty.begin(schedule.clock())
        try:
            document = source.read(late)
        except ProcessGone as error:
            if not done:
                raise
            say(f"process {error.pid} ended after {counted(done, 'sample')}")
            return
        write(document)
        tell(source.message)
        done += 1
        if done == request.count:
            return
        late = schedule.advance()
        schedule.postpone(duty.end())
        if schedule.wait(signals):
            return
