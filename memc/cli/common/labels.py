"""The keys of groups in words: users by name, containers by 12 digits of their IDs."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.analysis.groups import Groups
    from memc.analysis.keys import Key
    from memc.targets.command import Command
    from memc.targets.target import Target

__all__ = [
    "commands",
    "group_label",
    "key_label",
    "label",
    "level_label",
    "runtimes",
    "title",
]

TITLES = {"cgroup": "CONTROL GROUP", "process": "PROCESS", "region": "REGION"}
NONE_OF = ("container", "pod", "service")
UNKNOWN = "(not known)"
ID = r"[0-9a-f]{12,64}(-\d+)?|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
DIGITS = r"([0-9a-f]-?){11}[0-9a-f]"  # the first 12 of an ID


def title(level: str) -> str:
    """Return the title of the column of a level."""
    return TITLES.get(level, level.upper())


def label(level: str, key: Key, *, wide: bool = False) -> str:
    """Return the words for a key; `wide` keeps IDs and paths whole."""
    if key is None:
        return f"(no {level})" if level in NONE_OF else UNKNOWN
    if level == "user" and isinstance(key, int):
        from memc.human.users import user_name

        return user_name(key)
    text = str(key)
    if level == "cgroup" and not wide:
        return _group(text)
    return _short(text) if level in ("container", "pod") and not wide else text


def group_label(groups: Groups, i: int, *, wide: bool = False) -> str:
    """Return the words for the outer key of group `i`."""
    key = groups.outer_keys[groups.outer_of[i]]
    return level_label(groups, groups.outer or "", key, wide=wide)


def level_label(groups: Groups, level: str, key: Key, *, wide: bool = False) -> str:
    """Return the words for a key on one level of these groups."""
    if isinstance(key, tuple):
        number, row = key
        columns = groups.targets[number].table.columns
        names = ("start", "end", "perm", "pathname")
        start, end, perm, path = (columns[name][row] for name in names)
        return f"{start:x}-{end:x} {perm} {path}".rstrip()
    if level == "process" and isinstance(key, int):
        target = groups.targets[key]
        pid = None if target.pid is None else str(target.pid)
        return " ".join(filter(None, (pid or target.file, target.name)))
    made = runtimes(groups) if level == "container" else {}
    return key_label(level, key, made, wide=wide)


def key_label(
    level: str, key: Key, made: dict[Key, str | None], *, wide: bool = False
) -> str:
    """Return the words for a key, and what made it if it is a container."""
    words = label(level, key, wide=wide)
    runtime = made.get(key)
    return words if runtime in (None, "?") else f"{words} ({runtime})"


def _short(text: str) -> str:
    import re

    match = re.match(DIGITS, text) if re.fullmatch(ID, text) else None
    return text if match is None else match[0]


def _group(path: str) -> str:
    """Return a path in short: the pod, the container, and what is below them."""
    from memc.cgroups.paths import identify

    place = identify(path)
    words = []
    if place.pod is not None:
        words.append(f"pod {_short(place.pod)}")
    if place.container is not None:
        runtime = "container" if place.runtime in (None, "?") else place.runtime
        words.append(f"{runtime} {_short(place.container)}")
    if not words:
        return path
    last = place.container or place.pod or ""
    parts = path.split("/")
    holders = [i for i, part in enumerate(parts) if last in part.replace("_", "-")]
    below = "/".join(["", *parts[holders[-1] + 1 :]]) if holders else ""
    return ", ".join(words) + (f" {below}" if below else "")


def runtimes(groups: Groups) -> dict[Key, str | None]:
    """Return what made each container that a process is in."""
    places = [target.facts.place for target in groups.targets]
    return {place.container: place.runtime for place in places if place.container}


def commands(targets: list[Target], *, wide: bool) -> list[str] | None:
    """Return what each process runs, with `wide` its command line.

    None if no command line is known, or if none says more than the name.
    """
    found = [target.facts.command(target.name) for target in targets]
    pairs = zip(targets, found, strict=True)
    if not any(one is not None and one.short != target.name for target, one in pairs):
        return None
    return ["-" if one is None else _command(one, wide=wide) for one in found]


def _command(command: Command, *, wide: bool) -> str:
    return (command.line if wide else command.short) or command.key
