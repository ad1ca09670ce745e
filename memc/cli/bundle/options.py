"""The options of ``memc bundle``, and whether they fit together."""

from __future__ import annotations

from memc.bundle.options import BundleOptions
from memc.cli.common.choose import add_targets, choice_of
from memc.cli.common.outfile import check_kept, is_replaced
from memc.cli.common.parser import Parser, value
from memc.cli.usage import UsageError
from memc.human.numbers import milliseconds, number, path

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from memc.targets.choice import Choice

__all__ = ["check_reading", "chosen", "hiding", "parser"]

INTERVAL_MS = 1000
# Options of a bundle that is written.
WRITING = (
    *("keep", "redact", "keep_names", "strict", "plain", "key", "count", "interval"),
    "max_stall",
)
DESCRIPTION = """\
Write a zip to attach to a report: what memc saw of processes, with what each
region is for, but not who and where you are.  memc show, diff and check, and
memc.load, read it as they read what it was made of.

Names stay only if they are known to tell nothing: those of the kernel, of the
distribution's files, of common programs and allocators.  All others become
pseudonyms, such as p-k3q5ab7d: the same name has the same one in a bundle, and
another one in the next bundle.  Addresses are moved, inodes and users become
numbers in order of first use, and times count from the first sample.  Before
a byte is written, every text in it is checked; if one is of no closed list,
nothing is written.

Never taken: memory, command lines, environments, the name of the machine, its
boot id, the time of day, the command line of the kernel."""

EXAMPLES = """\
  memc bundle 1234 -o bug.zip        one process, now
  memc bundle --name '^nginx' -o bug.zip --count 3 --interval 10s
  memc bundle --all -o bug.zip --max-stall 50ms  without a long stall
  memc bundle smaps.txt -o bug.zip   a text, or another file
  memc bundle day.memc --since 1h -o bug.zip  a recording: its last hour
  memc bundle 1234 -o bug.zip --keep '/opt/shop/*'  what may be told
  memc bundle 1234 -o bug.zip --key ~/bug.key  pseudonyms to compare
  memc bundle --show bug.zip         what a stranger sees
  memc bundle --check bug.zip        is there a text of no closed list?
  memc show bug.zip                  the table of its last sample
"""

STATUS = """\
  0  done; also if processes that you did not name by pid could not be read
  1  a process or file that you named could not be read, no process was found,
     a text was refused and nothing was written, or --check found one
  2  the command line is wrong
"""


def parser() -> Parser:
    """Return the options and their help."""
    made = Parser("bundle", DESCRIPTION, EXAMPLES, STATUS)
    add_targets(made, strict=False, samples="all its samples")
    _add_samples(made)
    _add_hiding(made)
    other = made.add_argument_group("what is in a bundle")
    other.add_argument(
        "--check",
        type=value(path),
        metavar="FILE",
        help="look at every text in this bundle; print those of no closed list",
    )
    other.add_argument(
        "--show",
        type=value(path),
        metavar="FILE",
        help="print what a stranger sees in this bundle, by kind",
    )
    other.add_argument(
        "--json", action="store_true", help="with --show or --check: print JSON"
    )
    return made


def _add_samples(made: Parser) -> None:
    what = made.add_argument_group("what to write")
    what.add_argument(
        "--output",
        "-o",
        type=value(path),
        metavar="OUT.zip",
        help="write the bundle to this file, whole or not at all; a new file is yours "
        "alone (mode 0600)",
    )
    what.add_argument(
        "--count",
        type=value(number),
        metavar="N",
        help="read live processes N times (default: 1); memc diff compares the first "
        "and the last",
    )
    what.add_argument(
        "--interval",
        type=value(milliseconds),
        metavar="TIME",
        help="the time between two readings; 500ms, 10s, 2m (default: 1s)",
    )
    what.add_argument(
        "--max-stall",
        type=value(milliseconds),
        metavar="TIME",
        help="read a process as with --detail rss if smaps may stall it for longer",
    )


def _add_hiding(made: Parser) -> None:
    hide = made.add_argument_group("what to hide")
    hide.add_argument(
        "--keep",
        action="append",
        type=_glob,
        metavar="GLOB",
        default=[],
        help="keep names that match, such as '/opt/shop/*': whole paths, names of "
        "processes, control groups; the manifest tells these patterns",
    )
    hide.add_argument(
        "--redact",
        action="append",
        type=_glob,
        metavar="GLOB",
        default=[],
        help="hide names that match, whatever keeps them",
    )
    hide.add_argument(
        "--keep-names",
        action="store_true",
        help="keep the names of processes, but for those with your name in them",
    )
    hide.add_argument(
        "--strict",
        action="store_true",
        help="hide the names of the distribution's files as well",
    )
    hide.add_argument(
        "--plain",
        action="store_true",
        help="hide nothing: all names, addresses and times as they are",
    )
    hide.add_argument(
        "--key",
        type=value(path),
        metavar="FILE",
        help="make pseudonyms with the key in this file, so that several bundles can "
        "be compared; memc makes the file if it is missing.  Keep it to yourself",
    )


def _glob(text: str) -> str:
    if not text.strip():
        from memc.cli.common.parser import wrong

        raise wrong(f"expected a pattern such as '/opt/shop/*', not '{text}'")
    return text


def check_reading(args: argparse.Namespace) -> str:
    """Return the bundle that --check or --show reads, "" if one is to be written.

    Raises UsageError if other options do not fit.
    """
    if args.check and args.show:
        raise UsageError("--check and --show: give one of them")
    name = "check" if args.check else "show"
    file: str | None = args.check or args.show
    if file is None:
        if args.json:
            raise UsageError("--json goes with --show or --check")
        return ""
    if args.targets or args.output:
        extra = args.targets[0] if args.targets else "-o"
        raise UsageError(f"--{name} reads one bundle and writes none: without {extra}")
    for option in WRITING:
        if getattr(args, option):
            given = f"--{option.replace('_', '-')}"
            raise UsageError(f"--{name} only reads a bundle: without {given}")
    return file


def chosen(args: argparse.Namespace) -> Choice:
    """Return the choice of the options.  Raises UsageError if they do not fit."""
    if not args.output:
        raise UsageError("where to? give a file: -o bug.zip")
    is_strict, args.strict = args.strict, False  # texts of files are read leniently
    choice = choice_of(args)
    args.strict = is_strict
    if choice.paths:
        _check_file(args, choice)
    elif args.interval and (args.count or 1) < 2:
        raise UsageError("--interval is between two readings: give --count 2 or more")
    if args.max_stall and args.detail != "smaps":
        raise UsageError("--max-stall goes with --detail smaps: nothing else stalls")
    _check_hiding(args)
    return choice


def _check_hiding(args: argparse.Namespace) -> None:
    others = ("keep", "redact", "keep_names", "strict", "key")
    if args.plain and any(getattr(args, name) for name in others):
        told = ", ".join(f"--{name.replace('_', '-')}" for name in others)
        raise UsageError(f"--plain hides nothing: without {told}")
    if args.key and (args.key == args.output or is_replaced(args.key, args.output)):
        raise UsageError(f"{args.key} is the key: give another file to -o")


def _check_file(args: argparse.Namespace, choice: Choice) -> None:
    if choice.names_live():
        raise UsageError("live processes and files: make a bundle of each")
    if len(choice.paths) > 1:
        raise UsageError("one file makes a bundle: give one")
    file = choice.paths[0]
    for name in ("count", "interval", "max_stall"):
        if getattr(args, name):
            option = f"--{name.replace('_', '-')}"
            raise UsageError(f"{option} is for live processes: {file} is a file")
    check_kept(choice.paths, args.output)


def hiding(args: argparse.Namespace) -> BundleOptions:
    """Return what to hide, as the options say."""
    return BundleOptions(
        args.keep,
        args.redact,
        keep_names=args.keep_names,
        strict=args.strict,
        plain=args.plain,
    )
