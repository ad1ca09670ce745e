"""Which processes and files the user asked for."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re

__all__ = ["Choice", "split_words"]


class Choice:
    """The processes and files that the user asked for.

    The live processes are those in `pids`, and those in `trees` with all their
    descendants.  All processes are chosen if `every` is set, or if there are only
    tests.  Of these, memc reads the processes that pass every test:

    - `name`: the pattern is found in the name of the process;
    - `uids`: the list holds the user of the process;
    - `cgroups`: a word or a pattern of shell wildcards matches the control group;
    - `containers`: the first digits of the ID of its container, or its whole name;
    - `match`: the pattern is found in the command line.

    With `itself` the process of memc is one of all, and is not left out where there are
    tests.

    The files in `paths` are read too; with `strict` a bad line of a text is an error.
    The processes in the files have to pass the tests as well.

    Those in `recordings` were made by memc record.  If there are any, `pids`, `trees`
    and tests are of processes in them, at the time `at`, or at `begin` and `end`: texts
    as users write them, None for the begin or the end of the recording.
    """

    __slots__ = (
        "at",
        "begin",
        "cgroups",
        "containers",
        "end",
        "every",
        "itself",
        "match",
        "name",
        "paths",
        "pids",
        "proc",
        "recordings",
        "strict",
        "trees",
        "uids",
    )

    def __init__(self, *, proc: str = "/proc") -> None:
        self.proc = proc
        self.pids: list[int] = []
        self.paths: list[str] = []
        self.recordings: list[str] = []
        self.at: str | None = None
        self.begin: str | None = None
        self.end: str | None = None
        self.trees: list[int] = []
        self.every = False
        self.itself = False
        self.strict = False
        self.name: re.Pattern[str] | None = None
        self.uids: list[int] = []
        self.cgroups: list[str] = []
        self.containers: list[str] = []
        self.match: re.Pattern[str] | None = None

    def nobody(self, *, twice: bool = False) -> str:
        """Return the words for a choice that no process passes.

        With `twice`, processes are looked for that live at the begin and at the end.
        """
        tests = self._tests()
        why = self._why_not_seen()
        if self.recordings:
            return " ".join(("no process", *tests, self._then(twice=twice)))
        if not tests and not why:
            return "no such process"
        return " ".join(("no process", *(tests or ["is seen"]))) + why

    def _tests(self) -> list[str]:
        """Return the words for each test that processes have to pass."""
        import re

        tests = []
        if self.name is not None:
            tests.append(f"with a name that matches '{self.name.pattern}'")
        if self.uids:
            tests.append(f"of user {' or '.join(map(str, self.uids))}")
        if self.cgroups:
            patterns = " or ".join(f"'{pattern}'" for pattern in self.cgroups)
            tests.append(f"in control group {patterns}")
        if self.containers:
            names = " or ".join(f"'{name}'" for name in self.containers)
            tests.append(f"in container {names}")
            if any(re.fullmatch("[0-9a-fA-F]{1,3}", word) for word in self.containers):
                tests[-1] += " (an ID needs four digits or more)"
        if self.match is not None:
            tests.append(f"with a command line that matches '{self.match.pattern}'")
        return tests

    def _then(self, *, twice: bool) -> str:
        """Return when processes of a recording would have had to live."""
        lived = "lived at both ends" if twice else "lived then"
        if self.at or self.begin or self.end:
            return lived
        hint = "--from +1s --to -1s" if twice else "--at -1s"
        return f"{lived}; try {hint}, before the end"

    def _why_not_seen(self) -> str:
        """Return what hides processes that were looked for among all, "" if nothing."""
        if not self.names_live() or self.names_pids():
            return ""
        from memc.proc.files import HIDDEN
        from memc.proc.hidepid import hides_others

        return f"; others are {HIDDEN}" if hides_others(self.proc) else ""

    def without(self, *names: str) -> Choice:
        """Return a copy in which the lists with these names are empty."""
        part = Choice(proc=self.proc)
        for name in Choice.__slots__:
            setattr(part, name, [] if name in names else getattr(self, name))
        return part

    def has_tests(self) -> bool:
        """Tell whether processes have to pass a test."""
        lists = self.uids or self.cgroups or self.containers
        return bool(lists or self.name or self.match)

    def names_live(self) -> bool:
        """Tell whether live processes are chosen; tests next to files choose none."""
        if self.recordings:
            return False
        named = self.pids or self.trees or self.every
        return bool(named or (self.has_tests() and not self.paths))

    def names_pids(self) -> bool:
        """Tell whether live processes are chosen by pid only."""
        return not (self.trees or self.every or self.has_tests())

    def is_one(self) -> bool:
        """Tell whether one live process is chosen, by its pid."""
        is_live = not self.recordings
        return is_live and self.names_pids() and len(set(self.pids)) == 1

    def is_empty(self) -> bool:
        """Tell whether the user asked for nothing."""
        asked = self.pids or self.paths or self.trees or self.every
        return not asked and not self.has_tests()


def split_words(choice: Choice, words: list[str]) -> None:
    """Add words to a choice: a number is a pid, everything else is a file.

    Raises ValueError for pid 0 or below and for an empty word.
    """
    for word in words:
        if word.isascii() and word.removeprefix("-").isdigit():
            pid = int(word[:100])
            if pid < 1:
                raise ValueError(f"pid: expected a positive number, not '{word}'")
            choice.pids.append(pid)
        elif not word:
            raise ValueError("expected a pid or a file, not ''")
        else:
            choice.paths.append(word)
