"""The documents of a bundle: those of ``memc --full``, with the owner of each region.

Owners are found before anything is hidden: later nobody can ask a thread for its stack
pointer, and a rule does not see the name that it goes by.
"""

from __future__ import annotations

from memc.owners import owners
from memc.table.json_text import loads
from memc.table.snapshot import Process, Snapshot, SystemSnapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any, TypeAlias

    from memc.owners import Owner
    from memc.table.region import Table
    from memc.table.snapshot import Skipped
    from memc.targets.target import Target

    Document: TypeAlias = dict[str, Any]

__all__ = ["counts", "of_loaded", "of_target", "of_targets"]


def of_loaded(loaded: Snapshot | SystemSnapshot) -> Document:
    """Return the document of what was loaded from a file."""
    if isinstance(loaded, Snapshot):
        return _snapshot(loaded, owners)
    document = _system(
        loaded.timestamp_ms,
        [_process(process, owners) for process in loaded.processes],
        loaded.skipped,
    )
    if loaded.notes:
        document["notes"] = _notes(loaded)
    return document


def of_target(target: Target) -> Document:
    """Return the document of one process, which ``memc PID`` would print."""
    return _snapshot(target.table, lambda _: target.find_owners())


def of_targets(targets: Iterable[Target], skipped: Sequence[Skipped]) -> Document:
    """Return the document of processes, which ``memc --all`` would print."""
    ordered = sorted(targets, key=lambda target: target.pid or 0)
    processes = [_of_target(target) for target in ordered]
    times = [process["snapshot"]["timestamp_ms"] for process in processes]
    known = [time_ms for time_ms in times if time_ms is not None]
    return _system(min(known, default=None), processes, skipped)


def counts(document: Document) -> tuple[int, int]:
    """Return how many processes and how many regions a document has."""
    snaps = [one["snapshot"] for one in document.get("processes", ())] or [document]
    snaps = [snap for snap in snaps if "pid" in snap]
    return len(snaps), sum(len(snap.get("regions", ())) for snap in snaps)


def _of_target(target: Target) -> Document:
    snap, facts = target.table, target.facts
    assert isinstance(snap, Snapshot)  # noqa: S101 - of a process, not of a caller
    process = Process(
        target.pid or 0,
        target.name,
        snap,
        uid=facts.uid,
        started=target.started,
        cgroup=facts.paths[0] if facts.paths else None,
    )
    return _process(process, lambda _: target.find_owners())


def _system(
    time_ms: int | None, processes: list[Document], skipped: Sequence[Skipped]
) -> Document:
    return {
        "timestamp_ms": time_ms,
        "process_count": len(processes),
        "skipped": len(skipped),
        "processes": processes,
        "skipped_processes": [
            {"pid": skip.pid, "name": _shown(skip.name), "reason": skip.reason}
            for skip in skipped
        ],
    }


def _process(process: Process, find: Callable[[Table], Sequence[Owner]]) -> Document:
    return {
        "pid": process.pid,
        "name": _shown(process.name),
        "uid": process.uid,
        "started": process.started,
        "cgroup": None if process.cgroup is None else _shown(process.cgroup),
        "cmdline": None,  # never taken
        "snapshot": _snapshot(process.snapshot, find),
    }


def _snapshot(snap: Table, find: Callable[[Table], Sequence[Owner]]) -> Document:
    document = loads(snap.to_json(full=True))
    assert isinstance(document, dict)  # noqa: S101 - what memc wrote
    regions = document.get("regions")
    if regions:
        for region, owner in zip(regions, find(snap), strict=True):
            region["owner"] = owner.owner
            region["why"] = owner.why
            region["label"] = _shown(owner.label)
            region["guess"] = owner.guess
    return document


def _notes(loaded: SystemSnapshot) -> list[Document]:
    return [
        {"code": note.code, "count": note.count, "text": note.text}
        for note in loaded.notes
    ]


def _shown(text: str) -> str:
    """Return text that JSON can hold."""
    if text.isascii():
        return text
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
