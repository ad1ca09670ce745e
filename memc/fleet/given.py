"""What people write to say what goes into a lake: hosts, tables, days, steps."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from memc.fleet.schema import TABLES
from memc.human.amounts import duration

__all__ = ["MOST", "age", "day", "host_name", "step", "tables"]

# Names of hosts become names of folders.
HOST = re.compile(r"[A-Za-z0-9._-]{1,253}")
DAYS = re.compile(r"([0-9]{1,6})d")
MS = 1000
MOST = (1 << 31) - 1  # as vm.max_map_count; seconds of 68 years


def host_name(text: str) -> str:
    """Return the name of a host.  Raises ValueError if it could be no folder."""
    if not HOST.fullmatch(text) or not text.strip("."):
        raise ValueError("the name of a host (letters, digits, '.', '_' and '-')")
    return text


def tables(text: str) -> tuple[str, ...]:
    """Return the tables that are named, with commas between.  Raises ValueError."""
    named = [name.strip() for name in text.split(",")]
    if not {*named} <= {*TABLES}:
        raise ValueError(f"some of {', '.join(TABLES)}")
    return tuple(name for name in TABLES if name in named)


def day(text: str) -> date:
    """Return the date that a text names.  Raises ValueError."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("a date such as 2026-11-26") from None


def age(text: str) -> date:
    """Return the day before which all is older: a date, or such as "30d".

    Raises ValueError.
    """
    match = DAYS.fullmatch(text)
    try:
        if match is None:
            return day(text)
        today = datetime.now(UTC).date()
        return today - timedelta(days=int(match[1]))
    except (ValueError, OverflowError):
        raise ValueError("a date such as 2026-11-26, or days such as 30d") from None


def step(text: str) -> int:
    """Return a time in ms, such as "1m".  Raises ValueError."""
    found = round(duration(text) * MS)
    if found < 1:
        raise ValueError("a time such as 1m")
    return found
