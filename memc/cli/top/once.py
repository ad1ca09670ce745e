"""``memc top --once``: every process as plain text."""

from __future__ import annotations

import time

from memc.cli.output import STDOUT, print_text, say
from memc.cli.top.found import check_found
from memc.errors import MemcError
from memc.human.sheet import terminal_width
from memc.top.cells import text_of
from memc.top.format import header, heads, row
from memc.top.model import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterator

    from memc.targets.choice import Choice
    from memc.top.moment import Gap, Source, Tell
    from memc.top.view import View

__all__ = ["run"]

WIDTH = 80  # where there is no terminal
RATES = ("growth", "faults")  # what takes two looks
MS = 1000


def run(
    args: Namespace,
    choice: Choice,
    view: View,
    open_source: Callable[[Namespace, Choice, View], Source],
) -> int:
    """Print the processes of a choice; return the exit status."""
    source = open_source(args, choice, view)
    try:
        tell = source.look()
        if tell.is_live and view.sort in RATES:
            time.sleep(args.interval / MS)
            tell = source.look()
        if tell.gap is not None:
            raise MemcError(_of_gap(choice.recordings[0], tell.t_ms, tell.gap))
        check_found(tell, choice)
        for note in tell.notes:
            say(note)
        tell.notes = []
        width = terminal_width(STDOUT) or WIDTH
        lines = [] if tell.is_live else [*_times(source, width)]
        lines += _lines(tell, view, width)
        print_text("".join(f"{line}\n" for line in lines))
    finally:
        source.close()
    return 0


def _of_gap(path: str, t_ms: int, gap: Gap) -> str:
    from memc.files.recording.times import show_time

    at, begin, end = map(show_time, (t_ms, gap.begin_ms, gap.end_ms))
    return f"{path}: nothing was recorded at {at}: {gap.why}, from {begin} to {end}"


def _times(source: Source, width: int) -> Iterator[str]:
    """Yield the line that tells which time of a recording is shown."""
    from memc.top.replay import RecordingSource

    if isinstance(source, RecordingSource):
        yield text_of(source.position(width)).rstrip()


def _lines(tell: Tell, view: View, width: int) -> Iterator[str]:
    """Yield the lines of the text."""
    view.kernel = view.by == "process"
    rows = Model().rows(tell, view)
    for one in rows:
        one.is_selected = False
    parts = [*header(tell, view, width), heads(width, view)]
    parts += [row(one, width, view) for one in rows]
    for cells in parts:
        yield text_of(cells).rstrip()
