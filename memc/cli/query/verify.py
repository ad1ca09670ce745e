"""Look for damage in a recording: in the file, in its rows, and in its frames."""

from __future__ import annotations

from memc.cli.output import counted, print_text, say
from memc.cli.query.progress import Progress
from memc.errors import MemcError
from memc.files.recording.frames import decode, restore
from memc.files.recording.strings import Strings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from memc.files.recording.frames import Frame
    from memc.files.recording.recording import Recording

__all__ = ["run"]

FINE = "ok"
MOST = 100  # of what SQLite finds wrong in the file
ALONE = """select count(*) from {table} r where {given}not exists
  (select 1 from {other} o where {same})"""
GIVEN = {"process": "r.process is not null and "}  # events of the machine have none
# What each row must have, in words, and how its table is joined with it.
NEEDS = [
    *(
        (table, "tick", "_tick", "o.segment=r.segment and o.t_ms=r.t_ms")
        for table in ("_usage", "_beside", "_held", "_frame", "_machine")
    ),
    *(
        (table, "process", "_process", "o.id=r.process")
        for table in ("_usage", "_beside", "_held", "_frame", "_event")
    ),
    *(
        (table, "segment", "_segment", "o.id=r.segment")
        for table in ("_tick", "_event")
    ),
    ("_held", "owner", "_owner", "o.id=r.owner"),
    ("_segment", "run", "_run", "o.id=r.run"),
]


def run(recording: Recording) -> int:
    """Print what is wrong, or that all is well; return the exit status."""
    progress = Progress()
    try:
        with recording._reader.moment():
            wrong = [*_file(recording, progress)]
            wrong += [] if wrong else [*_rows(recording, progress)]
            frames, damaged = _frames(recording, progress) if not wrong else (0, [])
            ticks = recording._reader.row("select count(*) from _tick") or (0,)
    finally:
        progress.end()
    wrong += damaged
    for words in wrong:
        say(f"{recording.path}: {words}")
    if wrong:
        return 1
    counts = f"{counted(ticks[0], 'tick')}, {counted(frames, 'frame')}"
    print_text(f"{FINE}: {counts}\n")
    return 0


def _file(recording: Recording, progress: Progress) -> Iterator[str]:
    progress.say("the file")
    for (words,) in recording._reader.rows(f"pragma integrity_check({MOST})"):
        if words != FINE:
            yield f"the file is damaged: {words}"


def _rows(recording: Recording, progress: Progress) -> Iterator[str]:
    for table, what, other, same in NEEDS:
        progress.say(f"rows of {table}")
        given = GIVEN.get(what, "")
        sql = ALONE.format(table=table, given=given, other=other, same=same)
        count = (recording._reader.row(sql) or (0,))[0]
        if count:
            yield f"{counted(count, 'row')} of {table} without a {what}"


def _frames(recording: Recording, progress: Progress) -> tuple[int, list[str]]:
    """Decode all frames; return their number, and what is wrong."""
    reader = recording._reader
    places = reader.rows("select distinct segment, process from _frame")
    strings = Strings(reader.db)
    count, wrong = 0, []
    for segment, process in places:
        frame: Frame | None = None
        rows = reader.rows(
            "select t_ms, base, meta, data from _frame where segment=? and process=? "
            "order by t_ms",
            (segment, process),
        )
        try:
            for _, base, meta, data in rows:
                count += 1
                frame = decode(None if base else frame, meta, data)
                restore(frame, meta, strings, 0, None)
        except MemcError as error:
            wrong.append(f"segment {segment}, process {process}: {error}")
        progress.say(counted(count, "frame"))
    return count, wrong
