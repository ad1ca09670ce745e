"""What ``memc show PID`` says before its table: what is near a limit, or broken."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from memc.human.sheet import Style
    from memc.risks.risk import Risk
    from memc.targets.choice import Choice
    from memc.targets.target import Found, Target

    Shorts: TypeAlias = Sequence[tuple[Target | None, list[Risk]]]

__all__ = ["find", "heading"]


def find(choice: Choice, found: Found) -> Shorts:
    """Return the risks that stand out, of processes that the user named by pid."""
    if not (choice.pids and choice.names_pids()):
        return []
    from memc.risks.short import find_short

    return find_short(found.targets, choice.proc)


def heading(short: Shorts, style: Style) -> str:
    """Return the lines about them, and an empty line; nothing if there is none."""
    if not short:
        return ""
    from memc.cli.show import risk_text

    return risk_text.heading(short, style)
