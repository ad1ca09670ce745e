"""How many regions the kernel allows a process: vm.max_map_count."""

from __future__ import annotations

from memc.errors import MemcError
from memc.proc.root import open_root
from memc.risks.risk import Risk
from memc.risks.whole import read_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.proc.root import Opened

__all__ = ["Mapped", "read_max_map_count"]

NAME, WORDS = "max_map_count", "regions"
FILE = "sys/vm/max_map_count"
MOST_DIGITS = 10  # of an int


class Mapped:
    """The limit, read once: None if it is not known, and the reason."""

    __slots__ = ("limit", "reason")

    def __init__(self, root: Opened) -> None:
        text, self.reason = read_of(root, FILE)
        digits = text.strip()
        is_number = digits.isdigit() and len(digits) <= MOST_DIGITS
        self.limit = int(digits) if is_number else None
        if not is_number:
            self.reason = self.reason or f"{FILE}: expected a number"

    def risk(self, regions: int | None, reason: str | None) -> Risk:
        """Return the risk of a number of regions, or why that is not known."""
        if regions is not None and self.limit is None:
            regions, reason = None, self.reason
        return Risk(NAME, WORDS, regions, self.limit, is_kb=False, reason=reason)


def read_max_map_count(proc: str) -> int:
    """Return the limit.  Raises MemcError if it is not known."""
    with open_root(proc) as root:
        mapped = Mapped(root)
    if mapped.limit is None:
        raise MemcError(f"{proc}: {mapped.reason}: a limit without % needs none")
    return mapped.limit
