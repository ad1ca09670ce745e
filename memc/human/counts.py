"""How many processes there are, in words."""

from __future__ import annotations

__all__ = ["counted_processes"]


def counted_processes(count: int) -> str:
    """Return "1 process" or "1,264 processes"."""
    return f"{count:,} {'process' if count == 1 else 'processes'}"
