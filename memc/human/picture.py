"""Rankings of amounts, as a notebook shows them: a table with bars, or a chart."""

from __future__ import annotations

from memc.human.units import safe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["TOP", "Bar", "Picture", "cut"]

TOP = 10  # how many bars are shown
MOST = 12  # likewise, of the lines of a sum
LONGEST = 64  # characters of a name


class Bar:
    """A line of a picture: `name`, `kb`, and `cells`, the words of further columns."""

    __slots__ = ("cells", "kb", "name")

    def __init__(self, name: str, kb: int | None, cells: Sequence[str] = ()) -> None:
        self.name = name
        self.kb = kb
        self.cells = cells


class Picture:
    """A ranking of amounts, with what is to be said of it.

    - `title` and `facts`: what this is, in words;
    - `what`, `amount`, `heads`: the titles of the names, the amounts, and the `cells`;
    - `bars`: the largest first; those that are 0 or not known are left out, but not
      from a sum, which `is_sum` tells: its lines keep their order;
    - `is_growth`: the amounts are changes, and have a sign;
    - `nothing`: what is said if there is no bar;
    - `notes`: why it is not whole.
    """

    __slots__ = (
        "amount",
        "bars",
        "facts",
        "heads",
        "is_growth",
        "is_sum",
        "notes",
        "nothing",
        "title",
        "what",
    )

    def __init__(
        self,
        title: str,
        bars: Iterable[Bar],
        *,
        what: str,
        amount: str,
        heads: Sequence[str] = (),
        facts: Iterable[str | None] = (),
        is_growth: bool = False,
        is_sum: bool = False,
    ) -> None:
        self.title = title
        self.what = what
        self.amount = amount
        self.heads = heads
        self.facts = [fact for fact in facts if fact]
        self.is_growth = is_growth
        self.is_sum = is_sum
        self.nothing = "nothing changed" if is_growth else "no memory"
        self.notes: list[str] = []
        self.bars = [bar for bar in bars if bar.kb or is_sum]
        if not is_sum:
            self.bars.sort(key=lambda bar: -abs(bar.kb or 0))

    def top(self) -> list[Bar]:
        """Return the bars that are shown."""
        return self.bars[: len(self.bars) if self.is_sum else TOP][:MOST]

    @property
    def rest(self) -> Bar | None:
        """The sum of the others, which would dwarf them as a bar; None without any."""
        others = self.bars[len(self.top()) :]
        if not others:
            return None
        kb = sum(bar.kb or 0 for bar in others)
        words = "other" if len(others) == 1 else "others"
        return Bar(f"{len(others):,} {words}", kb, [""] * len(self.heads))

    @property
    def largest_kb(self) -> int:
        """The largest amount that is shown, without its sign; 1 at least."""
        return max((abs(bar.kb or 0) for bar in self.top()), default=0) or 1


def cut(text: str, length: int = LONGEST) -> str:
    """Return text that nothing acts on, without its middle if it is long."""
    if len(text) > 2 * length:  # an escape is longer than what it is for
        text = f"{text[:length]}…{text[-length:]}"
    text = safe(text)
    if len(text) <= length:
        return text
    tail = (length - 1) * 2 // 3
    return f"{text[: length - 1 - tail]}…{text[-tail:]}"
