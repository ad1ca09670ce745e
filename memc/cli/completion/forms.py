"""The command lines of memc as a shell completes them, read from the parsers.

What an option takes is said where the option is declared: by its `choices` or `words`,
by its metavar if that is one of `OF_METAVAR`, or else by `completes`.
"""

from __future__ import annotations

import re

from memc.cli.collect.options import OPTIONS
from memc.cli.commands import COMMANDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from memc.cli.collect.options import Option as PlainOption
    from memc.cli.common.parser import Parser
    from memc.cli.common.quick import Option

__all__ = ["KINDS", "OF_METAVAR", "Form", "Row", "Value", "forms", "is_said"]

# What the scripts look up when TAB is pressed; each has a function for each.
KINDS = ("pid", "name", "user", "cgroup", "container", "file", "folder")
# The kind of value that a metavar stands for, "" if there is nothing to offer.
OF_METAVAR = {
    "PID": "pid",
    "TARGET": "pid|file",
    "NAME|UID": "user",
    "FILE": "file",
    "OUT": "file",
    "PATH": "folder",
    "LAKE": "folder",
    **dict.fromkeys(
        (
            *("AMOUNT", "DATE", "GLOB", "HOST:PORT", "N", "N%", "NAME=VALUE", "PCT"),
            *("RATE", "REGEX", "SIZE", "SQL", "T1", "T2", "TIME", "URL", "WHEN"),
        ),
        "",
    ),
}
HELP_MIN, HELP_MAX = 14, 60


class Value:
    """What one word of a command line may be: of some kinds, or one of some words.

    `several` words may stand in a list with commas.  `name` is what the help calls it.
    """

    __slots__ = ("kinds", "name", "several", "words")

    def __init__(
        self,
        kinds: str = "",
        words: Iterable[str] = (),
        *,
        several: bool = False,
        name: str = "",
    ) -> None:
        self.kinds = [kind for kind in kinds.split("|") if kind]
        self.words = [*words]
        self.several = several
        self.name = name or "value"


class Row:
    """An option: its names, and a value for each word that it takes.

    `optional` tells whether the value may be left out.  `others` are the options that
    it excludes; it excludes itself unless it may be `repeated`.
    """

    __slots__ = ("help", "names", "optional", "others", "repeated", "values")

    def __init__(self, names: Iterable[str], text: str, values: list[Value]) -> None:
        self.names = [*names]
        self.help = _short(text)
        self.values = values
        self.optional = False
        self.repeated = False
        self.others: list[str] = []


class Form:
    """A sub-command, or the command line without one, whose name is "".

    `steps` say what the targets are, the last of them also those that follow; `behind`
    says that of the third, by the first.  `runs` tells whether a command may follow.
    """

    __slots__ = ("behind", "line", "name", "rows", "runs", "steps")

    def __init__(self, name: str, line: str, rows: list[Row]) -> None:
        self.name = name
        self.line = line
        self.rows = rows
        self.steps: list[Value] = []
        self.behind: dict[str, Value] = {}
        self.runs = False


def forms() -> list[Form]:
    """Return all forms, the plain one first."""
    plain = Form("", "", [_plain_row(option) for option in OPTIONS])
    plain.steps = [Value("pid")]
    parsers = {name: COMMANDS[name].module().parser() for name in COMMANDS}
    return [plain, *(_form(name, made) for name, made in parsers.items())]


def is_said(option: Option) -> bool:
    """Tell whether it is said what completes the value of an option or a target."""
    if option.completes is not None or option.words:
        return True
    metavar = str(option.how.get("metavar") or "")
    return bool(metavar) and None not in map(_kinds, _parts(metavar))


def _form(name: str, made: Parser) -> Form:
    rows = [Row(["-h", "--help"], "show the help", [])]
    rows += [_row(option) for option in made.options if option.names[0][0] == "-"]
    form = Form(name, COMMANDS[name].line, rows)
    for option in made.options:
        if option.names[0][0] != "-":
            form.steps = _values(option)
    form.behind = {word: _behind(told) for word, told in made.behind.items()}
    form.runs = made.runs
    return form


def _behind(told: str | tuple[str, ...]) -> Value:
    return Value(told) if isinstance(told, str) else Value(words=told)


def _plain_row(option: PlainOption) -> Row:
    words = option.words
    kind = "" if words else _kinds(option.metavar) or ""
    values = [Value(kind, words, name=option.metavar)] if option.metavar else []
    return Row(option.names, option.help, values)


def _row(option: Option) -> Row:
    takes_value = not option.action.startswith("store_")
    text = str(option.how.get("help") or "").replace("%%", "%")
    row = Row(option.names, text, _values(option) if takes_value else [])
    row.optional = option.how.get("nargs") == "?"
    row.repeated = option.action == "append"
    if not option.group.title:
        rest = [o for o in option.group.options if o.group is option.group]
        row.others = [name for o in rest if o is not option for name in o.names]
    return row


def _values(option: Option) -> list[Value]:
    """Return what each word of the value of an option is, or each target."""
    words, several = option.words, option.several
    metavar = str(option.how.get("metavar") or "")
    if option.completes is not None:
        return [Value(option.completes, words, several=several, name=metavar)]
    made = []
    for part in _parts(metavar) or [""]:
        kinds = _kinds(part) or ""
        made.append(Value(kinds, words, several=several, name=part))
        words = ()
    return made


def _parts(metavar: str) -> list[str]:
    """Return the words that a metavar stands for: FILE [PID] are two.

    Words are alternatives, as in AMOUNT|N%, if the whole is none of `OF_METAVAR`.
    """
    parts = [part for part in re.split(r"[\s\[\]]+|\.\.\.$", metavar) if part]
    return [part if _kinds(part) is not None else part.split("|")[0] for part in parts]


def _kinds(part: str) -> str | None:
    """Return the kinds that a part of a metavar stands for; that of OUT.html is OUT."""
    return OF_METAVAR.get(part.partition(".")[0])


def _short(text: str) -> str:
    """Return the begin of a help, up to where it goes into details."""
    line = " ".join(text.split())
    first = re.split(r"; | \(|: |\. ", line)[0].strip()
    line = first if len(first) >= HELP_MIN else line
    return line if len(line) <= HELP_MAX else f"{line[:HELP_MAX].rsplit(' ', 1)[0]}…"
