"""One unit for all amounts of an account, so that they can be added up."""

from __future__ import annotations

__all__ = ["Unit"]

SMALL_KB = 64 << 10  # an account of less is told in KiB


class Unit:
    """The unit of all amounts of an account."""

    __slots__ = ("kb", "name")

    def __init__(self, total_kb: int, *, wide: bool) -> None:
        small = wide or total_kb < SMALL_KB
        self.kb, self.name = (1, "KiB") if small else (1024, "MiB")

    def bare(self, kb: int) -> str:
        """Return an amount without its unit."""
        return f"{(kb + self.kb // 2) // self.kb:,}"

    def __call__(self, kb: int) -> str:
        """Return an amount with its unit."""
        return f"{self.bare(kb)} {self.name}"

    def rounded(self, total_kb: int, amounts: list[int]) -> list[int]:
        """Round amounts to this unit so that they add up to the rounded total."""
        whole = [kb // self.kb for kb in amounts]
        left = (total_kb + self.kb // 2) // self.kb - sum(whole)
        order = sorted(range(len(whole)), key=lambda i: -(amounts[i] % self.kb))
        for i in order[: max(left, 0)]:
            whole[i] += 1
        return whole
