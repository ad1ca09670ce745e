"""A recording as a live view shows it: at one time of it, which may be moved."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from dataclasses import replace

from memc.errors import MemcError
from memc.files.recording.moment import Moment
from memc.files.recording.times import show_time
from memc.human.units import safe
from memc.top.holding import why_nothing
from memc.top.moment import Details, Gap, Tell
from memc.top.replay_bar import position, short_time
from memc.top.replay_file import RecordingFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from memc.files.recording.spans import Spans
    from memc.targets.choice import Choice
    from memc.top.moment import Line
    from memc.top.replay_bar import Cells

__all__ = ["RecordingSource"]

MS_PER_S = 1000
SPEED_MAX = 60.0


class RecordingSource:
    """Tells what a recording has of one time: of its end, or of `at`.

    - `is_at_end` tells that it follows a recording that grows.
    - `speed` is how many times as fast as it was recorded it goes on by itself.

    While it is read, the recording may grow, lose its begin, and begin anew in another
    file.  What a user has to know of that is in the notes until the next move.  Raises
    MemcError if the file is no recording, cannot be read or has nothing of that time.
    """

    def __init__(
        self,
        path: str,
        choice: Choice | None = None,
        at: str | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.path = path
        self.speed = 0.0
        self.is_at_end = True
        self._choice = choice
        self._clock = clock
        self._since_s = 0.0
        self._said: list[str] = []
        self._last: Tell | None = None
        self._last_of: object = None
        self._file = RecordingFile(path, choice)
        try:
            _, self._t_ms = self._file.span()
            if at is not None:
                self.go(at)
        except BaseException:
            self._file.close()
            raise

    def look(self) -> Tell:
        """Return what there was.  What goes wrong later on is in the notes."""
        try:
            words = self._follow()
            tell = self._look()
        except (MemcError, OSError) as error:
            if self._last is None:
                raise
            tell, words = self._last, str(error)
        self._last = tell
        notes = [safe(note) for note in (*self._said, words) if note]
        return tell if tell.notes == notes else replace(tell, notes=notes)

    def _follow(self) -> str:
        """Go to the file that is at the path now; return what there is to say."""
        file = self._file
        if not file.is_moved():
            return ""
        if not os.path.lexists(self.path):
            return f"{self.path}: it was moved or deleted: this is what it had"
        if not self.is_at_end:
            return f"{self.path}: another file is there now: it is shown after the end"
        try:
            new = RecordingFile(self.path, self._choice)
        except (MemcError, OSError):  # nothing is in it yet
            return f"{self.path}: another file is there now, without a recording yet"
        file.close()
        self._file = new
        begin_ms, self._t_ms = new.span()
        self._say(f"{self.path}: it was begun anew at {show_time(begin_ms)}")
        return ""

    def _look(self) -> Tell:
        with self._file.reader.moment():
            spans = self._file.spans()
            self._advance(spans)
            about = self._file.version(), self._t_ms
            if self._last is None or about != self._last_of:
                self._last = self._told(spans)
                self._last_of = about
        return self._last

    def _advance(self, spans: Spans) -> None:
        """Set the time that is shown now."""
        begin_ms, end_ms = self._file.span()
        if self.speed:
            now_s = self._clock()
            passed_ms = (now_s - self._since_s) * MS_PER_S * self.speed
            self._since_s = now_s
            self._set(spans, self._t_ms + round(passed_ms))
            if self.is_at_end:
                self.speed = 0.0
        elif self.is_at_end:
            self._t_ms = end_ms
        if self._t_ms < begin_ms:
            self._say(f"what was recorded before {show_time(begin_ms)} was dropped")
            self._t_ms = begin_ms

    def _set(self, spans: Spans, t_ms: int, *, back: bool = False) -> None:
        """Show a time, or the end of the gap in which it is."""
        begin_ms, end_ms = self._file.span()
        found = spans.seen(t_ms)
        if found is not None and not isinstance(found, tuple):
            t_ms = found.begin_ms if back else found.end_ms
            self._say(f"passed over {found}")
        self._t_ms = min(max(t_ms, begin_ms), end_ms)
        self.is_at_end = self._t_ms == end_ms

    def _say(self, words: str) -> None:
        if words not in self._said:
            self._said.append(words)

    def _told(self, spans: Spans) -> Tell:
        file, t_ms = self._file, self._t_ms
        begin_ms, end_ms = file.span()
        tell = Tell(
            t_ms=t_ms, lines=[], is_live=False, begin_ms=begin_ms, end_ms=end_ms
        )
        nearest = file.noted.nearest(t_ms)
        if nearest is not None:
            tell.event = f"{short_time(nearest.t_ms, t_ms)} {nearest.words()}"
        found = spans.seen(t_ms)
        if isinstance(found, tuple):
            moment = Moment(file.reader, t_ms, *found)
            tell.lines = file.lines.make(spans, moment, file.noted.over(t_ms))
            file.tell_machine(moment, tell)
        elif found is not None:
            tell.gap = Gap(found.begin_ms, found.end_ms, safe(found.why))
        return tell

    def position(self, width: int) -> Cells:
        """Return a line of this width: which time it is, of which, and a small map."""
        return position(self._file, self._t_ms, width, self.speed)

    def step(self, n: int) -> None:
        """Go `n` looks of the recorder forth, or back."""
        self.play(0)
        with self._moving() as spans:
            t_ms = self._t_ms
            for _ in range(abs(n)):
                found = self._file.next_tick(t_ms, back=n < 0)
                if found is None:
                    self._say("this is the begin" if n < 0 else "this is the end")
                    break
                t_ms = found
            self._set(spans, t_ms, back=n < 0)

    def move(self, ms: int) -> None:
        """Go so far forth, or back; over gaps."""
        with self._moving() as spans:
            self._set(spans, self._t_ms + ms, back=ms < 0)

    def event(self, n: int) -> None:
        """Go `n` events forth, or back."""
        with self._moving() as spans:
            t_ms = self._t_ms
            for _ in range(abs(n)):
                found = self._file.next_event(t_ms, back=n < 0)
                if found is None:
                    self._say(f"no event {'before' if n < 0 else 'after'} this time")
                    break
                t_ms = found
            self._set(spans, t_ms, back=n < 0)

    def go(self, text: str) -> None:
        """Go to a time, as --at takes it, also in a gap.

        Raises MemcError if it is none, or not in the recording.
        """
        with self._moving() as spans:
            try:
                t_ms = self._file.recording.to_ms(text)
            except ValueError as error:
                raise MemcError(str(error)) from None
            if spans.seen(t_ms) is None:
                spans.find(t_ms)  # raises MemcError, with the span
            self._t_ms = t_ms
            self.is_at_end = t_ms >= self._file.span()[1]

    def play(self, speed: float) -> None:
        """Go on by itself, so many times as fast as it was recorded; 0 stops."""
        self.speed = min(max(speed, 0.0), SPEED_MAX)
        self._since_s = self._clock()

    @contextmanager
    def _moving(self) -> Iterator[Spans]:
        """Give the spans; what was said of the time before is said no more."""
        self._said.clear()
        with self._file.reader.moment():
            spans = self._file.spans()
            self._advance(spans)
            yield spans

    def details(self, line: Line) -> Details:
        """Return what the owners in a process held, as it was told last until then."""
        nothing = why_nothing(line)
        if nothing:
            return Details(note=nothing)
        return self._file.details(line.key, self._t_ms)

    def save(self, line: Line | None) -> bytes:
        """Return the document of a process, or of all, as memc replay prints it.

        Raises MemcError if nothing was recorded then, or the process did not live.
        """
        moment = self._file.recording.at(self._t_ms)
        if line is None or line.key < 0:
            return moment.system().to_json(pretty=True)
        return moment.snapshot(line.pid).to_json(pretty=True)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
