"""Texts that columns of UTF-8 can hold."""

from __future__ import annotations

__all__ = ["plain"]


def plain(text: str | None) -> str | None:
    """Return a text that UTF-8 can hold, with U+FFFD for what it cannot."""
    if text is None or text.isascii():
        return text
    try:
        data = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a surrogate that stands for no byte
        data = text.encode("utf-8", "surrogatepass")
    return data.decode("utf-8", "replace")
