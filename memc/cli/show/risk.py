"""``memc show --risk``: what can run out for processes, and who is nearest to it."""

from __future__ import annotations

from memc.cli.common.telling import nobody, tell_skipped
from memc.cli.output import print_text, say
from memc.cli.usage import UsageError
from memc.risks.standing import Standings
from memc.targets.select import find_pids

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from memc.targets.choice import Choice

__all__ = ["run"]

OTHERS = (
    *("by", "path", "sort", "after", "freed", "command"),
    *("columns", "reverse", "min"),
)


def run(args: argparse.Namespace, choice: Choice) -> int:
    """Read all risks of a choice and print them.  Returns the exit status."""
    if choice.paths:
        raise UsageError(f"--risk: {choice.paths[0]} tells no limits: live only")
    wrong = next((name for name in OTHERS if getattr(args, name)), None)
    if wrong:
        raise UsageError(
            f"--risk: no --{wrong}, please: its lines and order are its own"
        )
    named = [*choice.pids, *choice.trees]
    found = Standings(
        choice.proc, sorted(find_pids(choice)), named, huge=choice.names_pids()
    )
    for error in found.errors:
        say(str(error))
    if not found.processes:
        if not found.errors:
            raise nobody(choice, found.skipped)
        return 1
    if args.json or args.csv:
        from memc.cli.show import risk_data

        write = risk_data.json_text if args.json else risk_data.csv_text
        print_text(write(found, top=args.top))
    else:
        from memc.cli.show import risk_text

        is_list = not choice.names_pids()
        print_text(risk_text.text(found, args, ranked=is_list))
    tell_skipped(found.skipped, choice.proc)
    return 1 if found.errors else 0
