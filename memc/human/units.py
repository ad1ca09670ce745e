"""Amounts and names for people: with units, short, and safe on a terminal."""

from __future__ import annotations

__all__ = ["bare", "figure", "human", "safe", "shorten", "signed", "width_of"]

UNITS = ("KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
MISSING = "-"


def human(kb: int | None, *, partial: bool = False) -> str:
    """Return an amount in three digits: "0", "852 KiB", "1.21 MiB", "14.0 GiB".

    An amount that is not known is "-".  With `partial` a "+" says that the whole amount
    may be larger.
    """
    if kb is None:
        return MISSING
    amount = float(kb)
    unit = 0
    # 999.5 would be shown as 1000.
    while amount >= 999.5 and unit + 1 < len(UNITS):
        amount /= 1024
        unit += 1
    digits = 0 if unit == 0 or amount >= 99.95 else 1 if amount >= 9.995 else 2
    text = f"{amount:.{digits}f} {UNITS[unit]}" if kb else "0"
    return f"{text}+" if partial else text


def figure(value: float, digits: int) -> str:
    """Return a number in so many digits, more if it is large: never as "1.5e+02"."""
    short = f"{value:.{digits}g}"
    return f"{value:.0f}" if "e+" in short else short


def bare(kb: int | None, *, partial: bool = False) -> str:
    """Return an amount for `sort -h` and awk: "0", "852K", "1.21M", "-14.0G".

    There is no blank in it, and no "+" before it.
    """
    if not kb:
        return human(kb, partial=partial)
    number, _, unit = human(abs(kb), partial=partial).partition(" ")
    return f"{'-' if kb < 0 else ''}{number}{unit.replace('iB', '')}"


def signed(kb: int | None, *, partial: bool = False) -> str:
    """Return a change as `human` does, with a sign: "+1.21 MiB", "-852 KiB", "0"."""
    if not kb:
        return human(kb, partial=partial)
    return f"{'+' if kb > 0 else '-'}{human(abs(kb), partial=partial)}"


def safe(text: str) -> str:
    r"""Return text that cannot change what a terminal does.

    Control characters, marks that change the direction of text, and bytes that are not
    UTF-8 become ``\x1b``, ``\u202e`` and so on.
    """
    if text.isprintable():
        return text
    for char in {*text}:
        if not char.isprintable():
            text = text.replace(char, _escape(ord(char)))
    return text


def _escape(code: int) -> str:
    if 0xDC80 <= code <= 0xDCFF:  # a byte that surrogateescape stored
        code -= 0xDC00
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def shorten(text: str, width: int) -> str:
    """Cut out the middle of text that is wider than `width`: the ends say the most."""
    if width_of(text) <= width:
        return text
    tail = (width - 1) * 2 // 3
    head = width - 1 - tail
    return f"{_fit(text, head)}…{_fit(text[::-1], tail)[::-1]}"


def _fit(text: str, width: int) -> str:
    """Return as much of the start of a text as fits in `width` columns."""
    if text.isascii():
        return text[:width]
    while width_of(text) > width:
        text = text[: max(width, 1)] if len(text) > width else text[:-1]
    return text


def width_of(text: str) -> int:
    """Return how many columns of a terminal a printable text takes."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    wide = sum(east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(combining(c) != 0 for c in text)
