"""The sub-commands: each is a folder of ``memc.cli`` and one entry of `COMMANDS`."""

from __future__ import annotations

from memc.cli.output import say
from memc.cli.usage import UsageError, did_you_mean
from memc.errors import MemcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from memc.cli.common.full_parser import FullParser

__all__ = ["COMMANDS", "Command", "check_word", "parser_of", "run"]


class Command:
    """A sub-command; its code is in the folder of ``memc.cli`` with the same name.

    `line` is its help in one line.  `failure` is the exit status if it fails.  `needs`
    has the packages that it needs, each with the extra of memc that installs it.
    `missing` is the exit status if it runs without one, if that is not `failure`.
    """

    __slots__ = ("failure", "line", "missing", "name", "needs")

    def __init__(
        self,
        name: str,
        line: str,
        failure: int = 1,
        needs: Mapping[str, str] | None = None,
        *,
        missing: int | None = None,
    ) -> None:
        self.name = name
        self.line = line
        self.failure = failure
        self.needs = needs or {}
        self.missing = missing

    def module(self) -> ModuleType:
        """Import its module.  Raises MemcError if the package it needs is missing."""
        module = f"memc.cli.{self.name}.command"
        try:
            return __import__(module, fromlist=("run",))
        except ModuleNotFoundError as error:
            raise self._missing(error) from None

    def run(self, argv: list[str]) -> int:
        """Run it and return its exit status.

        Raises MemcError if the package it needs is missing: it may look for that late,
        so that its help is there without.
        """
        module = self.module()
        try:
            status: int = module.run(argv)
        except ModuleNotFoundError as error:
            told = self._missing(error)
            if self.missing is None or told is error:
                raise told from None
            say(str(told))
            return self.missing
        return status

    def _missing(self, error: ModuleNotFoundError) -> Exception:
        """Return the error for a package that is missing; the same if it needs none."""
        names = (error.name or "").split(".")
        for depth in range(len(names), 0, -1):  # the whole name first
            package = ".".join(names[:depth])
            if package in self.needs:
                cure = f"pip install 'memc[{self.needs[package]}]'"
                name = f" {package}" if len(self.needs) == 1 else ""
                return MemcError(f"memc {self.name} needs{name}: {cure}")
        return error


COMMANDS = {
    command.name: command
    for command in (
        Command("show", "print a table: what the memory of processes is for"),
        Command("diff", "print a table: what changed between two times", 2),
        Command("check", "fail if a process has more than it may: for cron and CI", 2),
        Command("machine", "print a sum: what the memory of the machine is for"),
        Command("record", "keep the past: what memory was for, at every time"),
        Command("query", "ask a recording: what grew, what was killed, or SQL"),
        Command("replay", "print the documents of a recording, as memc did then"),
        Command(
            "serve",
            "serve metrics of groups of processes to Prometheus",
            needs={"prometheus_client": "serve", "uvicorn": "serve", "h11": "serve"},
            missing=2,
        ),
        Command(
            "push",
            "push metrics of groups of processes to OpenTelemetry",
            needs={
                **dict.fromkeys(("opentelemetry", "google", "requests"), "otlp"),
                "opentelemetry.exporter.otlp.proto.grpc": "otlp-grpc",
                "google.rpc": "otlp-grpc",
                "grpc": "otlp-grpc",
            },
            missing=2,
        ),
        Command(
            "report",
            "write one HTML file: a page to send",
            needs={"plotly": "report"},
        ),
        Command("bundle", "write a zip to attach: what memc saw, but not who or where"),
        Command(
            "export",
            "write a trace, stacks or a table that other programs open",
            needs={"perfetto": "perfetto", "google": "perfetto"},
        ),
        Command(
            "top",
            "watch processes, live or in a recording",
            needs={"textual": "top"},
        ),
        Command(
            "lake",
            "keep what the memory of many hosts was for, and ask it",
            needs=dict.fromkeys(("deltalake", "duckdb", "ibis", "pyarrow"), "lake"),
        ),
    )
}


def run(name: str, argv: list[str]) -> int:
    """Run a sub-command and return its exit status."""
    return COMMANDS[name].run(argv)


def parser_of(name: str) -> FullParser:
    """Return the parser of a sub-command, with the help."""
    parser: FullParser = COMMANDS[name].module().parser().full()
    return parser


def check_word(word: str) -> None:
    """Raise UsageError for a word that is no sub-command, unless it is a file's."""
    from memc.cli.words import for_target

    hint = for_target(word)
    if hint.startswith(" "):  # the path of a file
        return
    meant = did_you_mean(word, [*COMMANDS]) or hint
    names = ", ".join(COMMANDS)
    raise UsageError(f"'{word}' is no pid, and no command ({names}){meant}")
