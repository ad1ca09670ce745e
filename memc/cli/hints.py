"""What the user may have meant by an option that a command does not have."""

from __future__ import annotations

from memc.cli.collect.options import OPTIONS
from memc.cli.commands import COMMANDS, parser_of
from memc.cli.usage import PLAIN, closest, did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from memc.cli.usage import UnknownOptionError

__all__ = ["for_option"]


def for_option(error: UnknownOptionError) -> str:
    """Return a hint for an option: the closest one, or whose option it is."""
    name = error.name
    others = _options()
    own = others.pop(error.command)
    owners = [words for words, names in others.items() if name in names]
    if owners:
        return f": {name} is an option of {_and(owners)}"
    return _closest(name, own, others)


def _options() -> dict[str, list[str]]:
    """Return the options of the command line and of each sub-command."""
    found = {PLAIN: [name for option in OPTIONS for name in option.names]}
    for name in COMMANDS:
        found[f"memc {name}"] = [
            name
            for action in parser_of(name)._actions
            for name in action.option_strings
        ]
    return found


def _closest(name: str, own: list[str], others: dict[str, list[str]]) -> str:
    """Return a hint with the closest option, also of another command; or ""."""
    if sum(option.startswith(name) for option in own) == 1:
        return did_you_mean(name, own)
    known = {option for names in others.values() for option in names}
    close = closest(name, sorted(known.union(own)))
    if close is None or close in own:
        return did_you_mean(name, own)
    owners = [words for words, names in others.items() if close in names]
    return f": did you mean '{close}', an option of {_and(owners)}?"


def _and(words: Sequence[str]) -> str:
    """Return "a", "a and b" or "a, b and c"."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
