"""JSON for other programs, in kB: the parts that show, diff and check share."""

from __future__ import annotations

from memc.analysis.document import people, regions, who
from memc.cli.common.labels import label, runtimes
from memc.table.document import dumps, shown_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from memc.analysis.groups import Groups
    from memc.analysis.keys import Key
    from memc.owners import Owner
    from memc.table.document import Json
    from memc.table.snapshot import Skipped
    from memc.targets.target import Found, Target

__all__ = [
    "has_commands",
    "identity",
    "json_of",
    "notes_of",
    "skipped_of",
    "threads_of",
]


def json_of(document: Mapping[str, Json]) -> str:
    """Return the text of a document, and a newline."""
    return dumps(document, pretty=True).decode() + "\n"


def skipped_of(skipped: Iterable[Skipped]) -> list[Json]:
    """Return an object for each process that could not be read."""
    return [
        {"pid": skip.pid, "name": shown_text(skip.name), "reason": skip.reason}
        for skip in skipped
    ]


def notes_of(found: Found) -> list[Json]:
    """Return an object for each note: whose amounts are not whole, and why."""
    from memc.analysis.twice_mapped import note as twice_mapped

    notes: list[Json] = [
        {
            "pid": None,
            "name": None,
            "file": shown_text(path),
            "code": note.code,
            "count": note.count,
            "text": note.text,
        }
        for path, note in found.notes
    ]
    for target in found.targets:
        notes += [
            {**who(target), "code": note.code, "count": note.count, "text": note.text}
            for note in target.table.notes
        ]
        twice = twice_mapped(target)
        notes += [] if twice is None else [who(target) | twice]
    return notes


def identity(
    groups: Groups, rows: list[int], *, commands: bool = False
) -> Mapping[str, Sequence[Json]]:
    """Return the columns that tell these groups apart, by name.

    With `commands`, processes have their command lines.
    """
    columns: dict[str, Sequence[Json]] = {}
    if groups.outer:
        outer = [groups.outer_keys[groups.outer_of[i]] for i in rows]
        columns |= _level(groups, groups.outer, outer, rows, commands=commands)
    keys = [groups.keys[i] for i in rows]
    columns |= _level(groups, groups.by, keys, rows, commands=commands)
    return columns


def _level(
    groups: Groups, level: str, keys: list[Key], rows: list[int], *, commands: bool
) -> dict[str, Sequence[Json]]:
    """Return the columns of the keys on one level."""
    if level == "region":
        return regions(groups, rows)
    if level == "process":
        targets = [groups.targets[key] for key in keys if isinstance(key, int)]
        return people(targets) | (_commands(targets) if commands else {})
    texts = [None if key is None else shown_text(_text(level, key)) for key in keys]
    columns: dict[str, Sequence[Json]] = {level: texts}
    if level == "owner":
        columns["guess"] = [any(o.guess for o in groups.owners[i]) for i in rows]
        columns["why"] = [_words(groups, i, lambda owner: owner.why) for i in rows]
    elif level == "path":
        columns["owners"] = [_words(groups, i, lambda owner: owner.owner) for i in rows]
    elif level == "user":
        columns["uid"] = [key if isinstance(key, int) else None for key in keys]
    elif level == "container":
        made = runtimes(groups)
        columns["runtime"] = [made.get(key) for key in keys]
    return columns


def _text(level: str, key: Key) -> str:
    return label(level, key, wide=True)


def has_commands(targets: Iterable[Target]) -> bool:
    """Tell whether the command line of any process is known."""
    return any(target.facts.arguments is not None for target in targets)


def threads_of(groups: Groups, rows: list[int]) -> list[Json] | None:
    """Return how many threads each process has; None if nobody read it."""
    keys = [groups.keys[i] for i in rows] if groups.by == "process" else []
    targets = [groups.targets[key] for key in keys if isinstance(key, int)]
    threads: list[Json] = [target.facts.threads for target in targets]
    return threads if any(count is not None for count in threads) else None


def _commands(targets: list[Target]) -> dict[str, Sequence[Json]]:
    found = [target.facts.command(target.name) for target in targets]
    return {"command": [None if one is None else shown_text(one.line) for one in found]}


def _words(groups: Groups, i: int, word: Callable[[Owner], str]) -> list[Json]:
    return [*sorted({word(owner) for owner in groups.owners[i]})]
