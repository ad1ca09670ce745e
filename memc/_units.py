"""Amounts of memory as people write them: on the command line and in tests."""

from __future__ import annotations

import re

__all__ = ["NUMBER", "kb_of"]

NUMBER = r"([0-9]{1,12}(?:\.[0-9]{1,6})?)"
AMOUNT = re.compile(rf"{NUMBER} ?([KMGT])(?:iB)?", re.IGNORECASE)
THOUSANDS = re.compile(rf"{NUMBER} ?([KMGT])B", re.IGNORECASE)
KB = {"K": 1, "M": 1 << 10, "G": 1 << 20, "T": 1 << 30}


def kb_of(text: str) -> float:
    """Return an amount in kB, exactly; ValueError says what was expected."""
    match = AMOUNT.fullmatch(text)
    if match is not None:
        return float(match[1]) * KB[match[2].upper()]
    unclear = THOUSANDS.fullmatch(text)
    if unclear is not None:
        number, unit = unclear[1], unclear[2].upper()
        raise ValueError(f"{number}{unit} or {number}{unit}iB (1024, not 1000)")
    if text != "0":
        raise ValueError("an amount and its unit, such as 512M or 2GiB")
    return 0.0
