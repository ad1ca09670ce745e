"""What a gate could not judge, and why."""

from __future__ import annotations

from memc.errors import ProcessGone
from memc.limits.limits import GrowthLimit
from memc.table.snapshot import Skipped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.targets.choice import Choice
    from memc.targets.target import Found, Target

__all__ = ["Trouble", "Troubles", "ended", "who"]


class Trouble:
    """Why a limit could not be judged; `pid` is None if it was no process."""

    __slots__ = ("pid", "text")

    def __init__(self, text: str, pid: int | None = None) -> None:
        self.text = text
        self.pid = pid


class Troubles:
    """What went wrong with the processes of a choice.

    `errors` are Troubles, each text once.  `skipped` are the processes, by pid, that
    could not be read and that the user did not name; with `skip_denied` not those that
    memc may not read.
    """

    def __init__(self, choice: Choice, *, skip_denied: bool) -> None:
        self.errors: list[Trouble] = []
        self.skipped: dict[int, Skipped] = {}
        self._choice = choice
        self._skips_denied = skip_denied
        self._left_out: set[int] = set()  # pids of those that were denied

    def clear(self) -> None:
        """Forget all."""
        self.errors.clear()
        self.skipped.clear()
        self._left_out.clear()

    def add(self, text: str, pid: int | None) -> None:
        """Keep why something was not judged."""
        if text not in [error.text for error in self.errors]:
            self.errors.append(Trouble(text, pid))

    def note(self, found: Found, before: set[int | None]) -> None:
        """Keep what could not be read; `before` are the pids of an earlier reading."""
        for error in found.errors:
            pid = getattr(error, "pid", None)
            has_ended = isinstance(error, ProcessGone) and pid in before
            self.add(ended(pid) if has_ended else str(error), pid)
        for path, note in found.notes:
            self.add(f"{path}: {note.text}", None)
        for skip in found.skipped:
            if skip.reason != "gone":  # a process that ended has no memory
                self._skip(skip)

    def unknown(self, target: Target, what: str) -> None:
        """Keep why a figure of a process or file is not known."""
        choice, pid, notes = self._choice, target.pid, target.table.notes
        is_denied = any(note.code == "denied" for note in notes)
        if target.file or pid is None or pid in choice.pids or not is_denied:
            # Samples that were left out, or told again, are no reason.
            whys = [n.text for n in notes if n.code not in ("late", "as_of")]
            words = whys[0] if whys else "it is not known"
            self.add(f"{who(target)}: {what} cannot be judged: {words}", pid)
        else:
            text = next(note.text for note in notes if note.code == "denied")
            text = f"process {pid}: {text}"
            self._skip(Skipped(pid, target.name, "denied", text))

    def judged_nobody(self, name: str) -> None:
        """Keep that the limit with this name judged no process."""
        words = self._choice.nobody(twice=name == GrowthLimit.name)
        count = len(self._left_out)
        if count:
            noun = "process was" if count == 1 else "processes were"
            words = f"{count:,} denied {noun} left out"
        self.add(f"--{name} found no process to judge: {words}", None)

    def _skip(self, skip: Skipped) -> None:
        if self._skips_denied and skip.reason == "denied":
            self._left_out.add(skip.pid)
        else:
            self.skipped[skip.pid] = skip


def ended(pid: int | None) -> str:
    """Say that a process ended while the gate waited."""
    return f"process {pid}: ended between the two readings"


def who(target: Target) -> str:
    """Return what to call a process or a file in a message."""
    if target.pid is None:
        return str(target.file)
    file = f"{target.file}: " if target.file is not None else ""
    return " ".join(filter(None, (f"{file}process {target.pid}", target.name)))
