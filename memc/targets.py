"""Which processes and files are meant, and what is read of them."""

from __future__ import annotations

from memc._procfs import ProcessFiles, open_root
from memc.errors import MemcError, ProcessError, ProcessGone
from memc.snapshot import PID_MAX, Skipped, check_pid

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator

    from memc._backend import Backend
    from memc.loading import Loaded
    from memc.owners import Owner
    from memc.region import Table

__all__ = ["Choice", "Found", "Target", "read", "read_stream", "split_words"]


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


class Target:
    """Something with regions: a process, or what a file tells of one.

    `file` is the path of the file, None for a live process, "" for a table at hand;
    `pid` is None where that does not tell it, and `name`, the comm, "" then.  `started`
    is when the process did, in ticks since the boot, None where that is not known.
    """

    __slots__ = ("_owners", "file", "name", "pid", "proc", "started", "table")

    def __init__(
        self, table: Table, pid: int | None, name: str, *, proc: str, file: str | None
    ) -> None:
        self.table = table
        self.pid = pid
        self.name = name
        self.proc = proc
        self.file = file
        self.started: int | None = None
        self._owners: tuple[Owner, ...] | None = None

    def find_owners(self) -> tuple[Owner, ...]:
        """Return the owner of each region.

        A live process is asked for its stacks, the first time.
        """
        if self._owners is None:
            self._owners = self._find_owners()
        return self._owners

    def _find_owners(self) -> tuple[Owner, ...]:
        from memc.owners import owners
        from memc.threads import read_threads

        if self.file is not None or self.pid is None or not len(self.table):
            return owners(self.table)
        try:
            threads = read_threads(self.pid, proc=self.proc)
        except MemcError:  # it has ended, or is hidden: shapes tell, too
            return owners(self.table)
        return owners(self.table, threads=threads)

    def __repr__(self) -> str:
        """Tell whose it is."""
        return f"<Target {self.file or ''} {self.pid} {self.name!r}: {self.table!r}>"


class Found:
    """What was read, and what was not.

    `errors` are for those that were named by number, or are files: somebody waits for
    them.  `skipped` are others that could not be read.
    """

    __slots__ = ("errors", "skipped", "targets")

    def __init__(self) -> None:
        self.targets: list[Target] = []
        self.skipped: list[Skipped] = []
        self.errors: list[MemcError] = []


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


def read(
    choice: Choice,
    detail: str,
    *,
    backend: Backend | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Found:
    """Read all that is meant, live processes in `detail`.  MemcError for a bad root."""
    if backend is None:
        from memc._backend import backend as find_backend

        backend = find_backend()
    found = Found()
    if choice.every and not choice.has_tests():
        system = backend.collect_all(
            detail, skip_kernel=True, jobs=None, proc=choice.proc, progress=progress
        )
        found.skipped += system.skipped
        found.targets += [
            Target(p.snapshot, p.pid, p.name, proc=choice.proc, file=None)
            for p in system.processes
        ]
    elif choice.names_live():
        from memc._select import find_pids

        for pid in sorted(find_pids(choice)):
            _read_process(choice, pid, detail, found, backend)
    for path in dict.fromkeys(choice.paths):
        try:
            found.targets += _targets_of(_load(path)[-1], path, choice)
        except MemcError as error:
            found.errors.append(error)
    return found


def _read_process(
    choice: Choice, pid: int, detail: str, found: Found, backend: Backend
) -> None:
    name = _name_of(choice.proc, pid)
    try:
        check_pid(pid)
        snap = backend.collect(pid, detail, choice.proc)
    except ProcessError as error:
        if pid in choice.pids or pid in choice.trees:
            found.errors.append(error)
            return
        reason = "gone" if isinstance(error, ProcessGone) else "error"
        reason = "denied" if isinstance(error, PermissionError) else reason
        found.skipped.append(Skipped(pid, name, reason))
        return
    is_empty = not len(snap) and not (snap.totals and snap.total_vsize_kb != 0)
    if not is_empty or pid in choice.pids:  # else a kernel thread, or a zombie
        found.targets.append(Target(snap, pid, name, proc=choice.proc, file=None))


def read_stream(path: str, choice: Choice) -> tuple[list[Target], list[Target]]:
    """Return what the first and the last sample of a file tell; MemcError."""
    samples = _load(path)
    if len(samples) < 2:
        raise MemcError(f"{path}: one sample: expected a stream of two or more")
    first, last = (list(_targets_of(samples[i], path, choice)) for i in (0, -1))
    return first, last


def _load(path: str) -> list[Loaded]:
    """Read the samples in a file of any kind that ``memc.load`` knows; MemcError."""
    from memc.loading import load

    try:
        loaded = load(path)
    except OSError as error:
        kind = "" if "/" in path else " (and a pid is a positive number)"
        raise MemcError(f"{path}: {error.strerror}{kind}") from None
    return loaded if isinstance(loaded, list) else [loaded]


def _targets_of(loaded: Loaded, path: str, choice: Choice) -> Iterator[Target]:
    """Yield those of a sample that are meant."""
    if hasattr(loaded, "processes"):
        from memc._select import is_meant

        for process in loaded.processes:
            if is_meant(choice, process):
                table = process.snapshot
                yield Target(table, process.pid, process.name, proc="", file=path)
    else:
        yield Target(loaded, getattr(loaded, "pid", None), "", proc="", file=path)


def _name_of(proc: str, pid: int) -> str:
    if pid > PID_MAX:
        return ""
    try:
        with open_root(proc) as root, ProcessFiles(root, pid) as files:
            return files.name()
    except MemcError:
        return ""
