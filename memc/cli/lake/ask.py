"""``memc lake ask``: ask a lake, and print the answer."""

from __future__ import annotations

from memc.cli.lake.asking import question_in
from memc.cli.output import print_text, say
from memc.cli.usage import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from memc.fleet.asking import Answer

__all__ = ["run"]


def run(args: Namespace, words: list[str]) -> int:
    """Print the answer, tell on stderr what it lacks, and return the exit status."""
    if args.json and args.csv:
        raise UsageError("--json and --csv exclude each other")
    lake, question, told = question_in(args, words)
    from memc.fleet.asking import ask

    answer = ask(lake, question, engine=args.engine, **told)
    print_text(_text(question, answer, args))
    if not answer.rows:
        say("no rows")
    if answer.is_cut:
        count = len(answer.rows)
        say(f"these are the first {count}: there are more: --top {2 * count}")
    for note in answer.notes:
        say(note)
    return 0


def _text(question: str, answer: Answer, args: Namespace) -> str:
    if args.json:
        from memc.table.document import dumps

        return dumps([*answer.rows], pretty=True).decode() + "\n"
    if args.csv:
        from memc.human.csv_text import csv_of

        return csv_of({n: [row[n] for row in answer.rows] for n in answer.columns})
    from memc.cli.lake.ask_text import text

    return text(question, answer, args.color)
