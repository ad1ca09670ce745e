"""The options of the command line: one table, and a parser that goes by the table."""

from __future__ import annotations

from memc.cli.root import default_proc
from memc.cli.usage import UnknownOptionError, UsageError, one_word
from memc.human.numbers import (
    milliseconds,
    number,
    number_or_zero,
    path,
    percentage,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    Setting: TypeAlias = int | str | bool | None

__all__ = ["OPTIONS", "Option", "Request", "parse"]


SHELLS = ("bash", "zsh", "fish")


def _shell(text: str) -> str:
    """Return the name of a shell.  Raises ValueError for another word."""
    if text not in SHELLS:
        raise ValueError(f"{', '.join(SHELLS[:-1])} or {SHELLS[-1]}")
    return text


class Option:
    """An option: its names, its value and its help; a switch has no `metavar`.

    `words` are values that a shell offers.

    `read` turns a text into the value.  It raises ValueError, which says what was
    expected.
    """

    __slots__ = ("default", "help", "metavar", "names", "read", "words")

    def __init__(
        self,
        *names: str,
        help: str,  # noqa: A002 - argparse calls it so, too
        metavar: str = "",
        read: Callable[[str], Setting] = str,
        default: Setting = False,
        words: tuple[str, ...] = (),
    ) -> None:
        self.names = names
        self.help = help
        self.metavar = metavar
        self.read = read
        self.default = default
        self.words = words

    @property
    def attribute(self) -> str:
        """The name of the attribute of a Request."""
        return self.names[0].lstrip("-").replace("-", "_")


DETAILS = ("rss", "uss", "pss", "totals", "smaps")
# What other commands call the same thing; the help has one word for it.
DETAIL = "--detail"
ALSO = {"--private": "--uss"}

OPTIONS = (
    Option("--all", help="read every process, instead of one"),
    Option("--smaps", help="read every field of smaps; this can stall a large process"),
    Option("--rss", help="read resident and swapped memory, without that stall"),
    Option("--uss", help="as --rss, and the memory that only this process maps"),
    Option("--pss", help="as --uss, and PSS; large ones need root (CAP_SYS_ADMIN)"),
    Option(
        "--totals",
        help="read no regions, only the totals in status and statm;\n"
        "--totals --smaps adds PSS and USS",
    ),
    Option(
        "--max-stall",
        metavar="TIME",
        read=milliseconds,
        default=None,
        help="with --smaps, read a process as with --rss if smaps may\n"
        "stall it for longer (--totals --smaps: as --totals);\n"
        "50ms, 1s; a bare number is in milliseconds",
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
        metavar="TIME",
        read=milliseconds,
        default=1000,
        help="time between two samples: 500ms, 10s, 2m, 1h; a bare\n"
        "number is in milliseconds (default: 1s)",
    ),
    Option(
        "--count",
        metavar="N",
        read=number_or_zero,
        default=1,
        help="number of samples; 0 means until SIGINT, SIGTERM or SIGHUP\n(default: 1)",
    ),
    Option(
        "--duty",
        metavar="PCT",
        read=percentage,
        default=None,
        help="make the interval longer, so that memc takes at most\nPCT % of a CPU",
    ),
    Option(
        "--incremental",
        help="do not read again what no thread has run in since the\n"
        "sample before; as_of_ms says when it was read",
    ),
    Option("--compact", help="print each document on one line, without blanks"),
    Option(
        "--skip-kernel",
        help="with --all, leave out processes that have no memory of\n"
        "their own (kernel threads, zombies)",
    ),
    Option(
        "--proc",
        metavar="PATH",
        read=path,
        default="/proc",
        help="read another root than /proc: a host's /proc, or a copy\n"
        "(default: MEMC_PROC in the environment, else /proc)",
    ),
    Option(
        "--jobs",
        metavar="N",
        read=number,
        default=None,
        help="with --all, number of threads that read\n"
        "(default: the CPUs that memc may use)",
    ),
    Option(
        "--completion",
        metavar="SHELL",
        read=_shell,
        default=None,
        words=SHELLS,
        help="print what makes a shell complete the words of memc:\nbash, zsh or fish",
    ),
    Option("--version", "-v", help="print the version"),
    Option("--help", "-h", help="print this help"),
)


class Request:
    """What the command line asks for: the targets, and an attribute for each option."""

    if TYPE_CHECKING:
        all: bool
        smaps: bool
        rss: bool
        uss: bool
        pss: bool
        totals: bool
        max_stall: int | None
        full: bool
        output: str | None
        interval: int
        count: int
        duty: int | None
        incremental: bool
        compact: bool
        skip_kernel: bool
        proc: str
        jobs: int | None
        completion: str | None
        version: bool
        help: bool

    def __init__(self) -> None:
        self.targets: list[str] = []
        for option in OPTIONS:
            setattr(self, option.attribute, option.default)
        self.proc = default_proc()
        self.named: list[str] = []  # the details that --detail named

    @property
    def pid(self) -> int:
        """The pid of the process to read."""
        return number(self.targets[0])

    @property
    def detail(self) -> str:
        """The detail that the options choose."""
        chosen = [name for name in DETAILS if getattr(self, name)]
        return "rollup" if len(chosen) > 1 else chosen[0] if chosen else "maps"

    def name_detail(self, word: str) -> None:
        """Choose a detail by the word that ``memc show --detail`` has for it.

        Raises ValueError for another word.
        """
        name = one_word(word)
        if name not in ("maps", *DETAILS):
            raise ValueError(f"maps, {', '.join(DETAILS[:-1])} or {DETAILS[-1]}")
        self.named.append(name)
        if name != "maps":
            setattr(self, name, True)


def parse(argv: list[str]) -> Request:
    """Read and check `argv`.  Raises UsageError, which says what is wrong."""
    request = Request()
    words = iter(argv)
    for word in words:
        if word == "--":
            request.targets += words
        elif _is_option(word):
            _take(request, word, words)
            if request.help or request.version or request.completion:
                return request
        else:
            request.targets.append(word)
    _check_targets(request)
    _check_together(request)
    return request


def _is_option(word: str) -> bool:
    # "-5" is read as a number, and then refused; "-" is no option either.
    return word.startswith("-") and word != "-" and not word[1:].isdigit()


def _take(request: Request, word: str, words: Iterator[str]) -> None:
    """Set the option named by `word`; its value may be the next of `words`."""
    name, given, value = (
        word.partition("=") if word.startswith("--") else (word, "", "")
    )
    name = ALSO.get(name, name)
    is_detail = name == DETAIL
    option = None if is_detail else _find(name)
    if option is not None and not option.metavar:
        if given:
            raise UsageError(f"option {name} takes no value")
        setattr(request, option.attribute, True)
        return
    if not given:
        value_or_none = next(words, None)
        if value_or_none is None:
            metavar = "WHAT" if option is None else option.metavar
            raise UsageError(f"option {name} needs a value: {name} {metavar}")
        value = value_or_none
    try:
        if option is None:
            request.name_detail(value)
        else:
            setattr(request, option.attribute, option.read(value))
    except ValueError as error:
        raise UsageError(f"option {name}: expected {error}, not '{value}'") from None


def _find(name: str) -> Option:
    for option in OPTIONS:
        if name in option.names:
            return option
    raise UnknownOptionError(name)


def _check_targets(request: Request) -> None:
    targets = request.targets
    for target in targets:
        try:
            number(target)
        except ValueError as error:
            from memc.cli.commands import COMMANDS
            from memc.cli.words import for_target

            is_command = target in COMMANDS
            hint = f"; memc {target} is a command, which comes before options and pids"
            hint = hint if is_command else for_target(target)
            words = f"pid: expected {error}, not '{target}'{hint}"
            raise UsageError(words) from None
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
    if chosen and "maps" in request.named:
        raise UsageError(f"--detail maps and {chosen[0]} exclude each other")
    if len(chosen) > 1 and chosen != ["--totals", "--smaps"]:
        raise UsageError(f"{chosen[0]} and {chosen[1]} exclude each other")
    if request.max_stall is not None and not request.smaps:
        raise UsageError("--max-stall needs --smaps: nothing else holds up a process")
    _check_needs(request)


def _check_needs(request: Request) -> None:
    samples = "needs --count 2 or more: it is for more than one sample"
    for name, is_met, words in (
        ("skip_kernel", request.all, "needs --all"),
        ("jobs", request.all, "needs --all"),
        ("duty", request.count != 1, samples),
        ("incremental", request.count != 1, samples),
    ):
        if getattr(request, name) and not is_met:
            raise UsageError(f"--{name.replace('_', '-')} {words}")
