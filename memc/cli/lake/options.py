"""The options of ``memc lake``: those and which action takes which."""

from __future__ import annotations

from memc.cli.common.parser import Parser, value
from memc.cli.lake.asking import ASKED, TOLD, add_asking, names
from memc.cli.lake.printing import add_printed
from memc.cli.usage import UsageError, one_word
from memc.fleet.given import age, day, host_name, step, tables
from memc.fleet.question import QUESTIONS
from memc.fleet.schema import TABLES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from memc.cli.common.quick import Group, Option

__all__ = ["ACTIONS", "check", "parser"]

DESCRIPTION = """\
Keep what the memory of many hosts was for in a lake: a folder of Parquet files
that engines such as DuckDB and Spark read.

  add LAKE FILE...   takes in what memc wrote on a host: documents, streams,
                     recordings, texts of /proc; - is stdin
  compact LAKE       makes few large files, sorted, of the many small ones
  drop LAKE          forgets old days
  miss LAKE REASON   notes that a host (--host) could not be asked, and why
  ask LAKE QUESTION  asks all hosts; see below
  sql LAKE QUESTION  prints the question as SQL, of the dialect of an engine

The questions are:
  growth        what grew most: a row for each host, group and owner
  leaks         which owner of which group grows on many hosts
  budget        what the memory of all hosts is for
  holders PATH  who maps which build of a file, such as 'libssl.so*'
  deleted       who maps libraries that were deleted, and must restart
  limits        which processes have most mappings, beside vm.max_map_count
  hosts         from when to when each host told, and which are missing

The same lake answers the same: --since counts from its newest row.  "-" in a
table, and null in JSON, mean that it is not known: that is not 0."""

EXAMPLES = """\
  memc lake add fleet/ web7.json --host web7   one document of a host
  memc record -o day.memc; memc lake add fleet/ day.memc
  ssh web7 memc --all --smaps | memc lake add fleet/ - --host web7
  memc lake compact fleet/             once a day
  memc lake drop fleet/ --before 30d
  memc lake ask fleet/ growth --since 1d    what grew in the last day
  memc lake ask fleet/ leaks --group 'web*' --json
  memc lake ask fleet/ growth --engine spark://master:7077
  memc lake sql fleet/ budget --dialect trino
"""

STATUS = """\
  0  done
  1  a file could not be added (the others were), the lake could not be read or
     written, the engine cannot answer, or a package is missing
  2  the command line is wrong
"""

HOST, TABLE, EVERY, FORMAT, DATE, BEFORE = (
    "host",
    "table",
    "every",
    "format",
    "date",
    "before",
)
# Each action: the words that follow it, and the options that it takes.
ACTIONS: dict[str, tuple[str, frozenset[str]]] = {
    "add": ("LAKE [FILE...]", frozenset({HOST, TABLE, EVERY, FORMAT})),
    "compact": ("LAKE", frozenset({DATE})),
    "drop": ("LAKE", frozenset({BEFORE, TABLE})),
    "miss": ("LAKE REASON", frozenset({HOST})),
    "ask": ("LAKE QUESTION", ASKED),
    "sql": ("LAKE QUESTION", TOLD),
}
# What may follow the lake: kinds or words for a shell to complete.
BEHIND: dict[str, str | tuple[str, ...]] = {
    "add": "file",
    "ask": (*QUESTIONS,),
    "sql": (*QUESTIONS,),
}


def parser() -> Parser:
    """Return the options and their help."""
    made = Parser("lake", DESCRIPTION, EXAMPLES, STATUS)
    made.behind = BEHIND
    made.add_argument(
        "targets",
        nargs="*",
        metavar="ACTION LAKE ...",
        words=ACTIONS,
        help=f"what to do ({', '.join(ACTIONS)}), and the folder of the lake",
    )
    _to_add(made.add_argument_group("to add"))
    _to_keep(made.add_argument_group("to compact and to drop"))
    add_asking(made)
    add_printed(made.add_argument_group("to collect: print a file, and end"))
    return made


def _to_add(group: Group) -> None:
    group.add_argument(
        "--host",
        metavar="NAME",
        completes="",
        type=value(names),
        help="the host whose memory it is (default: as a recording tells it, else this "
        "host); to ask: these hosts alone, such as 'web*,db1'",
    )
    group.add_argument(
        "--table",
        metavar="NAMES",
        words=TABLES,
        several=True,
        type=value(tables),
        help=f"fill these tables alone, or drop them: {','.join(TABLES)}",
    )
    group.add_argument(
        "--every",
        metavar="TIME",
        type=value(step),
        help="take one sample in each such time (default: all; of a recording, 1m)",
    )
    group.add_argument(
        "--format",
        type=one_word,
        choices=("delta", "parquet"),
        default="delta",
        help="parquet: write files to LAKE/incoming/HOST/ alone, for a host that has "
        "no lake; add without files takes them in (default: delta)",
    )


def _to_keep(group: Group) -> None:
    group.add_argument(
        "--date",
        metavar="DATE",
        type=value(day),
        help="compact this day, such as 2026-11-26 (default: all that ended a day ago)",
    )
    group.add_argument(
        "--before",
        metavar="WHEN",
        type=value(age),
        help="drop the days before a date, or older than so many days, such as 30d",
    )


def check(args: Namespace, options: list[Option]) -> tuple[str, list[str]]:
    """Return the action and the words behind it.  Raises UsageError if it is wrong."""
    if not args.targets:
        raise UsageError(f"what to do? give an action: {', '.join(ACTIONS)}")
    action, *words = args.targets
    if action not in ACTIONS:
        known = ", ".join(ACTIONS)
        raise UsageError(f"'{action}' is no action of memc lake ({known})")
    form, takes = ACTIONS[action]
    for option in options[1:]:
        is_given = getattr(args, option.dest) != option.default
        if is_given and option.dest not in takes:
            raise UsageError(f"memc lake {action} takes no {option.names[0]}")
    if not words or not words[0]:
        raise UsageError(f"no lake is named: memc lake {action} {form}")
    if args.host is not None and action not in ("ask", "sql"):
        args.host = _one_host(args.host)
    return action, words


def _one_host(text: str) -> str:
    try:
        return host_name(text)
    except ValueError as error:
        raise UsageError(f"option --host: expected {error}, not '{text}'") from None
