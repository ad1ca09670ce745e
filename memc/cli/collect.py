"""``memc PID`` and ``memc --all``."""

from __future__ import annotations

from memc._backend import backend
from memc.cli.output import print_document, say, tell
from memc.snapshot import check_pid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.cli.options import Request

__all__ = ["run"]

JOBS_MAX = 1024


def run(request: Request) -> None:
    """Read one process, or all, and print the document."""
    if request.all:
        _run_all(request)
    else:
        _run_one(request)


def _run_one(request: Request) -> None:
    check_pid(request.pid)
    snap = backend(warn=say).collect(request.pid, _detail(request), request.proc)
    print_document(snap, compact=request.compact, full=request.full)


def _run_all(request: Request) -> None:
    from memc.cli.progress import Progress, summary

    system = backend(warn=say).collect_all(
        _detail(request),
        skip_kernel=request.skip_kernel,
        jobs=request.jobs and min(request.jobs, JOBS_MAX),
        proc=request.proc,
        progress=Progress(),
    )
    print_document(system, compact=request.compact, full=request.full)
    tell(summary(len(system.processes), system.skipped) + "\n")


def _detail(request: Request) -> str:
    return "smaps" if request.smaps else "maps"
