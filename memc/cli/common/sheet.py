"""Groups as a table for people: what ``memc show`` and ``memc diff`` share."""

from __future__ import annotations

from memc.analysis.groups import FREED, GROWTH, MAIN
from memc.cli.common.grid import Grid
from memc.cli.common.labels import group_label, title
from memc.cli.common.naming import put_names, put_why
from memc.cli.output import STDOUT
from memc.human.sheet import table, terminal_width
from memc.human.units import bare, human, safe, signed
from memc.table.amounts import THP

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Sequence

    from memc.analysis.groups import Groups
    from memc.cli.common.look import Look
    from memc.targets.target import Target

__all__ = ["GUESS", "PARTIAL", "Sheet", "render", "who"]

TITLES = {name: word.upper() for word, name in MAIN.items()}
BOLD, FAINT = "1", "2"
PARTIAL = "+ not all of it is known"
GUESS = "? a guess, by the shape and place of regions: --wide tells the rule"


def render(
    sheet: Sheet, rows: list[int], footnotes: Callable[[Container[str]], Iterable[str]]
) -> str:
    """Return the table of a sheet, with a line for the rest of `rows` and the total.

    With two levels a line sums up the groups of each outer key and is above them.
    Columns that do not fit the terminal are left out, but never the amount they are
    sorted by.  `footnotes` is called with the titles of the columns, and the marks of
    cells among "+" and "?".
    """
    look = sheet.look
    style = look.style
    marks = sheet.marks(look.judged)
    rest = sheet.rest(rows)
    if sheet.groups.outer:
        marks = sheet.nest(rows, marks)
    if rest:
        sheet.add(rest, f"… {sheet.keys_of(rest)} more")
        marks.append(FAINT)
    sheet.add(range(len(sheet.groups)), safe(f"total, {sheet.whose()}"))
    width = None if look.wide else terminal_width(STDOUT)
    if look.columns is not None:
        sheet.pick(look.columns)
    hidden = sheet.fit(width, look.sorted_by)
    lines = table(
        sheet.heads, sheet.columns, width=width, style=style, marks=[*marks, BOLD]
    )
    said = [*hidden, *footnotes(sheet.has())] if look.legend else []
    notes = (style(line, FAINT) for line in said)
    return "".join(f"{line}\n" for part in (lines, notes) for line in part)


class Sheet(Grid):
    """The columns of a table of groups: amounts first, names last.

    `shown` are the groups that have a line of their own.
    """

    def __init__(self, groups: Groups, shown: list[int], look: Look) -> None:
        super().__init__(len(shown), by_region=groups.by == "region")
        self.groups = groups
        self.shown = shown
        self.look = look
        self.wide = look.wide
        self._names = [name for name in groups.amounts if self.is_there(name)]
        for name in self._names:
            self.put(_title(name), self._amounts(name), right=True)
        self.put_counts()
        first = len(self.heads)
        put_names(self, groups, shown, look=look, span=self.span)
        self.label = next(
            i for i, head in enumerate(self.heads) if i >= first and not head.right
        )
        if groups.by == "process" and not groups.outer:
            self.label = len(self.heads) - 1  # names are short, and commands are not
        if groups.outer:
            head = self.heads[self.label]
            head.title = f"{title(groups.outer)} / {head.title}"
            head.shrinks = True
        if self.wide:
            put_why(self, groups, shown)

    # Methods that a sheet of changes overrides.

    def human(self, name: str, kb: int | None, *, partial: bool = False) -> str:
        """Return an amount as people read it, or as other programs do."""
        if self.look.is_piped:
            return bare(kb, partial=partial)
        return (signed if name == GROWTH else human)(kb, partial=partial)

    def is_there(self, name: str) -> bool:
        """Tell whether any table has this amount, even if no region knows it."""
        if self.look.asks_for(name):
            return True
        if name in ("hugetlb_kb", THP):
            return any(self.groups.amounts[name])
        if name in (FREED, GROWTH) or (
            name == "private_kb" and self.groups.is_known(name)
        ):
            return True
        return any(target.has(name) for target in self.groups.targets)

    def marks(self, sort: str) -> list[str]:
        """Return the style of the line of each shown group, a code of `Style`."""
        del sort
        return [""] * len(self.shown)

    def put_counts(self) -> None:
        """Add the columns with counts."""

    def counts(self, rows: Sequence[int]) -> list[str]:
        """Return the cells of those columns for a line that sums up groups."""
        del rows
        return []

    def whose(self) -> str:
        """Return the words for the processes of all groups."""
        count, holders = self.groups.process_count, self.groups.holder_count
        if count == 1:
            return who(self.groups.targets[0])
        return f"{f'{holders} of ' if holders < count else ''}{count} processes"

    def span(self, i: int, start: int, end: int) -> str:
        """Return the address of group `i`, whose first region is at `start`."""
        del i
        return f"{start:x}-{end:x}"

    # Methods that all sheets share.

    def rest(self, rows: list[int]) -> list[int]:
        """Return the groups that have no line, nor another one of their outer key."""
        groups = self.groups
        if not groups.outer:
            mine = {*self.shown}
            return [i for i in rows if i not in mine]
        shown = {groups.outer_of[i] for i in self.shown}
        return [i for i in rows if groups.outer_of[i] not in shown]

    def keys_of(self, rows: list[int]) -> int:
        """Return how many keys of the outermost level these groups have."""
        groups = self.groups
        return len({groups.outer_of[i] for i in rows} if groups.outer else rows)

    def nest(self, rows: list[int], marks: list[str]) -> list[str]:
        """Add the lines of the outer level; return the marks of all lines."""
        groups = self.groups
        of = groups.outer_of
        names = self.columns[self.label]
        names[:] = [f"  {name}" for name in names]
        made = [*marks]
        for at in range(len(self.shown) - 1, -1, -1):
            outer = of[self.shown[at]]
            whole = [i for i in rows if of[i] == outer]
            if at + 1 == len(self.shown) or of[self.shown[at + 1]] != outer:
                mine = {i for i in self.shown if of[i] == outer}
                left = [i for i in whole if i not in mine]
                if left:
                    self.add(left, f"  … {len(left)} more", at + 1)
                    made.insert(at + 1, FAINT)
            if at == 0 or of[self.shown[at - 1]] != outer:
                words = safe(group_label(groups, self.shown[at], wide=self.wide))
                self.add(whole, words, at)
                self._put_count(at, groups.outer_processes[outer])
                made.insert(at, BOLD)
        return made

    def _put_count(self, at: int, processes: int) -> None:
        for head, column in zip(self.heads, self.columns, strict=True):
            if head.title == "PROCESSES":
                column[at] = str(processes)

    def add(self, rows: Sequence[int], words: str, at: int | None = None) -> None:
        """Add a line that sums up these groups, at the end or before line `at`."""
        groups = self.groups
        cells = [
            self.human(
                name, groups.total(name, rows), partial=groups.is_partial(name, rows)
            )
            for name in self._names
        ]
        cells += self.counts(rows)
        self.insert(cells, words, at)

    def _amounts(self, name: str) -> list[str]:
        groups = self.groups
        if groups.is_partial(name, self.shown):
            return [
                self.human(
                    name, groups.value(name, i), partial=groups.missing[name][i] > 0
                )
                for i in self.shown
            ]
        amounts = [groups.amounts[name][i] for i in self.shown]
        # Many amounts are equal, so each cell is made once.
        cells = {kb: self.human(name, kb) for kb in set(amounts)}
        return [cells[kb] for kb in amounts]


def _title(name: str) -> str:
    return TITLES.get(name) or name.removesuffix("_kb").upper()


def who(target: Target) -> str:
    """Return the words for a target: its process or file, and its name."""
    process = f"process {target.pid}" if target.pid is not None else target.file
    return " ".join(filter(None, (process, target.name)))
