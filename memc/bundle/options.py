"""What a bundle hides and what it keeps, as its maker chose."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["BundleOptions"]


class BundleOptions:
    """The choice for a bundle; without any, all that memc does not know is hidden.

    `keep` are globs of names that stay as they are: whole paths, names of programs,
    paths of control groups.  `redact` are globs of names that are hidden wholly, though
    a rule would keep them; they win over `keep`.  A ``*`` matches ``/`` too.
    `keep_names` keeps the names of processes.  `strict` hides the names of the
    distribution's files too, but for words that memc knows.  `plain` hides nothing.
    """

    __slots__ = ("keep", "keep_names", "plain", "redact", "strict")

    def __init__(
        self,
        keep: Iterable[str] = (),
        redact: Iterable[str] = (),
        *,
        keep_names: bool = False,
        strict: bool = False,
        plain: bool = False,
    ) -> None:
        self.keep = tuple(keep)
        self.redact = tuple(redact)
        self.keep_names = keep_names
        self.strict = strict
        self.plain = plain

    def __repr__(self) -> str:
        """Show what differs from the safe form."""
        given = [name for name in self.__slots__ if getattr(self, name)]
        told = ", ".join(f"{name}={getattr(self, name)!r}" for name in given)
        return f"BundleOptions({told})"
