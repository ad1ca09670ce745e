"""Pseudonyms: what stands for a text that is hidden.

A pseudonym is the same for the same text, so that a reader can tell two files apart and
find one again.  It follows from a key that is not in the bundle: nobody can try out
names of users, or compare two bundles with different keys.
"""

from __future__ import annotations

import base64
import hmac

from memc.bundle.vocabulary import MARKED_WORDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable

__all__ = ["Pseudonyms"]

LENGTH = 8  # characters of base32: 40 bits


class Pseudonyms:
    """Makes pseudonyms with a key, and numbers things in the order of first use."""

    __slots__ = ("_key", "_known", "_ranks")

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._known: dict[tuple[str, str], str] = {}
        self._ranks: dict[str, dict[Hashable, int]] = {}

    def mark(self, kind: str, text: str) -> str:
        """Return the pseudonym of a text; those of different kinds are not related.

        It has none of the words that rules of owners look for.
        """
        known = self._known.get((kind, text))
        if known is None:
            data = f"{kind}\0{text}".encode("utf-8", "surrogatepass")
            known = self._letters(data)
            while any(word in known for word in MARKED_WORDS):
                data += b"\0"
                known = self._letters(data)
            self._known[kind, text] = known = f"p-{known}"
        return known

    def digits(self, kind: str, text: str) -> str:
        """Return eight digits of hex that stand for a text."""
        data = f"{kind}\0{text}".encode("utf-8", "surrogatepass")
        return hmac.digest(self._key, data, "sha256").hex()[:LENGTH]

    def rank(self, kind: str, value: Hashable) -> int:
        """Return the number of a value among those of its kind, from 1."""
        ranks = self._ranks.setdefault(kind, {})
        return ranks.setdefault(value, len(ranks) + 1)

    def _letters(self, data: bytes) -> str:
        digest = hmac.digest(self._key, data, "sha256")
        return base64.b32encode(digest)[:LENGTH].decode().lower()
