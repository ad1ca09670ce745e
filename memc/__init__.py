"""Tell what the memory of a Linux process is made of.

``memc.snapshot(pid)`` reads one process and ``memc.snapshot_all()`` every one;
``memc.Sampler`` and ``memc.DataCollector`` read one again and again, and
``memc.load(path)`` reads what was written to a file; ``memc.diff(a, b)`` tells what
became of memory from one snapshot to another.  The modules ``memc.fast`` (in C) and
``memc.fallback`` (in Python) parse maps and smaps.
"""

from __future__ import annotations

import sys

from memc.columns import Column
from memc.errors import AccessDenied, FormatError, MemcError, ProcessError, ProcessGone
from memc.region import Note, Region, Table

# Imported here, not on demand: when memc.snapshot, the module, is first imported, it
# takes that name in this package, and this line gives it back to the function.
from memc.snapshot import (
    Process,
    Skipped,
    Snapshot,
    SystemSnapshot,
    snapshot,
    snapshot_all,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc import fallback as fallback, fast as fast
    from memc.collector import DataCollector
    from memc.differences import diff
    from memc.loading import load
    from memc.sampler import Sampler

    __version__: str

__all__ = [
    "AccessDenied",
    "Column",
    "DataCollector",
    "FormatError",
    "MemcError",
    "Note",
    "Process",
    "ProcessError",
    "ProcessGone",
    "Region",
    "Sampler",
    "Skipped",
    "Snapshot",
    "SystemSnapshot",
    "Table",
    "diff",
    "load",
    "snapshot",
    "snapshot_all",
]

# What is dear is imported when it is first asked for: the module of each name, and what
# of it is meant ("": itself).
LAZY = {
    "DataCollector": ("memc.collector", "DataCollector"),
    "Sampler": ("memc.sampler", "Sampler"),
    "diff": ("memc.differences", "diff"),
    "fallback": ("memc.fallback", ""),
    "fast": ("memc.fast", ""),
    "load": ("memc.loading", "load"),
}


def __getattr__(name: str) -> object:
    """Import what `LAZY` names, and find out the version, when first asked for."""
    if name == "__version__":
        from memc._version import version

        value: object = version()
    elif name in LAZY:
        module_name, attribute = LAZY[name]
        __import__(module_name)
        module = sys.modules[module_name]
        value = getattr(module, attribute) if attribute else module
    else:
        raise AttributeError(f"module 'memc' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *LAZY, "__version__"})
