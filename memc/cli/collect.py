"""``memc PID`` and ``memc --all``."""

from __future__ import annotations

from memc._backend import backend
from memc.cli.output import Stdout, say, tell
from memc.snapshot import check_pid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from memc.cli.options import Request
    from memc.snapshot import Snapshot, SystemSnapshot

    Document: TypeAlias = Snapshot | SystemSnapshot
    Write: TypeAlias = Callable[[Document], None]

__all__ = ["OneProcess", "System", "run"]

JOBS_MAX = 1024


def run(request: Request) -> None:
    """Read one process, or all, and write the document, or one after the other."""
    if request.output is None:
        _run(request, Stdout(request).write)
        return
    from memc.cli.file import File

    with File(request.output, request) as file:
        _run(request, file.write)


def _run(request: Request, write: Write) -> None:
    if request.count != 1:
        from memc.cli import stream

        stream.run(request, write)
        return
    source = System(request) if request.all else OneProcess(request)
    write(source.read())
    tell(source.message)


class OneProcess:
    """Snapshots of the process that a request names."""

    message = ""

    def __init__(self, request: Request) -> None:
        check_pid(request.pid)
        self._request = request
        self._backend = backend(warn=say)
        self._last: Snapshot | None = None

    def read(self, late: int = 0) -> Snapshot:
        """Take one; `late` of them were due before it and left out."""
        request = self._request
        snap = self._backend.collect(
            request.pid,
            request.detail,
            request.proc,
            late=late,
            max_stall_ms=request.max_stall,
            last=self._last,
        )
        if request.max_stall is not None and snap.longest_read_ns:
            self._last = snap  # the last that tells how long it held up the process
        return snap


class System:
    """Snapshots of all processes; only the first is told of on stderr.

    `message` is what to say when the last one is written.
    """

    def __init__(self, request: Request) -> None:
        self._request = request
        self._backend = backend(warn=say)
        self._quiet = False
        self.message = ""

    def read(self, late: int = 0) -> SystemSnapshot:
        """Take one; `late` of them were due before it and left out."""
        from memc.cli.progress import Progress, share, summary

        request = self._request
        system = self._backend.collect_all(
            request.detail,
            skip_kernel=request.skip_kernel,
            jobs=request.jobs and min(request.jobs, JOBS_MAX),
            proc=request.proc,
            late=late,
            max_stall_ms=request.max_stall,
            progress=None if self._quiet else Progress(),
        )
        self.message = ""
        if not self._quiet:
            said = summary(len(system.processes), system.skipped)
            self.message = f"{said}\n{share(system, self._backend, request.proc)}"
        self._quiet = True
        return system
