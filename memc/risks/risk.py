"""One thing that can run out for a process, and how near its end it is."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.table.document import Json

__all__ = ["BROKEN", "NEAR", "OK", "SHARE", "UNKNOWN", "Risk"]

SHARE = 80  # percent of a limit: from there on it is near
BROKEN, NEAR, OK, UNKNOWN = "broken", "near", "ok", "unknown"


class Risk:
    """A figure and its limit.

    `name` is the kernel's word for the limit, and `words` are those for people.
    `value` and `limit` are in kB, or numbers if `is_kb` is false.  `limit` is None if
    there is none.  `value` is None if it is not known, and `reason` says why.
    `more` are the other facts that belong to it, by their keys in JSON, and `about`
    are words on them.  `mark` is the state if no limit decides it.
    """

    __slots__ = (
        "about",
        "is_kb",
        "limit",
        "mark",
        "more",
        "name",
        "reason",
        "value",
        "words",
    )

    def __init__(
        self,
        name: str,
        words: str,
        value: int | None,
        limit: int | None = None,
        *,
        is_kb: bool = True,
        reason: str | None = None,
    ) -> None:
        self.name = name
        self.words = words
        self.value = value
        self.limit = limit
        self.is_kb = is_kb
        self.reason = reason
        self.mark: str | None = None
        self.about = ""
        self.more: dict[str, Json] = {}

    @property
    def share(self) -> float | None:
        """The value in percent of the limit; None if one of the two is not there."""
        if self.value is None or self.limit is None:
            return None
        if not self.limit:
            return 100.0 if self.value else 0.0
        return self.value * 100 / self.limit

    @property
    def state(self) -> str:
        """One of BROKEN, NEAR, OK and UNKNOWN."""
        if self.value is None:
            return UNKNOWN
        if self.mark is not None:
            return self.mark
        share = self.share
        if share is None or share < SHARE:
            return OK
        return BROKEN if share >= 100 else NEAR

    @property
    def stands_out(self) -> bool:
        """Tell whether it is near its limit, or was broken."""
        return self.state in (BROKEN, NEAR)

    def __repr__(self) -> str:
        """Show the name, the figures and the state."""
        return f"<Risk {self.name}: {self.value} of {self.limit}, {self.state}>"
