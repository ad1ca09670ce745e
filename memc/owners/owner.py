"""What the rules of owners are made of, and what they return."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from memc.owners.layout import Layout

    # Returns the label if the rule matches, or None.
    Test: TypeAlias = Callable[[Layout, int], str | None]

__all__ = ["Owner", "Rule"]


class Owner:
    """What a region is for.

    `owner` names the purpose ("glibc arena", "library text").  `why` is the name of the
    rule that matched.  `guess` is true if that rule goes only by shape and place.
    `label` tells regions of the same owner apart: the path of the library, the name
    that a program gave to its memory, or the threads of a stack.  It is "" if nothing
    is known.
    """

    __slots__ = ("guess", "label", "owner", "why")

    def __init__(self, owner: str, why: str, label: str, *, guess: bool) -> None:
        self.owner = owner
        self.why = why
        self.label = label
        self.guess = guess

    def __repr__(self) -> str:
        """Show all four attributes."""
        label = f" {self.label!r}" if self.label else ""
        return f"<Owner {self.owner}{label}{', a guess' * self.guess}: {self.why}>"


class Rule:
    """A rule: the name `why`, the owner, and a test for regions of these kinds."""

    __slots__ = ("guess", "kinds", "owner", "test", "why")

    def __init__(
        self, why: str, owner: str, test: Test, *kinds: int, guess: bool = False
    ) -> None:
        self.why = why
        self.owner = owner
        self.test = test
        self.kinds = kinds
        self.guess = guess

    def __repr__(self) -> str:
        """Show the owner and the name of the rule."""
        return f"<Rule {self.owner}: {self.why}>"
