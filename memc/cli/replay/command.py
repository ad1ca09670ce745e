"""``memc replay``: the documents of a recording, as memc would have printed them."""

from __future__ import annotations

from memc.cli.common.parser import Parser, value
from memc.cli.common.times import add_span, take_since, time_word
from memc.cli.output import Stdout
from memc.cli.usage import UsageError
from memc.errors import MemcError
from memc.human.numbers import number, path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from memc.files.recording.recording import Recording
    from memc.table.snapshot import Snapshot, SystemSnapshot

    Document: TypeAlias = Snapshot | SystemSnapshot

__all__ = ["parser", "run"]

DESCRIPTION = """\
Print what a recording has of a time, or of a span, as the JSON documents that
memc would have printed then: memc PID for each PID, or else memc --all.

Where the regions of a process were recorded (memc record --regions), the
document of that process is exactly the one that was read.  Elsewhere it has
totals, and as_of_ms says when they last changed.  At a time in a gap, or when
the process did not live, there is nothing to print, and memc says so.

Times are local: 14:03, 14:03:05, 2026-11-27T14:03, Unix seconds, -10m before
the end, or +5s after the begin of the recording."""

EXAMPLES = """\
  memc replay run.memc --at 14:03         all processes at a time
  memc replay run.memc 1234 --at -10m     one process, ten minutes before
  memc replay run.memc 1234 --since 1h --compact    each change since then
  memc replay run.memc 1234 --at 14:03 --full -o then.json
"""

STATUS = """\
  0  done
  1  nothing was recorded then, the process did not live, or the recording could
     not be read
  2  the command line is wrong
"""


def parser() -> Parser:
    """Return the options and their help."""
    made = Parser("replay", DESCRIPTION, EXAMPLES, STATUS)
    made.add_argument(
        "targets",
        nargs="*",
        metavar="FILE [PID]",
        help="a recording, and the pids of processes; without a pid, all of them",
    )
    when = made.add_argument_group("which time")
    when.add_argument(
        "--at",
        type=value(time_word),
        metavar="TIME",
        help="the time (default: its end)",
    )
    add_span(
        when,
        begin="what holds then is printed, and each change; of all processes, each "
        "tick",
    )
    form = made.add_argument_group("how to print it")
    form.add_argument(
        "--smaps", action="store_true", help="only what was read from smaps"
    )
    form.add_argument(
        "--full", action="store_true", help="print every column, not only the main ones"
    )
    form.add_argument(
        "--compact", action="store_true", help="print each document on one line"
    )
    form.add_argument(
        "--output",
        "-o",
        type=value(path),
        metavar="FILE",
        help="write to FILE, whole or not at all (default: stdout)",
    )
    return made


def run(argv: list[str]) -> int:
    """Run the command and return its exit status."""
    args = parser().read(argv)
    pids = _check(args)
    from memc.cli.common.opened import opened

    with opened(args.targets[0]) as recording:
        _write(args, _documents(args, recording, pids))
    return 0


def _check(args: Namespace) -> list[int]:
    """Return the pids.  Raises UsageError if the options do not fit together."""
    if not args.targets:
        raise UsageError("which recording? give its file")
    try:
        pids = [number(word) for word in args.targets[1:]]
    except ValueError as error:
        raise UsageError(f"pid: expected {error}") from None
    take_since(args)
    if args.at and (args.begin or args.end):
        raise UsageError("--at is one time, --from and --to are a span: give one")
    if args.smaps and not pids:
        raise UsageError("--smaps needs a pid: of all processes there are totals")
    return pids


def _write(args: Namespace, documents: Iterator[Document]) -> None:
    if args.output is None:
        _put(documents, Stdout(args).write)  # type: ignore[arg-type] # it has the form
        return
    from memc.cli.collect.file import File

    with File(args.output, args) as file:  # type: ignore[arg-type]
        _put(documents, file.write)


def _put(documents: Iterator[Document], write: Callable[[Document], None]) -> None:
    for document in documents:
        write(document)


def _documents(
    args: Namespace, recording: Recording, pids: list[int]
) -> Iterator[Document]:
    """Yield the documents that are asked for.

    Raises UsageError for what is no time, and MemcError if there is no document.
    """
    from memc.cli.common.opened import time_of

    if args.begin or args.end:
        begin_ms = time_of(recording, args.begin) if args.begin else recording.begin_ms
        end_ms = time_of(recording, args.end) if args.end else recording.end_ms
        if begin_ms > end_ms:
            raise UsageError("--from is after --to")
        if not pids:
            yield from _ticks(recording, begin_ms, end_ms)
        for pid in pids:
            snaps = recording.snapshots(pid, begin_ms, end_ms)
            yield from _only(args, recording, pid, snaps)
        return
    at_ms = time_of(recording, args.at) if args.at else recording.end_ms
    moment = recording.at(at_ms)
    if not pids:
        yield moment.system()
    for pid in pids:
        yield from _only(args, recording, pid, iter([moment.snapshot(pid)]))


def _only(
    args: Namespace, recording: Recording, pid: int, snaps: Iterator[Snapshot]
) -> Iterator[Snapshot]:
    """Yield the snapshots, with --smaps only those that were read from smaps."""
    count, detail = 0, ""
    for snap in snaps:
        detail = snap.detail
        if not args.smaps or detail == "smaps":
            count += 1
            yield snap
    if not count:
        words = f"process {pid} was recorded with {detail} then, not with smaps"
        raise MemcError(f"{recording.path}: {words}")


def _ticks(
    recording: Recording, begin_ms: int, end_ms: int
) -> Iterator[SystemSnapshot]:
    """Yield all processes at each tick of a span."""
    from memc.files.recording.moment import Moment

    reader = recording._reader
    sql = (
        "select t_ms from _tick where segment=? and t_ms between ? and ? order by t_ms"
    )
    count = 0
    for segment in recording.segments:
        for (t_ms,) in reader.rows(sql, (segment.id, begin_ms, end_ms)):
            yield Moment(reader, t_ms, segment, t_ms).system()
            count += 1
    if not count:
        words = "nothing was recorded from --from to --to"
        raise MemcError(f"{recording.path}: {words}")
