"""Whether there is anybody to show."""

from __future__ import annotations

from memc.cli.common.telling import nobody

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.targets.choice import Choice
    from memc.top.moment import Tell

__all__ = ["check_found"]


def check_found(tell: Tell, choice: Choice) -> None:
    """Raise MemcError if no process is found; in a gap nobody can know."""
    if not tell.lines and tell.gap is None:
        raise nobody(choice, [])
