"""The manifest of a bundle: what it has, what was hidden, and what was left out."""

from __future__ import annotations

import os

from memc._version import version
from memc.bundle.documents import counts
from memc.bundle.machine import release
from memc.files.bundle import FORMAT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from memc.bundle.options import BundleOptions

__all__ = ["NEVER", "manifest"]

# What no bundle has, whatever the options.
NEVER = (
    "contents of memory",
    "command lines",
    "environment",
    "host name",
    "boot id",
    "time of day",
    "command line of the kernel",
)


def manifest(
    documents: Sequence[dict[str, Any]],
    facts: dict[str, Any],
    options: BundleOptions,
    *,
    is_live: bool,
    has_key_file: bool,
) -> dict[str, Any]:
    """Return the manifest of these documents.

    `facts` are those of the Redactor.  The kernel and its pages are those of this
    machine, and None if the documents are of files.
    """
    sizes = [counts(document) for document in documents]
    return {
        "format": FORMAT,
        "memc": version(),
        "kernel": release(os.uname().release) if is_live else None,
        "page_size": os.sysconf("SC_PAGESIZE") if is_live else None,
        "form": "plain" if options.plain else "strict" if options.strict else "safe",
        "key": "file" if has_key_file else "random",
        "samples": len(documents),
        "processes": max((processes for processes, _ in sizes), default=0),
        "regions": sum(regions for _, regions in sizes),
        "never_taken": [*NEVER],
        **facts,
    }
