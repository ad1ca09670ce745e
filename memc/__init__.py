"""Tell what the memory of a Linux process is made of.

``memc.snapshot(pid)`` reads one process and ``memc.snapshot_all()`` reads all of them.
``memc.Sampler`` and ``memc.DataCollector`` read one process at intervals.
``memc.load(path)`` loads snapshots from a file, and ``memc.diff(a, b)`` compares two
snapshots.  ``memc.machine()`` tells what the memory of the machine is for.  The modules
``memc.fast`` (in C) and ``memc.fallback`` (in Python) parse the text of maps and smaps.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc import fallback as fallback, fast as fast, owners as owners
    from memc.accounts.machine import machine
    from memc.analysis.differences import diff
    from memc.errors import (
        AccessDenied,
        FormatError,
        MemcError,
        ProcessError,
        ProcessGone,
    )
    from memc.files.loading import load
    from memc.files.recording.recording import Recording
    from memc.freeing.result import Freed, Stays
    from memc.freeing.take import freed
    from memc.owners.stream import arrow
    from memc.proc import threads as threads
    from memc.read.take import rss_kb, snapshot, snapshot_all
    from memc.record.recorder import Recorder
    from memc.sampling.collector import DataCollector
    from memc.sampling.sampler import Sampler
    from memc.table import document as document, fields as fields
    from memc.table.columns import Column
    from memc.table.region import Note, Region, Table
    from memc.table.snapshot import Process, Skipped, Snapshot, SystemSnapshot

    __version__: str

__all__ = [
    "AccessDenied",
    "Column",
    "DataCollector",
    "FormatError",
    "Freed",
    "MemcError",
    "Note",
    "Process",
    "ProcessError",
    "ProcessGone",
    "Recorder",
    "Recording",
    "Region",
    "Sampler",
    "Skipped",
    "Snapshot",
    "Stays",
    "SystemSnapshot",
    "Table",
    "arrow",
    "diff",
    "freed",
    "load",
    "machine",
    "rss_kb",
    "snapshot",
    "snapshot_all",
]

# The module that defines each public name.  It is imported when the name is first used,
# so that `import memc` costs nothing.
LAZY = {
    "AccessDenied": "memc.errors",
    "Column": "memc.table.columns",
    "DataCollector": "memc.sampling.collector",
    "FormatError": "memc.errors",
    "Freed": "memc.freeing.result",
    "MemcError": "memc.errors",
    "Note": "memc.table.region",
    "Process": "memc.table.snapshot",
    "ProcessError": "memc.errors",
    "ProcessGone": "memc.errors",
    "Recorder": "memc.record.recorder",
    "Recording": "memc.files.recording.recording",
    "Region": "memc.table.region",
    "Sampler": "memc.sampling.sampler",
    "Skipped": "memc.table.snapshot",
    "Snapshot": "memc.table.snapshot",
    "Stays": "memc.freeing.result",
    "SystemSnapshot": "memc.table.snapshot",
    "Table": "memc.table.region",
    "arrow": "memc.owners.stream",
    "diff": "memc.analysis.differences",
    "freed": "memc.freeing.take",
    "load": "memc.files.loading",
    "machine": "memc.accounts.machine",
    "rss_kb": "memc.read.take",
    "snapshot": "memc.read.take",
    "snapshot_all": "memc.read.take",
}

# Public modules, and the names that three others had in memc 1.0.0.
MODULES = {
    "document": "memc.table.document",
    "fallback": "memc.fallback",
    "fast": "memc.fast",
    "fields": "memc.table.fields",
    "owners": "memc.owners",
    "threads": "memc.proc.threads",
}


def _find(name: str) -> object:
    """Return a public name at its first use: an object, a module or the version."""
    value: object
    if name in LAZY:
        value = getattr(_module(LAZY[name]), name)
    elif name in MODULES:
        value = _module(MODULES[name])
    elif name == "__version__":
        from memc._version import version

        value = version()
    else:
        raise AttributeError(f"module 'memc' has no attribute {name!r}")
    globals()[name] = value
    return value


def _module(name: str) -> object:
    __import__(name)
    return sys.modules[name]


if not TYPE_CHECKING:  # a type checker would accept every name, as an object
    __getattr__ = _find


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__", "fallback", "fast", "owners"])
