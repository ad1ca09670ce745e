"""The samples that a command line asks for, and their messages on stderr."""

from __future__ import annotations

from memc.cli.output import say
from memc.read.backend import backend
from memc.read.options import Options
from memc.sampling.source import AllProcesses, OneProcess

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.cli.collect.options import Request
    from memc.read.backend import Backend
    from memc.table.snapshot import Snapshot, SystemSnapshot

__all__ = ["One", "Scan", "source_of"]

JOBS_MAX = 1024


class One(OneProcess):
    """Samples of one process.

    `message` says why the process has no memory; it is said once.
    """

    message = ""
    _said = ""

    def read(self, late: int = 0) -> Snapshot:
        """Take a sample."""
        snap = super().read(late)
        words = "" if _has_memory(snap) else self._why()
        self.message = words if words != self._said else ""
        self._said = words
        return snap

    def _why(self) -> str:
        from memc.proc.state import why_empty

        return (
            f"memc: process {self._pid}: {why_empty(self._pid, self._options.proc)}\n"
        )


def _has_memory(snap: Snapshot) -> bool:
    """Tell whether there is memory; in totals also if it is not known."""
    is_totals = snap.detail in ("totals", "rollup")
    return snap.total_vsize_kb != 0 if is_totals else len(snap) > 0


class Scan(AllProcesses):
    """Samples of all processes; only the first has messages on stderr.

    `message` is the text to print after the sample is written.
    """

    message = ""

    def __init__(self, options: Options, reader: Backend) -> None:
        super().__init__(options, reader=reader)
        self._is_first = True

    def read(self, late: int = 0) -> SystemSnapshot:
        """Take a sample; show the progress of the first one."""
        options = self._options
        if not self._is_first:
            self.message = ""
            return super().read(late)
        from memc.cli.common.progress import Progress, summary
        from memc.cli.common.unread import failures, share

        options.progress = Progress()
        system = super().read(late)
        options.progress = None
        said = summary(len(system.processes), system.skipped)
        seen = share(system, self._reader, options.proc)
        self.message = f"{failures(system.skipped, options.proc)}{said}\n{seen}"
        self._is_first = False
        return system


def source_of(request: Request, *, follow: bool = False) -> One | Scan:
    """Return the object that takes the samples.

    With `follow`, all samples are of the process that has the pid now.
    """
    options = Options(
        request.detail,
        proc=request.proc,
        max_stall_ms=request.max_stall,
        skip_kernel=request.skip_kernel,
        cgroups=request.full,
        cmdlines=request.full,
        jobs=request.jobs and min(request.jobs, JOBS_MAX),
        keep_open=request.incremental,
    )
    reader = backend(warn=say)
    if request.all:
        return Scan(options, reader)
    identity = None
    if follow:
        from memc.proc.identity import Identity

        identity = Identity(request.pid, request.proc)
    return One(request.pid, options, identity=identity, reader=reader)
