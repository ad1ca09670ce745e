"""The processes that a recording knows: a row for each program that one ran."""

from __future__ import annotations

from memc.errors import ProcessError
from memc.proc.files import ProcessFiles
from memc.table.document import shown_text
from memc.targets.facts import Facts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.files.recording.frames import Frame
    from memc.proc.root import Opened
    from memc.record.batch import Row
    from memc.record.follow import Followed

__all__ = ["Known"]

NEEDS = ("uid", "cgroup", "cmdline")


class Known:
    """The row of a process, and what the recording said of it last.

    `number` is that of the row.  `usage` are the values of its last row of usage,
    `held` those of each owner, and `frame` its last frame, in the open segment.
    """

    __slots__ = ("_row", "first_ms", "frame", "held", "number", "usage")

    def __init__(
        self, number: int, followed: Followed, root: Opened, boot: str, t_ms: int
    ) -> None:
        facts = Facts()
        try:
            with ProcessFiles(root, followed.pid) as files:
                if files.identity()[1] == followed.started:
                    facts.read(files, NEEDS)
        except (OSError, ProcessError):
            pass
        self.number = number
        self.first_ms = t_ms
        name = followed.name.decode("utf-8", "surrogateescape")
        shown = shown_text(name)
        arguments = facts.arguments
        self._row: Row = (
            *(number, boot, followed.pid, followed.started, followed.execs),
            *(followed.parent, facts.uid, shown),
            None if shown == name else followed.name,
            None if arguments is None else shown_text(" ".join(arguments)),
            shown_text(facts.paths[0]) if facts.paths else None,
            t_ms,
        )
        self.begin_segment()

    def begin_segment(self) -> None:
        """Forget what was said: a segment tells everything again."""
        self.usage: tuple[int | str | None, ...] | None = None
        self.held: dict[str, list[int | None]] = {}
        self.frame: Frame | None = None

    def row(self, last_ms: int | None, segment: int) -> Row:
        """Return the row of `_process`; `last_ms` is None while the process lives."""
        return *self._row, last_ms, segment
