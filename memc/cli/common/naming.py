"""The columns of a table of groups that tell which groups they are."""

from __future__ import annotations

from memc.cli.common.labels import commands, key_label, runtimes, title
from memc.human.units import safe, width_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from memc.analysis.groups import Groups
    from memc.cli.common.grid import Grid
    from memc.cli.common.look import Look
    from memc.targets.target import Target

__all__ = ["put_names", "put_why"]


def put_names(
    grid: Grid,
    groups: Groups,
    shown: list[int],
    *,
    look: Look,
    span: Callable[[int, int, int], str],
) -> None:
    """Add the columns that name the `shown` groups.

    `span` makes the address of a group, whose first region is from here to there.
    """
    if groups.by == "region":
        _put_regions(grid, groups, shown, span)
    elif groups.by == "process":
        numbers = [key for i in shown if isinstance(key := groups.keys[i], int)]
        targets = [groups.targets[number] for number in numbers]
        grid.put("PID", [_pid(target) for target in targets], right=True)
        names = _safe([target.name or target.file or "" for target in targets])
        lines = commands(targets, wide=look.wide)
        is_short = lines is not None and max(map(width_of, names), default=0) <= 15
        grid.put("NAME", names, shrinks=not is_short)
        if lines is None and look.asks_for("command"):
            lines = names
        if lines is not None:
            grid.put("COMMAND", _safe(lines), shrinks=True)
    else:
        made = runtimes(groups) if groups.by == "container" else {}
        keys_ = [
            safe(key_label(groups.by, groups.keys[i], made, wide=look.wide))
            for i in shown
        ]
        if groups.by == "owner":
            keys_ = [
                f"{key}{'?' * _has_guess(groups, i)}"
                for key, i in zip(keys_, shown, strict=True)
            ]
        is_long = groups.by in ("path", "name", "command", "cgroup", "service")
        grid.put(title(groups.by), keys_, shrinks=is_long)


def _put_regions(
    grid: Grid,
    groups: Groups,
    shown: list[int],
    span: Callable[[int, int, int], str],
) -> None:
    keys = [key for i in shown if isinstance(key := groups.keys[i], tuple)]
    if groups.process_count > 1:
        pids = [_pid(groups.targets[number]) for number, _ in keys]
        grid.put("PID", pids, right=True)
    columns = [target.table.columns for target in groups.targets]
    starts = [column["start"].values for column in columns]
    ends = [column["end"].values for column in columns]
    perms = [list(column["perm"]) for column in columns]
    names = [list(column["pathname"]) for column in columns]
    owners = [owner for i in shown for owner in groups.owners[i]]
    spans = [
        span(i, starts[n][row], ends[n][row])
        for i, (n, row) in zip(shown, keys, strict=True)
    ]
    grid.put("ADDRESS", spans)
    grid.put("PERM", [str(perms[n][row]) for n, row in keys])
    grid.put("OWNER", [f"{owner.owner}{'?' * owner.guess}" for owner in owners])
    called = [
        safe(str(names[n][row] or owner.label))
        for (n, row), owner in zip(keys, owners, strict=True)
    ]
    grid.put("NAME", called, shrinks=True)


def put_why(grid: Grid, groups: Groups, shown: list[int]) -> None:
    """Add the column that says how owners were found, if groups are of owners."""
    if groups.by in ("owner", "region"):
        grid.put("WHY", [_why(groups, i) for i in shown])


def _has_guess(groups: Groups, i: int) -> bool:
    """Tell whether an owner of a group is a guess."""
    return any(owner.guess for owner in groups.owners[i])


def _why(groups: Groups, i: int) -> str:
    return ", ".join(sorted({owner.why for owner in groups.owners[i]}))


def _safe(texts: list[str]) -> list[str]:
    """Make texts safe, each once: many processes are called alike."""
    made = {text: safe(text) for text in set(texts)}
    return [made[text] for text in texts]


def _pid(target: Target) -> str:
    return "-" if target.pid is None else str(target.pid)
