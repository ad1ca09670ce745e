"""Memory as a sum: lines that add up, and what is left."""

from __future__ import annotations

from memc.accounts.names import SWAP_CACHE
from memc.table.region import Document, Note

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.accounts.limit import Limited
    from memc.human.picture import Picture
    from memc.table.document import Json

__all__ = ["Account", "Line", "Part"]

UNSURE = (SWAP_CACHE,)  # its pages may be those of processes


class Part:
    """A part of a line: `name`, and `kb`, which is None if it is not known."""

    __slots__ = ("kb", "name")

    def __init__(self, name: str, kb: int | None) -> None:
        self.name = name
        self.kb = kb

    def __repr__(self) -> str:
        """Show the name and the amount."""
        return f"<{type(self).__name__} {self.name}: {self.kb} kB>"


class Line(Part):
    """A line of an account: `name`, `kb` and `parts`.

    `kb` is the sum of the parts that are known; it is None if none is.  A line may have
    no parts.
    """

    __slots__ = ("parts",)

    def __init__(self, name: str, kb: int | None, parts: tuple[Part, ...] = ()) -> None:
        super().__init__(name, kb)
        self.parts = parts

    def part(self, name: str) -> int | None:
        """Return the amount of a part, None if it is not known or not there."""
        return next((part.kb for part in self.parts if part.name == name), None)


class Account(Document):
    """The memory of a machine, or of control groups, as a sum.  See `memc.machine`.

    The amounts of `lines` and `unexplained_kb` add up to `total_kb`.  A line whose
    amount is None adds nothing: what it would tell is in `unexplained_kb`.

    - `processes_read`, `processes_unread`: how many processes were read, and how many
      have memory that memc may not read;
    - `tmpfs`: where each tmpfs is mounted, and how much is in it, in kB, mapped or not;
      empty in a copy of /proc;
    - `holed_kb`: the size of huge pages of which a part was unmapped, which the
      unexplained memory may hold; None if the kernel does not tell it (Linux 6.13);
    - `title`: what the total is, in words;
    - `groups`: the control groups, with usage and limits; empty for the machine.  If
      the usage of one is not known, `total_kb` and `unexplained_kb` are None;
    - `notes`: what is not known or was put right, each with `code`, `count` and `text`.
    """

    __slots__ = (
        "groups",
        "holed_kb",
        "lines",
        "notes",
        "processes_read",
        "processes_unread",
        "title",
        "tmpfs",
        "total_kb",
        "unexplained_kb",
    )

    def __init__(self, total_kb: int | None, lines: list[Line]) -> None:
        self.total_kb = total_kb
        self.lines = tuple(lines)
        self.unexplained_kb: int | None = None
        self.notes: tuple[Note, ...] = ()
        if total_kb is not None:
            self.unexplained_kb, self.notes = _balance(total_kb, self.lines)
        self.groups: tuple[Limited, ...] = ()
        self.processes_read = self.processes_unread = 0
        self.tmpfs: tuple[tuple[str, int], ...] = ()
        self.holed_kb: int | None = None
        self.title = "MemTotal"

    def note(self, code: str, count: int, text: str) -> None:
        """Add a note."""
        self.notes += (Note(code, count, text),)

    def line(self, name: str) -> Line | None:
        """Return the line with this name, None if there is none."""
        return next((line for line in self.lines if line.name == name), None)

    def to_dict(self) -> dict[str, Json]:
        """Return the document that ``memc machine --json`` prints."""
        from memc.table.document import shown_text

        document: dict[str, Json] = {
            "total_kb": self.total_kb,
            "lines": [
                {
                    "name": line.name,
                    "kb": line.kb,
                    "parts": [
                        {"name": shown_text(part.name), "kb": part.kb}
                        for part in line.parts
                    ],
                }
                for line in self.lines
            ],
            "unexplained_kb": self.unexplained_kb,
            "processes_read": self.processes_read,
            "processes_unread": self.processes_unread,
            "tmpfs": [
                {"mount": shown_text(mount), "kb": kb} for mount, kb in self.tmpfs
            ],
            "holed_kb": self.holed_kb,
            "notes": [
                {"code": note.code, "count": note.count, "text": note.text}
                for note in self.notes
            ],
        }
        if self.groups:
            del document["tmpfs"], document["holed_kb"]
            document["groups"] = [group.to_dict() for group in self.groups]
        return document

    def _picture(self) -> Picture:
        from memc.accounts.pictures import of_account

        return of_account(self)

    def __repr__(self) -> str:
        """Show the total, and what is not explained."""
        left = f"{self.unexplained_kb} kB unexplained"
        return f"<Account of {self.total_kb} kB: {len(self.lines)} lines, {left}>"


def _balance(total_kb: int, lines: tuple[Line, ...]) -> tuple[int, tuple[Note, ...]]:
    """Return what the lines leave of the total, and a note if they tell more than it.

    Some counters count a page twice, and the parts were not read at one time: the first
    parts of `UNSURE`, then the last lines get smaller until the sum is right.
    """
    left = total_kb - sum(line.kb or 0 for line in lines)
    if left >= 0:
        return left, ()
    over, touched = -left, []
    parts = [(line, part) for line in lines for part in line.parts]
    last: list[tuple[Line, Part]] = [(line, line) for line in reversed(lines)]
    unsure = [pair for pair in (*parts, *last) if pair[1].name in UNSURE]
    for line, part in [*unsure, *parts[::-1], *last]:
        cut = min(over, part.kb or 0)
        if cut and part.kb and line.kb:
            part.kb -= cut
            line.kb -= 0 if part is line else cut
            touched.append(part.name)
            over -= cut
    words = f"the lines tell {-left} kB more than there is: less is shown of "
    return 0, (Note("clamped", -left, words + ", ".join(dict.fromkeys(touched))),)
