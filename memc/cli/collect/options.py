"""The options of the command line: one table, and the parser that reads it."""

from __future__ import annotations

from memc.cli.usage import UsageError, did_you_mean
from memc.human.numbers import number, number_or_zero, path, percentage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    Setting: TypeAlias = int | str | bool | None

__all__ = ["OPTIONS", "Option", "Request", "parse"]


class Option:
    """One option: its names, its value (none for a switch) and its line of help.

    `read` makes the value of a text, and raises ValueError that says what it should be.
    """

    __slots__ = ("default", "help", "metavar", "names", "read")

    def __init__(
        self,
        *names: str,
        help: str,  # noqa: A002 - it is the help
        metavar: str = "",
        read: Callable[[str], Setting] = str,
        default: Setting = False,
    ) -> None:
        self.names = names
        self.help = help
        self.metavar = metavar
        self.read = read
        self.default = default

    @property
    def attribute(self) -> str:
        """The name of the request's attribute."""
        return self.names[0].lstrip("-").replace("-", "_")


DETAILS = ("rss", "uss", "totals", "smaps")

OPTIONS = (
    Option("--all", help="every process, instead of one"),
    Option(
        "--smaps", help="read every field of smaps, which holds up the process longer"
    ),
    Option(
        "--rss", help="what is resident and swapped, without holding up the process"
    ),
    Option("--uss", help="that, and what is mapped by this process alone"),
    Option(
        "--totals",
        help="no regions, only what status and statm tell; with --smaps beside it\n"
        "PSS and USS too",
    ),
    Option(
        "--max-stall",
        metavar="MS",
        read=number,
        default=None,
        help="with --smaps, read a process that it may hold up for longer with\n"
        "--rss instead (--totals --smaps: with --totals)",
    ),
    Option("--full", help="print every column, not only the main ones"),
    Option(
        "--output",
        "-o",
        metavar="FILE",
        read=path,
        default=None,
        help="write to FILE, whole or not at all (default: stdout)",
    ),
    Option(
        "--interval",
        metavar="MS",
        read=number,
        default=1000,
        help="milliseconds from one sample to the next (default: 1000)",
    ),
    Option(
        "--count",
        metavar="N",
        read=number_or_zero,
        default=1,
        help="how many samples; 0: until SIGINT or SIGTERM (default: 1)",
    ),
    Option(
        "--duty",
        metavar="PCT",
        read=percentage,
        default=None,
        help="samples: take at most PCT % of one CPU, by a longer interval",
    ),
    Option("--compact", help="one line, without blanks, instead of indented"),
    Option(
        "--skip-kernel",
        help="with --all, leave out processes that have no memory of their own\n"
        "(kernel threads, zombies)",
    ),
    Option(
        "--proc",
        metavar="PATH",
        read=path,
        default="/proc",
        help="another root than /proc: a host's, or a copy",
    ),
    Option(
        "--jobs",
        metavar="N",
        read=number,
        default=None,
        help="with --all, how many threads read (default: the CPUs we may use)",
    ),
    Option("--version", "-v", help="print the version"),
    Option("--help", "-h", help="print this"),
)


class Request:
    """What the command line asks for: the target, and one attribute an option."""

    if TYPE_CHECKING:
        all: bool
        smaps: bool
        rss: bool
        uss: bool
        totals: bool
        max_stall: int | None
        full: bool
        output: str | None
        interval: int
        count: int
        duty: int | None
        compact: bool
        skip_kernel: bool
        proc: str
        jobs: int | None
        version: bool
        help: bool

    def __init__(self) -> None:
        self.targets: list[str] = []
        for option in OPTIONS:
            setattr(self, option.attribute, option.default)

    @property
    def pid(self) -> int:
        """The process to read."""
        return number(self.targets[0])

    @property
    def detail(self) -> str:
        """What is read of a process."""
        chosen = [name for name in DETAILS if getattr(self, name)]
        return "rollup" if len(chosen) > 1 else chosen[0] if chosen else "maps"


def parse(argv: list[str]) -> Request:
    """Return what `argv` asks for, checked; UsageError says what is wrong with it."""
    request = Request()
    words = iter(argv)
    for word in words:
        if word == "--":
            request.targets += words
        elif _is_option(word):
            _take(request, word, words)
            if request.help or request.version:
                return request
        else:
            request.targets.append(word)
    _check_targets(request)
    _check_together(request)
    return request


def _is_option(word: str) -> bool:
    # "-5" is a number that is not positive, "-" is no option either.
    return word.startswith("-") and word != "-" and not word[1:].isdigit()


def _take(request: Request, word: str, words: Iterator[str]) -> None:
    """Set the option that `word` is, which may take its value from `words`."""
    name, given, value = (
        word.partition("=") if word.startswith("--") else (word, "", "")
    )
    option = _find(name)
    if not option.metavar:
        if given:
            raise UsageError(f"option {name} takes no value")
        setattr(request, option.attribute, True)
        return
    if not given:
        value_or_none = next(words, None)
        if value_or_none is None:
            raise UsageError(f"option {name} needs a value: {name} {option.metavar}")
        value = value_or_none
    try:
        setattr(request, option.attribute, option.read(value))
    except ValueError as error:
        raise UsageError(f"option {name}: expected {error}, not '{value}'") from None


def _find(name: str) -> Option:
    for option in OPTIONS:
        if name in option.names:
            return option
    known = [name for option in OPTIONS for name in option.names]
    raise UsageError(f"unknown option '{name}'{did_you_mean(name, known)}")


def _check_targets(request: Request) -> None:
    targets = request.targets
    for target in targets:
        try:
            number(target)
        except ValueError as error:
            also = "" if target.lstrip("-").isdigit() else " (files: memc show)"
            raise UsageError(f"pid: expected {error}, not '{target}'{also}") from None
    if request.all and targets:
        raise UsageError(f"a pid ({targets[0]}) and --all exclude each other")
    if len(targets) > 1:
        raise UsageError(
            f"one pid at a time, not {len(targets)}: use --all for every one"
        )
    if not targets and not request.all:
        raise UsageError("which process? give its pid, or --all")


def _check_together(request: Request) -> None:
    chosen = [f"--{name}" for name in DETAILS if getattr(request, name)]
    if len(chosen) > 1 and chosen != ["--totals", "--smaps"]:
        raise UsageError(f"{chosen[0]} and {chosen[1]} exclude each other")
    if request.max_stall is not None and not request.smaps:
        raise UsageError("--max-stall needs --smaps: nothing else holds up a process")
    if request.duty is not None and request.count == 1:
        raise UsageError("--duty needs --count: it is for more than one sample")
