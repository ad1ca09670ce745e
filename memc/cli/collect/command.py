"""``memc PID`` and ``memc --all``."""

from __future__ import annotations

from memc.cli.output import Stdout, tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from memc.cli.collect.options import Request
    from memc.table.snapshot import Snapshot, SystemSnapshot

__all__ = ["run"]


def run(request: Request) -> None:
    """Read one process or all processes, and write the document or the stream."""
    if request.output is None:
        _run(request, Stdout(request).write)
        return
    from memc.cli.collect.file import File

    with File(request.output, request) as file:
        _run(request, file.write)


def _run(request: Request, write: Callable[[Snapshot | SystemSnapshot], None]) -> None:
    if request.count != 1:
        from memc.cli.collect import stream

        stream.run(request, write)
        return
    from memc.cli.collect.source import source_of

    source = source_of(request)
    write(source.read())
    tell(source.message)
