"""The groups of ``memc show`` as a table for people."""

from __future__ import annotations

from memc.cli.output import STDOUT
from memc.groups import MAIN
from memc.table_text import Head, Style, fit, human, safe, table, terminal_width

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from memc.groups import Groups
    from memc.targets import Target

__all__ = ["text"]

TITLES = {name: word.upper() for word, name in MAIN.items()}
# What is left out first where a terminal is narrow; the address tells a SIZE, too.
RANKS = {
    "RSS": 1,
    "SIZE": 2,
    "PRIVATE": 3,
    "PROCESSES": 4,
    "REGIONS": 5,
    "SWAP": 6,
    "AREA": 7,
    "PERM": 8,
}
LARGE = 10  # percent of all from which a line stands out
BOLD, FAINT, YELLOW = "1", "2", "33"

SHARED_PSS = (
    "PSS divides what processes share among them: its sums count nothing twice.",
    "RSS and SIZE count it in each of them.",
)
SHARED = (
    "What processes share is counted in each of them: these sums are more than there",
    "is.  PSS would divide it, which takes --detail smaps.",
)
PARTIAL = "+ not all of it is known"
GUESS = "? a guess, by the looks of regions: --wide tells which"
HUGE = "Pages of hugetlb are in no RSS and no PSS: --wide has columns of their own."


def text(
    groups: Groups, rows: list[int], *, sort: str, top: int | None, wide: bool
) -> str:
    """Return the table of these groups, the total over all, and what it means.

    `rows` are all groups in order, of which `top` are shown; those that hold much of
    the amount `sort` stand out.
    """
    if not rows:
        return "no regions\n"
    style = Style(STDOUT)
    shown, rest = rows[:top], rows[len(rows[:top]) :]
    large = (groups.total(sort) or 1) * LARGE
    marks = [YELLOW * (groups.amounts[sort][i] * 100 >= large) for i in shown]
    sheet = _Sheet(groups, shown, wide=wide)
    if rest:
        sheet.add(rest, f"… {len(rest)} more")
        marks.append(FAINT)
    sheet.add(rows, _total(groups))
    width = None if wide else terminal_width(STDOUT)
    hidden = sheet.fit(width, TITLES[sort])
    lines = table(
        sheet.heads, sheet.columns, width=width, style=style, marks=[*marks, BOLD]
    )
    notes = (style(line, FAINT) for line in (*hidden, *_footnotes(groups, wide=wide)))
    return "".join(f"{line}\n" for part in (lines, notes) for line in part)


class _Sheet:
    """The columns that these groups need: amounts first, and what they are of last."""

    def __init__(self, groups: Groups, shown: list[int], *, wide: bool) -> None:
        self._groups = groups
        self._names = [name for name in groups.amounts if _is_there(groups, name)]
        self.heads: list[Head] = []
        self.columns: list[list[str]] = []
        cells = _Cells()
        for name in self._names:
            title = TITLES.get(name) or name.removesuffix("_kb").upper()
            self._put(title, cells.amounts(groups, name, shown), right=True)
        self._counts = 0
        several = len(groups.targets) > 1
        if groups.by != "region":
            self._counts += 1
            counts = [str(groups.regions[i]) for i in shown]
            self._put("REGIONS", counts, right=True)
            if several and groups.by != "process":
                self._counts += 1
                counts = [str(groups.processes[i]) for i in shown]
                self._put("PROCESSES", counts, right=True)
        self._put_labels(shown, several=several)
        if wide and groups.by in ("owner", "region"):
            self._put("WHY", [_why(groups, i) for i in shown])

    def _put(
        self,
        title: str,
        cells: list[str],
        *,
        right: bool = False,
        shrinks: bool = False,
    ) -> None:
        by_region = self._groups.by == "region"
        rank = RANKS.get("AREA" if by_region and title == "SIZE" else title, 0)
        self.heads.append(Head(title, right=right, shrinks=shrinks, rank=rank))
        self.columns.append(cells)

    def _put_labels(self, shown: list[int], *, several: bool) -> None:
        groups = self._groups
        if groups.by == "region":
            keys = [key for i in shown if isinstance(key := groups.keys[i], tuple)]
            if several:
                pids = [_pid(groups.targets[number]) for number, _ in keys]
                self._put("PID", pids, right=True)
            self._put_regions(shown, keys)
        elif groups.by == "process":
            numbers = [key for i in shown if isinstance(key := groups.keys[i], int)]
            targets = [groups.targets[number] for number in numbers]
            self._put("PID", [_pid(target) for target in targets], right=True)
            names = [safe(target.name or target.file or "") for target in targets]
            self._put("NAME", names, shrinks=True)
        else:
            keys_ = [safe(str(groups.keys[i])) for i in shown]
            if groups.by == "owner":
                keys_ = [
                    f"{key}{'?' * _is_guess(groups, i)}"
                    for key, i in zip(keys_, shown, strict=True)
                ]
            self._put(groups.by.upper(), keys_, shrinks=groups.by == "path")

    def _put_regions(self, shown: list[int], keys: list[tuple[int, int]]) -> None:
        groups = self._groups
        columns = [target.table.columns for target in groups.targets]
        starts = [column["start"].values for column in columns]
        ends = [column["end"].values for column in columns]
        perms = [list(column["perm"]) for column in columns]
        names = [list(column["pathname"]) for column in columns]
        owners = [owner for i in shown for owner in groups.owners[i]]
        spans = [f"{starts[n][row]:x}-{ends[n][row]:x}" for n, row in keys]
        self._put("ADDRESS", spans)
        self._put("PERM", [str(perms[n][row]) for n, row in keys])
        self._put("OWNER", [f"{owner.owner}{'?' * owner.guess}" for owner in owners])
        called = [
            safe(str(names[n][row] or owner.label))
            for (n, row), owner in zip(keys, owners, strict=True)
        ]
        self._put("NAME", called, shrinks=True)

    def fit(self, width: int | None, sort: str) -> list[str]:
        """Leave out what does not fit, and say so; what is sorted by stays."""
        for head in self.heads:
            head.rank *= head.title != sort
        kept = fit(self.heads, self.columns, width)
        titles = [head.title for i, head in enumerate(self.heads) if i not in kept]
        self.heads = [self.heads[i] for i in kept]
        self.columns = [self.columns[i] for i in kept]
        return [f"{' '.join(titles)}: no room here, see --wide"] if titles else []

    def add(self, rows: Sequence[int], words: str) -> None:
        """Add a line for many groups at once."""
        groups = self._groups
        cells = [
            human(groups.total(name, rows), partial=groups.is_partial(name, rows))
            for name in self._names
        ]
        counts = [str(sum(groups.regions[i] for i in rows)), ""]
        cells += counts[: self._counts]
        cells += [""] * (len(self.columns) - len(cells))
        rights = [head.right for head in self.heads]
        cells[rights.index(False)] = words
        for column, cell in zip(self.columns, cells, strict=True):
            column.append(cell)


class _Cells(dict[int, str]):
    """Amounts as people read them, each made once: many are equal."""

    def __missing__(self, amount: int) -> str:
        self[amount] = human(amount)
        return self[amount]

    def amounts(self, groups: Groups, name: str, rows: list[int]) -> list[str]:
        """Return the cells of a column."""
        if not groups.is_partial(name, rows):
            amounts = groups.amounts[name]
            return [self[amounts[i]] for i in rows]
        return [
            human(groups.value(name, i), partial=groups.missing[name][i] > 0)
            for i in rows
        ]


def _why(groups: Groups, i: int) -> str:
    return ", ".join(sorted({owner.why for owner in groups.owners[i]}))


def _is_guess(groups: Groups, i: int) -> bool:
    return any(owner.guess for owner in groups.owners[i])


def _pid(target: Target) -> str:
    return "-" if target.pid is None else str(target.pid)


def _is_there(groups: Groups, name: str) -> bool:
    """Tell whether any table has this amount, be it not known."""
    if name == "private_kb" and groups.is_known(name):
        return True
    return any(name in target.table.columns for target in groups.targets)


def _total(groups: Groups) -> str:
    count = len(groups.targets)
    if count > 1:
        return f"total, {count} processes"
    target = groups.targets[0]
    who = f"process {target.pid}" if target.pid is not None else target.file
    return safe(" ".join(filter(None, ("total,", who, target.name))))


def _footnotes(groups: Groups, *, wide: bool) -> Iterator[str]:
    if len(groups.targets) > 1:
        yield from SHARED_PSS if groups.is_known("pss_kb") else SHARED
    known = [name for name in groups.amounts if groups.is_known(name)]
    if any(groups.is_partial(name, range(len(groups))) for name in known):
        yield PARTIAL
    owners = set().union(*groups.owners)
    is_guess = any(owner.guess for owner in owners)
    if is_guess and not wide and groups.by in ("owner", "region"):
        yield GUESS
    if any(owner.owner == "hugetlb" for owner in owners) and "rss_kb" in known:
        yield HUGE
