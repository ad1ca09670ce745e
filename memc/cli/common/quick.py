"""Command lines that need no thought, read without argparse: it takes 10 ms to load.

Options are declared as for argparse, which gets the same declarations if a command line
is wrong or unusual, so that it alone knows what is unusual and what to say of it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any, TypeAlias

    How: TypeAlias = Any  # what argparse takes
else:

    class Namespace:
        def __init__(self, **values: object) -> None:
            self.__dict__.update(values)


__all__ = ["Group", "Namespace", "Option", "read"]

FIXED = {"store_true": True, "store_false": False}


class Group:
    """Options under a title of the help; without a title, only one may be given."""

    def __init__(self, title: str, options: list[Option]) -> None:
        self.title = title
        self.options = options

    def add_argument(
        self,
        *names: str,
        completes: str | None = None,
        words: Iterable[str] = (),
        several: bool = False,
        **how: How,
    ) -> None:
        """Declare an option, or the targets, as for argparse.

        What a shell may complete its value with is what `metavar` stands for, or else
        `completes`, kinds such as "pid|file" ("" for nothing), and these `words`;
        `several` of them may stand in a list with commas.
        """
        option = Option(self, names, how)
        option.completes = completes
        option.words = (*(option.choices or ()), *words)
        option.several = several
        self.options.append(option)


class Option:
    """An option of a sub-command, or its targets."""

    __slots__ = (
        "action",
        "choices",
        "completes",
        "default",
        "dest",
        "group",
        "how",
        "names",
        "read",
        "several",
        "words",
    )

    def __init__(self, group: Group, names: tuple[str, ...], how: How) -> None:
        self.group = group
        self.names = names
        self.how = how
        self.action: str = how.get("action", "store")
        self.read: Callable[[str], object] = how.get("type", str)
        self.choices = how.get("choices")
        self.completes: str | None = None
        self.words: tuple[str, ...] = ()
        self.several = False
        long = next((name for name in names if name.startswith("--")), names[0])
        self.dest: str = how.get("dest") or long.lstrip("-").replace("-", "_")
        default = how.get("default")
        self.default = self.read(default) if isinstance(default, str) else default
        if self.action in FIXED:
            self.default = not FIXED[self.action]

    def value(self, text: str) -> object:
        """Return what a text stands for.  Raises an error if it is wrong."""
        made = self.read(text)
        if self.choices and made not in self.choices:
            raise ValueError(text)
        return made


def read(options: list[Option], argv: list[str]) -> Namespace | None:
    """Return what the arguments say; None if that is for argparse to tell."""
    try:
        return Namespace(**_read(options, argv))
    except Exception:  # noqa: BLE001 - argparse meets it again, and has the words
        return None


def _read(options: list[Option], argv: list[str]) -> dict[str, How]:
    """Return the values by the names of their attributes.

    Raises an error if anything is wrong or unusual.
    """
    known = {name: option for option in options for name in option.names}
    found: dict[str, How] = {option.dest: option.default for option in options}
    targets: list[str] = []
    is_past_targets = False
    chosen: dict[Group, Option] = {}
    words = iter(argv)
    for word in words:
        if word.startswith("-"):
            is_past_targets = bool(targets)
            option, value = _take(known, word, words)
            first = chosen.setdefault(option.group, option)
            if first is not option and not option.group.title:
                raise ValueError(word)
            if option.action == "append":
                value = [*(found[option.dest] or ()), value]
            found[option.dest] = value
        elif is_past_targets:
            raise ValueError(word)
        else:
            targets.append(word)
    if targets or "targets" in known:
        found[known["targets"].dest] = targets
    return found


def _take(
    known: dict[str, Option], word: str, words: Iterator[str]
) -> tuple[Option, object]:
    """Return an option and its value, which may be the next word."""
    name, given, text = word.partition("=")
    option = known[name]
    if option.action in FIXED:
        if given:
            raise ValueError(word)
        return option, FIXED[option.action]
    if not given:
        text = next(words)
    # argparse takes --top=-1, not "--top -1", and its versions differ on "--top=".
    if text.startswith("-") if not given else not text:
        raise ValueError(word)
    return option, option.value(text)
