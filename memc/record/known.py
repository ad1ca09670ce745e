"""The processes that a recording knows: a row for each program that one ran."""

from __future__ import annotations

from memc.errors import ProcessError
from memc.proc.files import ProcessFiles
from memc.record.usage import NOTHING_BESIDE
from memc.table.document import shown_text
from memc.targets.facts import Facts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.files.recording.frames import Frame
    from memc.proc.root import Opened
    from memc.record.batch import Row
    from memc.record.followed import Followed
    from memc.record.store import Store

__all__ = ["Known"]

NEEDS = ("uid", "cgroup", "cmdline")
NAME = 7  # where the row has the name as text, and as bytes if they differ


class Known:
    """The row of a process, and what the recording said of it last.

    `number` is that of the row.  In the open segment, `usage` are the values of its
    last row of usage, `beside` those of its last row of beside, and `frame` its last
    frame.  `held` are the values of each owner when its regions were read; `is_told`
    tells whether this segment has them.  `last_rss_kb` is the last RSS that it told,
    and `has_ended` tells whether its end was told.
    """

    __slots__ = (
        "_row",
        "beside",
        "first_ms",
        "frame",
        "has_ended",
        "held",
        "is_told",
        "last_rss_kb",
        "number",
        "usage",
    )

    def __init__(
        self, followed: Followed, root: Opened, store: Store, boot: str, t_ms: int
    ) -> None:
        facts = Facts()
        try:
            with ProcessFiles(root, followed.pid) as files:
                if files.identity()[1] == followed.started:
                    facts.read(files, NEEDS)
        except (OSError, ProcessError):
            pass
        arguments = facts.arguments
        program = (
            *_names(followed),
            None if arguments is None else shown_text(" ".join(arguments)),
        )
        self.number, self.first_ms = store.new_process(), t_ms
        last = store.last_program(boot, followed.pid, followed.started)
        if last is not None:  # of a recorder before, or of a choice that it left
            number, execs, first_ms, *before = last
            if tuple(before) == program and execs == followed.execs:
                self.number, self.first_ms = number, first_ms
            else:
                followed.execs = max(followed.execs, execs + 1)
        self._row: Row = (
            *(self.number, boot, followed.pid, followed.started, followed.execs),
            *(followed.parent, facts.uid, *program),
            shown_text(facts.paths[0]) if facts.paths else None,
            self.first_ms,
        )
        self.last_rss_kb: int | None = None
        self.has_ended = False
        self.held: dict[str, list[int | None]] = {}
        self.begin_segment()

    def begin_segment(self) -> None:
        """Forget what was said: a segment tells everything again."""
        self.usage: tuple[int | str | None, ...] | None = None
        self.beside = NOTHING_BESIDE
        self.is_told = False
        self.frame: Frame | None = None

    def rename(self, followed: Followed) -> None:
        """Take the new name: a process is known by its last one."""
        before = self._row[:NAME]
        self._row = *before, *_names(followed), *self._row[NAME + 2 :]

    def take(self, usage: tuple[int | str | None, ...]) -> None:
        """Note the values of a row of usage."""
        self.usage = usage
        if isinstance(usage[0], int):
            self.last_rss_kb = usage[0]

    def row(self, last_ms: int | None, segment: int) -> Row:
        """Return the row of `_process`; `last_ms` is None while the process lives."""
        return *self._row, last_ms, segment


def _names(followed: Followed) -> tuple[str, bytes | None]:
    """Return the name as text, and as bytes if the text is not all of it."""
    name = followed.name.decode("utf-8", "surrogateescape")
    shown = shown_text(name)
    return shown, None if shown == name else followed.name
