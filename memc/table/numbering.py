"""Numbers for keys, from 0, in the order in which they are asked for."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    K = TypeVar("K")

__all__ = ["Numbers"]


class Numbers(dict["K", int]):
    """The number of each key; a key that is new has the next."""

    __slots__ = ()

    def __missing__(self, key: K) -> int:
        number = self[key] = len(self)
        return number
