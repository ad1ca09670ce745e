"""The backend of a command, which says at most once that it is slow."""

from __future__ import annotations

from memc.cli.output import say
from memc.read import backend as chosen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["reader"]


def reader(tell: Callable[[str], None] = say) -> chosen.Backend:
    """Return the backend; if it is slow, `tell` so, at this or any later choice."""
    if chosen.told_by is None:
        chosen.told_by = _once(tell)
    return chosen.backend()


def _once(tell: Callable[[str], None]) -> Callable[[str], None]:
    told: set[str] = set()

    def tell_once(text: str) -> None:
        if text not in told:
            told.add(text)
            tell(text)

    return tell_once
