"""``memc query``: ask a recording."""

from __future__ import annotations

from memc.cli.common.look import add_color
from memc.cli.common.parser import Parser, value
from memc.cli.common.times import add_span, take_since
from memc.cli.output import print_text
from memc.cli.usage import UsageError
from memc.files.recording.schema import EVENTS
from memc.human.amounts import duration
from memc.human.numbers import number, path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from memc.files.recording.recording import Recording
    from memc.files.recording.sql import Answer

__all__ = ["parser", "run"]

DESCRIPTION = """\
Ask a recording that memc record made, or is making.  Without a question, tell
what is in it: from when to when, gaps, processes, how large it is, and how
large it will be in a day and in a week.

SQL is one statement of SQLite.  It can only read: what writes or attaches a
file is refused, and it is stopped after 30 s.  --views tells what it may ask.

WHO is a pid, the name of a process, or a /regex/ for names.  Times are local:
14:03, 14:03:05, 2026-11-27T14:03, Unix seconds, -10m before the end, or +5s
after the begin.  "-" in a table means that it is not known: that is not 0."""

EXAMPLES = """\
  memc query run.memc                 what is in it, what does a day cost?
  memc query run.memc --rss java      how did its memory go?
  memc query run.memc --grew -1h -0s  what grew in the last hour?
  memc query run.memc --owner 1234    what was its memory for, at last?
  memc query run.memc --events --kind killed  what was killed for memory?
  memc query run.memc 'select name, max(rss_kb) from usage group by name'
  memc query run.memc --events --sql  the SQL of a question, to change it
"""

STATUS = """\
  0  done
  1  the recording could not be read, the SQL is wrong or refused, it took too
     long, or --check found damage
  2  the command line is wrong
"""

QUESTIONS = ("info", "views", "check", "backup", "rss", "grew", "owner", "events")
SPANNED = ("rss", "owner", "events")  # questions that --from and --to narrow
TABLES = ("info", "views", "rss", "grew", "owner", "events")  # and SQL: --csv ...
FORMS = ("json", "csv", "parquet")
GREW = "--grew"
KILLED = "killed"  # what ended while the kernel killed for memory, and that it did
KINDS = (KILLED, *EVENTS)


def _two(text: str) -> tuple[str, str]:
    first, comma, second = text.partition(",")
    if not (first and comma and second):
        raise ValueError("two times, as in --grew -1h -5m")
    return first, second


def _who(text: str) -> str:
    if not text.strip():
        raise ValueError("a pid, a name, or a /pattern/")
    return text


def _kinds(text: str) -> list[str]:
    words = text.split(",")
    if not {*words} <= {*KINDS}:
        raise ValueError(f"some of {', '.join(KINDS)}, with commas between them")
    return words


def parser() -> Parser:
    """Return the options and their help."""
    made = Parser("query", DESCRIPTION, EXAMPLES, STATUS)
    made.add_argument(
        "targets",
        nargs="*",
        metavar="FILE [SQL]",
        help="a recording, and one statement of SQL",
    )
    asked = made.add_argument_group("questions, instead of SQL")
    asked.add_argument(
        "--info",
        action="store_true",
        help="what is in it, and what a day and a week cost (without SQL: this)",
    )
    asked.add_argument(
        "--rss",
        type=value(_who),
        metavar="WHO",
        completes="pid|name",
        help="how the memory of a process went",
    )
    asked.add_argument(
        GREW,
        type=value(_two),
        metavar="T1 T2",
        help="which processes grew from one time to another",
    )
    asked.add_argument(
        "--owner",
        type=value(_who),
        metavar="WHO",
        completes="pid|name",
        help="what the memory of a process was for: the last that is known, and with "
        "--from or --since its growth; or who had an owner, by its name",
    )
    asked.add_argument("--events", action="store_true", help="what happened, and when")
    asked.add_argument(
        "--kind",
        type=value(_kinds),
        metavar="LIST",
        words=KINDS,
        several=True,
        help=f"with --events: only these, with commas between them: {', '.join(KINDS)}",
    )
    asked.add_argument(
        "--views", action="store_true", help="the views that SQL may ask, and columns"
    )
    asked.add_argument(
        "--check", action="store_true", help="look for damage: all of the file is read"
    )
    asked.add_argument(
        "--backup",
        type=value(path),
        metavar="OUT",
        help="copy the recording to OUT, whole, also while memc records into it",
    )
    span = made.add_argument_group("which time, for --rss, --owner and --events")
    add_span(span)
    _add_form(made)
    return made


def _add_form(made: Parser) -> None:
    form = made.add_argument_group("how to show it")
    form.add_argument("--json", action="store_true", help="an array of JSON, one a row")
    form.add_argument(
        "--csv", action="store_true", help="CSV; what is not known: empty"
    )
    form.add_argument(
        "--parquet",
        type=value(path),
        metavar="OUT",
        help="write a Parquet file (pip install 'memc[parquet]')",
    )
    form.add_argument(
        "--top",
        type=value(number),
        metavar="N",
        help="at most N lines of a table (default of --grew: 20)",
    )
    form.add_argument(
        "--sql", action="store_true", help="print the SQL of a question instead"
    )
    form.add_argument(
        "--timeout",
        type=value(duration),
        metavar="TIME",
        help="stop SQL and questions after TIME (default: 30s)",
    )
    add_color(form)


def run(argv: list[str]) -> int:
    """Run the command and return its exit status."""
    args = parser().read(_joined(argv))
    question = _question(args)
    _check(args, question)
    if question == "views" and not args.targets[1:]:
        from memc.cli.query import views

        return _put(args, views.answer(), views.text)
    from memc.cli.common.opened import opened

    with opened(args.targets[0]) as recording:
        return _run(args, question, recording)


def _joined(argv: list[str]) -> list[str]:
    """Return the arguments with the two times of --grew in one word."""
    if GREW not in argv:
        return argv
    at = argv.index(GREW)
    times = argv[at + 1 : at + 3]
    if len(times) < 2 or any(time.startswith("--") for time in times):
        raise UsageError(f"option {GREW} needs two times: {GREW} T1 T2")
    return [*argv[:at], f"{GREW}={times[0]},{times[1]}", *argv[at + 3 :]]


def _question(args: Namespace) -> str:
    """Return which question is asked, "sql" for SQL.  Raises UsageError for two."""
    asked = [name for name in QUESTIONS if getattr(args, name)]
    asked += ["sql"] if len(args.targets) > 1 else []
    if not args.targets:
        raise UsageError("which recording? give its file")
    if len(args.targets) > 2:
        raise UsageError(f"unexpected '{args.targets[2]}': SQL is one word, in quotes")
    if len(asked) > 1:
        one, other = ("SQL" if name == "sql" else f"--{name}" for name in asked[:2])
        raise UsageError(f"{one} and {other} exclude each other")
    return asked[0] if asked else "info"


def _check(args: Namespace, question: str) -> None:
    """Raise UsageError if the options do not fit together."""
    forms = [f"--{name}" for name in FORMS if getattr(args, name)]
    if len(forms) > 1:
        raise UsageError(f"{forms[0]} and {forms[1]} exclude each other")
    if forms and question not in (*TABLES, "sql"):
        raise UsageError(f"--{question} makes no table: it has no {forms[0]}")
    since = args.since
    take_since(args)
    if (args.begin or args.end) and question not in SPANNED:
        name = "--since" if since else "--from" if args.begin else "--to"
        raise UsageError(f"{name} is for --rss, --owner and --events")
    if args.kind and question != "events":
        raise UsageError("--kind needs --events")
    if args.sql and question not in (*SPANNED, "grew"):
        raise UsageError("--sql prints the SQL of --rss, --grew, --owner or --events")


def _run(args: Namespace, question: str, recording: Recording) -> int:
    if question == "check":
        from memc.cli.query import verify

        return verify.run(recording)
    if question == "backup":
        from memc.cli.query import backup

        return backup.run(recording, args.backup)
    if question == "info":
        from memc.cli.query import info

        made = info.Info(recording)
        return _put(args, made.answer(), lambda *_: made.text())
    if question == "sql":
        from memc.cli.query import table

        return _put(args, _answer(args, recording, args.targets[1]), table.text)
    from memc.cli.query.questions import question_of

    asked = question_of(question, args, recording)
    if args.sql:
        print_text(f"{asked.sql}\n")
        return 0
    answer = _answer(args, recording, asked.sql)
    asked.check(answer)
    return _put(args, answer, asked.text)


def _answer(args: Namespace, recording: Recording, sql: str) -> Answer:
    from memc.cli.query.progress import Progress
    from memc.files.recording.sql import TIMEOUT_S, run

    progress = Progress()
    try:
        return run(
            recording._reader.db,
            sql,
            timeout_s=args.timeout or TIMEOUT_S,
            progress=progress if progress.is_shown else None,
        )
    finally:
        progress.end()


def _put(
    args: Namespace, answer: Answer, text: Callable[[Answer, Namespace], str]
) -> int:
    """Print an answer as a table for people, or as other programs want it."""
    if args.parquet:
        from memc.cli.query import parquet

        parquet.write(answer, args.parquet)
    elif args.json or args.csv:
        from memc.cli.query import data

        print_text((data.json_text if args.json else data.csv_text)(answer))
    else:
        print_text(text(answer, args))
    return 0
