"""The root in which every command looks for processes if --proc names none."""

from __future__ import annotations

import os

__all__ = ["default_proc"]


def default_proc() -> str:
    """Return what MEMC_PROC says, or else /proc."""
    return os.environ.get("MEMC_PROC") or "/proc"
