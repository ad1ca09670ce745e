"""Which processes and files are meant."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re

__all__ = ["Choice", "split_words"]


class Choice:
    """What was asked for.

    Meant are the processes of `pids`, those of `trees` with all that descend from them,
    and every process where `every` is set or there is nothing but tests; of these,
    those that pass all tests: `name` is searched for in their names, `uids` and
    `cgroups` (patterns of shell wildcards) are theirs.  The files of `paths` are read
    besides; those of a file that tells of many processes have to pass, too.
    """

    __slots__ = (
        "cgroups",
        "every",
        "name",
        "paths",
        "pids",
        "proc",
        "trees",
        "uids",
    )

    def __init__(self, *, proc: str = "/proc") -> None:
        self.proc = proc
        self.pids: list[int] = []
        self.paths: list[str] = []
        self.trees: list[int] = []
        self.every = False
        self.name: re.Pattern[str] | None = None
        self.uids: list[int] = []
        self.cgroups: list[str] = []

    def without(self, *names: str) -> Choice:
        """Return a copy in which the lists of these names are empty."""
        part = Choice(proc=self.proc)
        for name in Choice.__slots__:
            setattr(part, name, [] if name in names else getattr(self, name))
        return part

    def has_tests(self) -> bool:
        """Tell whether processes have to pass a test."""
        return bool(self.name or self.uids or self.cgroups)

    def names_live(self) -> bool:
        """Tell whether live processes are meant; a test alone is for files if any."""
        named = self.pids or self.trees or self.every
        return bool(named or (self.has_tests() and not self.paths))

    def names_pids(self) -> bool:
        """Tell whether live processes are told by number alone."""
        return not (self.trees or self.every or self.has_tests())

    def is_one(self) -> bool:
        """Tell whether one live process is meant, by its number."""
        return self.names_pids() and len(set(self.pids)) == 1

    def is_empty(self) -> bool:
        """Tell whether nothing at all was asked for."""
        asked = self.pids or self.paths or self.trees or self.every
        return not asked and not self.has_tests()


def split_words(choice: Choice, words: list[str]) -> None:
    """Add words to what was asked for: a number is a pid, all else a file."""
    for word in words:
        if word.isascii() and word.isdigit():
            pid = int(word[:100])
            if pid < 1:
                raise ValueError(f"pid: expected a positive number, not '{word}'")
            choice.pids.append(pid)
        elif not word:
            raise ValueError("expected a pid or a file, not ''")
        else:
            choice.paths.append(word)
