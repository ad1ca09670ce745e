"""What ``memc diff`` compares of a recording: its states at two times."""

from __future__ import annotations

from memc.analysis.keys import levels
from memc.cli.common.choose import tell_found
from memc.cli.common.form import level_of
from memc.cli.common.recorded import kind_of
from memc.cli.output import say
from memc.cli.usage import UsageError
from memc.human.units import safe
from memc.targets.twice import renamed

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from memc.analysis.growth import Growth
    from memc.analysis.trend import Trend
    from memc.errors import MemcError
    from memc.targets.choice import Choice
    from memc.targets.target import Found

__all__ = ["Span", "is_span"]

POINTS = 16  # times at which a trend has a bar
GAPS = 3  # at most so many have a line


def is_span(args: argparse.Namespace, choice: Choice) -> bool:
    """Tell whether processes of one recording are compared at two of its times.

    Two targets without a span of time are two sides, each at one time.
    """
    if not choice.recordings:
        return False
    is_timed = choice.begin is not None or choice.end is not None
    return is_timed or len(args.targets) != 2


class Span:
    """Two times of a recording, and what was between them.

    Raises UsageError if the options do not fit, and MemcError if the recording does not
    tell the state at these times.
    """

    def __init__(self, args: argparse.Namespace, choice: Choice) -> None:
        if len(choice.paths) > 1:
            raise UsageError("--from and --to are of one recording: give one file")
        if choice.at is not None:
            raise UsageError("--at is one time: --from and --to, or --since, are two")
        from memc.targets.recorded import Recorded

        self._args = args
        self._kind = kind_of(args, level_of(args, choice))
        self._file = choice.recordings[0]
        self._recorded = recorded = Recorded(self._file, choice)
        self._begin_ms, self._end_ms = recorded.span()

    def read(self) -> tuple[Found, Found]:
        """Return what there was at both times, of the processes that both tell of."""
        times = self._begin_ms, self._end_ms
        before, after = (self._recorded.found(t, self._kind) for t in times)
        both = {_pid(e) for e in before.errors} & {_pid(e) for e in after.errors}
        after.errors = [error for error in after.errors if _pid(error) in both]
        before.errors = []
        for one, other in ((before, after), (after, before)):
            untold = {(target.pid, target.started) for target in one.untold}
            left = [t for t in other.targets if (t.pid, t.started) in untold]
            other.targets = [t for t in other.targets if t not in left]
            other.untold += left
        for found in (before, after):
            tell_found(found, self._kind)
        for words in renamed(before.targets, after.targets):
            say(words)
        return before, after

    def trend(self, growth: Growth, name: str) -> Trend | None:
        """Return how an amount went; None for regions, of which few times are kept."""
        from memc.analysis.trend import find_trend

        if "region" in levels(growth.levels):
            return None
        length_ms = self._end_ms - self._begin_ms
        count = min(POINTS, length_ms + 1)
        steps = [i * length_ms // max(count - 1, 1) for i in range(count)]
        times = [self._begin_ms + step for step in steps]
        moments = ((t, self._recorded.targets(t, self._kind)) for t in times)
        path = self._args.path
        return find_trend(growth, name, moments, keep=path and path.search)

    def told(self) -> list[str]:
        """Return lines about the times, and the gaps between them."""
        from memc.files.recording.times import show_time

        begin_ms, end_ms = self._begin_ms, self._end_ms
        times = f"from {show_time(begin_ms)} to {show_time(end_ms)}"
        gaps = [
            gap
            for gap in self._recorded.recording.gaps
            if gap.begin_ms < end_ms and gap.end_ms > begin_ms
        ]
        said = [f"{safe(self._file)} {times}"]
        if len(gaps) > GAPS:
            said.append(f"{len(gaps):,} gaps between, the first: {gaps[0]}")
        else:
            said += [f"between is {gap}" for gap in gaps]
        return said


def _pid(error: MemcError) -> int | None:
    return getattr(error, "pid", None)
