"""The options of ``memc lake ask`` and ``memc lake sql``, and what they say."""

from __future__ import annotations

from memc.cli.common.look import add_color
from memc.cli.common.parser import value
from memc.cli.usage import UsageError, did_you_mean, one_word
from memc.fleet.given import MOST
from memc.human.amounts import amount, duration
from memc.human.numbers import number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from typing import Any

    from memc.cli.common.parser import Parser

__all__ = ["ASKED", "TOLD", "add_asking", "names", "question_in"]

AMOUNTS = ("uss", "pss", "rss", "swap", "size")
DIALECTS = ("duckdb", "spark", "trino", "clickhouse")  # those that people ask for
# Options that choose rows, and those of some questions: the word of their function.
ROWS = ("host", "group", "since", "top")
OWN = {
    "of": "of",
    "by": "by",
    "min": "least_kb",
    "min_hosts": "least_hosts",
    "limit": "limit",
}
TOLD = frozenset({*ROWS, *OWN, "dialect"})
ASKED = frozenset({*ROWS, *OWN, "engine", "json", "csv", "color"})


def _number(text: str) -> int:
    """Return a positive number.  Raises ValueError if no lake has so many."""
    found = number(text)
    if found > MOST:
        raise ValueError(f"a positive number, {MOST:,} at most")
    return found


def names(text: str) -> str:
    """Return names with commas between them.  Raises ValueError if one is empty."""
    if not all(map(str.strip, text.split(","))):
        raise ValueError("names, or patterns such as 'web*', with commas between them")
    return text


def add_asking(made: Parser) -> None:
    """Add the options."""
    _add_rows(made)
    _add_own(made)
    form = made.add_argument_group("to ask: how, and how to show it")
    form.add_argument(
        "--engine",
        default="duckdb",
        metavar="ENGINE",
        words=("duckdb", "local"),
        help="what answers: duckdb (default), spark://HOST:PORT, local (Spark here), "
        "or the URL of a database that has the tables, as Ibis takes it: trino://...",
    )
    form.add_argument(
        "--dialect",
        default="duckdb",
        metavar="NAME",
        words=DIALECTS,
        help=f"the SQL of sql: {DIALECTS[0]} (default), {', '.join(DIALECTS[1:])}, ...",
    )
    form.add_argument("--json", action="store_true", help="an array of JSON, one a row")
    form.add_argument(
        "--csv", action="store_true", help="CSV; what is not known: empty"
    )
    add_color(form)


def _add_rows(made: Parser) -> None:
    rows = made.add_argument_group("to ask: which rows (and --host)")
    rows.add_argument(
        "--group",
        type=value(names),
        metavar="NAMES",
        completes="",
        help="these groups of processes alone, such as 'nginx.service,web-*'",
    )
    rows.add_argument(
        "--since",
        type=value(duration),
        metavar="TIME",
        help="the last TIME of the lake, such as 1d (default: all)",
    )
    rows.add_argument(
        "--top",
        type=value(_number),
        metavar="N",
        help="at most N rows (default: 50; budget and hosts: all; budget sums up the "
        "others as one)",
    )


def _add_own(made: Parser) -> None:
    own = made.add_argument_group("to ask: for some questions")
    own.add_argument(
        "--of",
        type=one_word,
        choices=AMOUNTS,
        metavar="AMOUNT",
        help="growth, leaks and budget: uss (default), pss, rss (default of budget), "
        "swap or size",
    )
    own.add_argument(
        "--min",
        type=value(amount),
        metavar="AMOUNT",
        help="growth and leaks: only growth of at least this (default: 4M)",
    )
    own.add_argument(
        "--min-hosts",
        type=value(_number),
        metavar="N",
        help="leaks: on at least N hosts (default: 2)",
    )
    own.add_argument(
        "--by",
        choices=("owner", "group"),
        help="budget: a row for each owner (default) or group",
    )
    own.add_argument(
        "--limit",
        type=value(_number),
        metavar="N",
        help="limits: vm.max_map_count of the hosts (default: 65530)",
    )


def question_in(args: Namespace, words: list[str]) -> tuple[str, str, dict[str, Any]]:
    """Return the lake, the question, and what it is told.  Raises UsageError."""
    from memc.fleet.question import QUESTIONS

    lake, *rest = words
    known = ", ".join(QUESTIONS)
    if not rest:
        raise UsageError(f"which question? {known}")
    name, *paths = rest
    if name not in QUESTIONS:
        meant = did_you_mean(name, [*QUESTIONS])
        raise UsageError(f"'{name}' is no question ({known}){meant}")
    takes = QUESTIONS[name].takes
    told = {own: getattr(args, option) for option, own in OWN.items()}
    told = {own: given for own, given in told.items() if given is not None}
    for option, own in OWN.items():
        if own in told and own not in takes:
            word = option.replace("_", "-")
            raise UsageError(f"the question {name} takes no --{word}")
    if "path" in takes and not (paths and paths[0]):
        raise UsageError(
            f"{name} of which file? memc lake ask LAKE {name} 'libssl.so*'"
        )
    if len(paths) > ("path" in takes):
        raise UsageError(f"unexpected '{paths[-1]}' behind the question {name}")
    told |= {"path": paths[0]} if paths else {}
    split = {k: (getattr(args, k) or "").split(",") for k in ("host", "group")}
    told |= {f"{k}s": [*filter(None, map(str.strip, v))] for k, v in split.items()}
    return lake, name, told | {"since_s": args.since, "top": args.top}
