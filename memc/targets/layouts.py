"""Read the regions of processes that were read as a whole, where they are asked for."""

from __future__ import annotations

from memc.errors import MemcError
from memc.read.options import Options
from memc.table.snapshot import Snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from memc.read.backend import Backend
    from memc.table.region import Table
    from memc.targets.target import Target

__all__ = ["read_layout", "read_layouts"]

FEW = 16  # up to so many are read by themselves, not with all processes


def read_layouts(targets: Iterable[Target], reader: Backend, proc: str) -> None:
    """Read maps for those of which only sums are known: how many regions, how large."""
    asked = [target for target in targets if target.is_uncounted]
    found: dict[int, Snapshot] = {}
    if len(asked) > FEW:
        system = reader.collect_all(Options("maps", proc=proc))
        found = {process.pid: process.snapshot for process in system.processes}
    for target in asked:
        pid = target.pid or 0
        layout = found.get(pid) or read_layout(target, reader, "maps")
        if layout is None or (
            isinstance(layout, Snapshot) and layout.started != target.started
        ):
            continue
        target.layout = layout
        if isinstance(target.table, Snapshot):
            target.table.total_vsize_kb = sum(layout.columns["size_kb"].values)


def read_layout(target: Target, reader: Backend, detail: str) -> Table | None:
    """Return the regions of a process; None if it has ended or is another one now."""
    try:
        snap = reader.collect(target.pid or 0, Options(detail, proc=target.proc))
    except MemcError:
        return None
    return snap if snap.started == target.started and len(snap) else None
