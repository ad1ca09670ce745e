"""The amounts in /proc/meminfo of this machine."""

from __future__ import annotations

__all__ = ["read_kb"]


def read_kb(name: str) -> int | None:
    """Return an amount such as "Shmem"; None if the kernel does not tell it."""
    key = name.encode() + b":"
    try:
        with open("/proc/meminfo", "rb") as file:
            for line in file:
                if line.startswith(key):
                    return int(line.split()[1])
    except (OSError, ValueError, IndexError):
        pass
    return None
