"""``memc machine``: what the memory of the machine is for, as a sum."""

from __future__ import annotations

from memc.accounts.machine import machine
from memc.cli.common.look import add_color
from memc.cli.common.parser import Parser, add_proc, given
from memc.cli.output import print_text

__all__ = ["parser", "run"]

DESCRIPTION = """\
Show what the memory of the machine is for, as a sum: the lines add up to
MemTotal, and no page is counted twice.

Lines of processes are sums of PSS, which divides a shared page among the
processes that map it.  Free memory is MemFree plus the lists of free pages that
each CPU keeps for itself: MemFree and MemAvailable lack them, often by hundreds
of MiB after a large process has ended.  The last line is what no counter of the
kernel explains: usually memory of drivers and graphics, data in pipes and
sockets, and the unmapped parts of huge pages, of which memc tells the most that
there may be.

Only the lines of processes need rights.  Memory of processes that memc may not
read is in the first line, too.  What the kernel or a copy of /proc does not
tell is "not known", and part of the unexplained memory.

With --cgroup the sum is the usage of a control group, and its limits and those
of all groups above it follow.  Memory is charged to the group that touched it
first; where that does not fit what its processes have, memc says so."""

EXAMPLES = """\
  memc machine                       does it add up?
  memc machine --cgroup nginx.service  a control group against its limits
  memc machine --wide                every part, in KiB
  memc machine --json | jq .unexplained_kb
  memc machine --proc /mnt/copy/proc  a copy of /proc
"""

STATUS = """\
  0  done; also if some processes could not be read
  1  meminfo could not be read, or there is no such control group
  2  the command line is wrong
"""


def parser() -> Parser:
    """Return the options and their help."""
    made = Parser("machine", DESCRIPTION, EXAMPLES, STATUS)
    how = made.add_argument_group("how to read and show it")
    add_proc(how)
    how.add_argument(
        "--cgroup",
        action="append",
        type=given,
        metavar="PATTERN",
        completes="cgroup",
        help="instead of the machine, the usage of this control group and all below "
        "it, and the limits of it and of all above: a part of its path "
        "(nginx.service), or a pattern for the whole path (*/docker-*); groups are "
        "added up",
    )
    how.add_argument(
        "--wide", action="store_true", help="every part of every line, in KiB"
    )
    add_color(how)
    form = made.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON, in kB")
    form.add_argument("--csv", action="store_true", help="print CSV, in kB")
    return made


def run(argv: list[str]) -> int:
    """Run the command and return its exit status."""
    args = parser().read(argv)
    account = machine(proc=args.proc, cgroup=args.cgroup)
    if args.json or args.csv:
        from memc.cli.machine import data

        print_text((data.json_text if args.json else data.csv_text)(account))
    else:
        from memc.cli.machine import text

        print_text(text.text(account, wide=args.wide, color=args.color))
    return 0
