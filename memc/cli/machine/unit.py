"""One unit for all amounts of an account, so that they can be added up."""

from __future__ import annotations

__all__ = ["UNKNOWN", "Unit"]

UNKNOWN = "not known"

SMALL_KB = 64 << 10  # an account of less is told in KiB


class Unit:
    """The unit of all amounts of an account.

    Where other programs read them, what is in columns is for `sort -h` and awk, as in
    the tables of ``memc show``.
    """

    __slots__ = ("_is_piped", "kb", "name")

    def __init__(self, total_kb: int, *, wide: bool, is_piped: bool = False) -> None:
        small = wide or total_kb < SMALL_KB
        self.kb, self.name = (1, "KiB") if small else (1024, "MiB")
        self._is_piped = is_piped

    def count(self, kb: int) -> int:
        """Return how many of this unit an amount has, rounded."""
        return (kb + self.kb // 2) // self.kb

    def bare(self, kb: int) -> str:
        """Return an amount without its unit, in words."""
        return f"{self.count(kb):,}"

    def __call__(self, kb: int) -> str:
        """Return an amount with its unit, in words."""
        return f"{self.bare(kb)} {self.name}"

    def cell(self, number: int | None) -> str:
        """Return a number of this unit, in a column."""
        if number is None:
            return "-" if self._is_piped else UNKNOWN
        if self._is_piped:
            return f"{number}{self.name[0]}" if number else "0"
        return f"{number:,} {self.name}"

    def rounded(self, total_kb: int, amounts: list[int]) -> list[int]:
        """Round amounts to this unit so that they add up to the rounded total."""
        whole = [kb // self.kb for kb in amounts]
        left = self.count(total_kb) - sum(whole)
        order = sorted(range(len(whole)), key=lambda i: -(amounts[i] % self.kb))
        for i in order[: max(left, 0)]:
            whole[i] += 1
        return whole
