"""``memc check``: fail if processes have too much memory, or grow too fast."""

from __future__ import annotations

from memc.analysis.keys import KEYS, parse_by
from memc.cli.check.limits import limits_of
from memc.cli.common.choose import add_targets, choice_of
from memc.cli.common.limits import add_limits
from memc.cli.common.parser import Parser, value
from memc.cli.common.reader import reader as command_reader
from memc.cli.common.telling import tell_skipped
from memc.cli.output import print_text, say
from memc.cli.usage import UsageError, one_word
from memc.human.amounts import (
    duration,
)
from memc.limits.gate import Gate
from memc.limits.limits import AMOUNTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from memc.limits.grouped import Grouping

__all__ = ["parser", "run"]

WITHIN, OVER, TROUBLE = 0, 1, 2
APART_S = 10.0

DESCRIPTION = """\
Check that processes keep within limits, for cron and CI.  memc prints one line
for each figure that is over its limit, and nothing if there is none.

AMOUNT is a number with K, M, G or T (also KiB, MiB, ...; 1G = 1024M); 0 needs
no unit.  N% is a share of the smallest memory limit of the process's control
groups, those above its own too; without such a limit it cannot be judged.
Each limit is for each process by itself, unless --total is given.
Pages of hugetlb count with rss, pss and uss, though the kernel leaves them out.
uss leaves out what one process maps twice; if that may matter, memc says so.
It is not what comes back if a process is killed: memc show --freed tells that.
memc reads no more than the limits need: rss and size stall no process; pss and
uss need smaps_rollup, which stalls a process while the kernel walks its page
tables, and so does swap while the machine has swap in use.  A sum over owners,
types, paths or regions needs smaps, which can stall as long.  rss is a counter
that the kernel keeps: on Linux 6.2 to 6.15 it may be wrong by some MiB if there
are many CPUs.  memc checks its own process only if you name its pid.

Of a recording (memc record), memc judges the largest rss, swap or size between
--from and --to, and says when it was; without them, the last.  Growth is that
from the begin to the end, of processes that lived at both.

A figure that memc cannot judge, because it is not known, not permitted or not
there, is reported on stderr and never passes."""

EXAMPLES = """\
  memc check 1234 --max-rss 2G
  memc check --name '^nginx' --max-pss 200M --max-swap 0
  memc check --cgroup web.service --total --max-pss 4G
  memc check --all --by user --max-pss 20G   each user's processes together
  memc check --all --by service,owner --max-rss 2G   what each holds it for
  memc check 1234 --max-growth 5%/min --for 30s  5 % of the first figure
  memc check 1234 --max-growth 10M/h --growth-of uss --for 5min
  memc check --name '^worker' --max-rss 80%  of its container's limit
  memc check 1234 --min-headroom 512M        before it is killed
  memc check --all --max-regions 80%         who is near vm.max_map_count?
  memc check saved.json --max-uss 512M -v    a file; tell what passed, too
  memc check samples.ndjson --max-growth 1M/h  a stream: first to last
  memc check day.memc --since 1h --max-rss 2G  a recording: the most of 1 h
  memc check day.memc --since 1d --max-growth 10M/h --name '^web'
in a crontab, which mails all output; write \\% for %:
  */10 * * * *  memc check --user www --max-rss 1500M --max-regions 80\\%
  0 * * * *  memc check /var/lib/memc/day.memc --since 1h --max-rss 4G
in CI:
  ./server & sleep 5; ./load-test
  memc check $! --max-uss 300M --max-growth 1M/min
in a systemd service with a timer; status 1 or 2 fails it; write %% for %:
  ExecStart=memc check --cgroup web.service --max-regions 80%% --max-rss 4G
"""

STATUS = """\
  0  every limit is kept
  1  a limit is broken; also if something else could not be judged
  2  no limit is broken, but something could not be judged; or the command line
     is wrong
"""


def parser() -> Parser:
    """Return the options and their help."""
    made = Parser("check", DESCRIPTION, EXAMPLES, STATUS)
    add_targets(made, details=False)
    limits = made.add_argument_group("limits (at least one)")
    add_limits(
        limits,
        span="memc reads live processes twice, and of a file takes the first and the "
        "last sample",
    )
    _add_how(made)
    return made


def _add_how(made: Parser) -> None:
    how = made.add_argument_group("how to judge and report")
    how.add_argument(
        "--for",
        dest="apart_s",
        type=value(duration),
        metavar="TIME",
        help="time between the two readings: 500ms, 10s, 2m, 1h; a bare number is in "
        "seconds (default: 10s)",
    )
    how.add_argument(
        "--growth-of",
        type=one_word,
        choices=AMOUNTS,
        help="the amount of --max-growth (default: rss)",
    )
    how.add_argument(
        "--total",
        action="store_true",
        help="limit the sum over all processes, not each process; pss counts shared "
        "memory once, rss and size count it in each process",
    )
    how.add_argument(
        "--by",
        type=value(parse_by),
        metavar="WHAT",
        words=KEYS,
        several=True,
        help="limit the sum over each user, name, command, cgroup, container, pod or "
        "service, not each process; or over each owner, type, path or region; or over "
        "each of two of them, as in user,name or cgroup,owner",
    )
    how.add_argument(
        "--skip-denied",
        action="store_true",
        help="leave out processes that memc may not read and that you did not name by "
        "pid, instead of failing with status 2",
    )
    how.add_argument(
        "-v",
        "--verbose",
        action="store_true",
        help="also print the limits that were kept",
    )
    how.add_argument(
        "--json", action="store_true", help="print one JSON document, in kB"
    )


def run(argv: list[str]) -> int:
    """Run the command and return its exit status."""
    args = parser().read(argv)
    choice = choice_of(args)
    reader = command_reader()
    grouping = _grouping_of(args)
    limits = limits_of(args, choice)
    denied = args.skip_denied
    gate = Gate(choice, limits, reader, skip_denied=denied, grouping=grouping)
    gate.run(apart_s=args.apart_s or APART_S, total=args.total)
    _print(args, gate)
    if any(checked.is_over for checked in gate.checked):
        return OVER
    return TROUBLE if gate.errors or gate.skipped else WITHIN


def _grouping_of(args: argparse.Namespace) -> Grouping | None:
    """Return what to group memory by; None to judge each process."""
    by: str | None = args.by
    if by is None or by == "process":
        return None
    if args.total:
        raise UsageError("--by and --total: one of the two")
    args.total = True
    from memc.limits.grouped import Grouping  # dear

    return Grouping(by)


def _print(args: argparse.Namespace, gate: Gate) -> None:
    if args.json:
        from memc.cli.check import data as check_data

        print_text(check_data.json_text(gate))
    else:
        from memc.cli.check import text as check_text

        lines = check_text.lines(gate, verbose=args.verbose)
        print_text("".join(f"{line}\n" for line in lines))
    for words in [
        *gate.renamed,
        *gate.unpaired,
        *gate.left_out,
        *(error.text for error in gate.errors),
    ]:
        say(words)
    tell_skipped([*gate.skipped.values()], args.proc)
