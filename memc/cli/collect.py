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
    source = System(request) if request.all else OneProcess(request)
    if request.count == 1:
        write(source.read())
        tell(source.message)
    else:
        from memc.cli import stream

        stream.run(request, source, write)


class OneProcess:
    """Snapshots of the process that a request names."""

    message = ""

    def __init__(self, request: Request) -> None:
        check_pid(request.pid)
        self._request = request
        self._backend = backend(warn=say)

    def read(self, late: int = 0) -> Snapshot:
        """Take one; `late` of them were due before it and left out."""
        request = self._request
        detail = _detail(request)
        return self._backend.collect(request.pid, detail, request.proc, late=late)


class System:
    """Snapshots of all processes; `message` is what to say of the last one."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._backend = backend(warn=say)
        self.message = ""

    def read(self, late: int = 0) -> SystemSnapshot:
        """Take one; `late` of them were due before it and left out."""
        from memc.cli.progress import Progress, summary

        request = self._request
        system = self._backend.collect_all(
            _detail(request),
            skip_kernel=request.skip_kernel,
            jobs=request.jobs and min(request.jobs, JOBS_MAX),
            proc=request.proc,
            late=late,
            progress=Progress(),
        )
        self.message = summary(len(system.processes), system.skipped) + "\n"
        return system


def _detail(request: Request) -> str:
    return "smaps" if request.smaps else "maps"
