"""What everybody may know of a process: its user, control group and command line."""

from __future__ import annotations

import os

from memc.errors import MemcError, ProcessError
from memc.proc.entry import read_entry
from memc.proc.files import ProcessFiles
from memc.proc.root import is_procfs, open_root

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from memc.cgroups.paths import Place
    from memc.files.recording.known import RecordedProcess
    from memc.proc.root import Opened
    from memc.table.snapshot import Process
    from memc.targets.command import Command
    from memc.targets.target import Target

__all__ = [
    "SOURCES",
    "Facts",
    "check_told",
    "facts_of",
    "knows",
    "read_facts",
    "untold",
]

UID, CGROUP, CMDLINE = "uid", "cgroup", "cmdline"
# What a fact is called, the file that tells it, and the options that write it.
SOURCES = {
    UID: ("users", "status", "--all"),
    CGROUP: ("control groups", "cgroup", "--all --full"),
    CMDLINE: ("command lines", "cmdline", "--all --full"),
    "name": ("names", "comm", "--full"),
}
COUNT_MAX = 256
# What processes run, by name and arguments: many run the same.
_commands: dict[tuple[str, ...], Command] = {}


class Facts:
    """What is known of a process; None is what is not known.

    - `uid`: its effective user;
    - `paths`: the paths of its control groups, the one that counts first;
    - `arguments`: its command line, [] if it has none;
    - `threads`: how many threads it has, which is read where others are not readable.

    `is_exact` tells that the arguments need no second look.
    """

    __slots__ = (
        "_command",
        "_place",
        "arguments",
        "is_exact",
        "paths",
        "threads",
        "uid",
    )

    def __init__(self) -> None:
        self.uid: int | None = None
        self.paths: list[str] | None = None
        self.arguments: list[str] | None = None
        self.threads: int | None = None
        self.is_exact = False
        self._place: Place | None = None
        self._command: Command | None = None

    @property
    def place(self) -> Place:
        """The container, the pod and the service that its control groups tell."""
        if self._place is None:
            from memc.cgroups.paths import place_of

            self._place = place_of(self.paths or [])
        return self._place

    def command(self, name: str) -> Command | None:
        """Return what it runs; `name` is its comm.  None if that is not known."""
        if self._command is None and self.arguments is not None:
            key = name, *self.arguments
            self._command = _commands.get(key) or _remember(key)
        return self._command

    def hide_arguments(self, name: str) -> None:
        """Replace the arguments of what it runs, which may hold secrets, by "…"."""
        from memc.targets.command import Command

        command = self.command(name)
        if command is not None:
            rest = "…" if command.rest else ""
            line = f"{command.key} {rest}".rstrip()
            self._command = Command(command.key, rest, line)

    def read(self, files: ProcessFiles, needs: Iterable[str]) -> None:
        """Read these facts; what cannot be read stays as it is."""
        if UID in needs:
            uid = files.uid()
            self.uid = self.uid if uid is None else uid
        try:
            if CGROUP in needs:
                from memc.cgroups.paths import paths_in

                self.paths = paths_in(files.read("cgroup")) or None
        except OSError:
            pass
        try:
            if CMDLINE in needs:
                from memc.proc.living import use_living_thread
                from memc.targets.command import split_arguments

                use_living_thread(files)
                self.arguments = split_arguments(files.read("cmdline"))
        except OSError:
            pass


def _remember(key: tuple[str, ...]) -> Command:
    from memc.targets.command import command_of

    if len(_commands) >= COUNT_MAX:
        _commands.clear()
    name, *arguments = key
    made = _commands[key] = command_of(arguments, name)
    return made


def facts_of(process: Process | RecordedProcess) -> Facts:
    """Return the facts that a snapshot of all processes has of one."""
    facts = Facts()
    facts.uid = process.uid
    if process.cgroup is not None:
        facts.paths = [process.cgroup]
    if process.cmdline is not None:
        facts.arguments = process.cmdline.split(" ") if process.cmdline else []
    return facts


def read_facts(targets: Iterable[Target], needs: Iterable[str]) -> None:
    """Read these facts of live processes, and of those in a copy of /proc."""
    needs = frozenset(needs)
    by_root: dict[str, list[Target]] = {}
    for target in targets if needs else ():
        if target.pid is not None and not (
            target.facts.is_exact and needs == {CMDLINE}
        ):
            by_root.setdefault(_root_of(target), []).append(target)
    for proc, members in by_root.items():
        if not proc:
            continue
        try:
            with open_root(proc) as root:
                is_live = is_procfs(root)
                for target in members:
                    _read_one(root, target, needs, is_live=is_live)
        except MemcError:
            continue


def _root_of(target: Target) -> str:
    """Return the root in which a process is; "" if there is none."""
    if target.file is None:
        return target.proc
    if not target.file or not os.path.isdir(target.file):
        return ""
    path = os.path.abspath(target.file)
    is_one = os.path.basename(path) == str(target.pid)
    return os.path.dirname(path) if is_one else path


def _read_one(
    root: Opened, target: Target, needs: frozenset[str], *, is_live: bool
) -> None:
    facts = target.facts
    needs -= {CMDLINE} if facts.is_exact else set()
    known = {UID: facts.uid, CGROUP: facts.paths, CMDLINE: facts.arguments}
    if is_live and all(known.get(need) is not None for need in needs):
        _refine(root, target, needs)
        return
    try:
        with ProcessFiles(root, target.pid or 0) as files:
            started = files.identity()[1]
            if target.started is None or started in (None, target.started):
                target.facts.read(files, needs)
    except (OSError, ProcessError):
        return


def _refine(root: Opened, target: Target, needs: frozenset[str]) -> None:
    """Read what a snapshot has as one text: where arguments end, and all paths.

    What does not hold the text of the snapshot is of another process.
    """
    from memc.targets.command import split_arguments

    facts = target.facts
    if CMDLINE in needs and facts.arguments:
        data = _read_small(root, f"{target.pid}/cmdline")
        line = data.rstrip(b"\0").replace(b"\0", b" ")
        if line.decode("utf-8", "surrogateescape") == " ".join(facts.arguments):
            facts.arguments = split_arguments(data)
    if CGROUP in needs and facts.paths:
        from memc.cgroups.paths import identify, paths_in

        if identify(facts.paths[0]):
            return  # the other paths cannot tell more
        paths = paths_in(_read_small(root, f"{target.pid}/cgroup"))
        if facts.paths[0] in paths:
            facts.paths = paths


def _read_small(root: Opened, name: str) -> bytes:
    """Read a small file of the kernel's /proc; b"" if it cannot be read."""
    try:
        return read_entry(root.fd, name, is_copy=False)
    except OSError:
        return b""


def check_told(targets: Iterable[Target], needs: Iterable[str]) -> None:
    """Raise MemcError if a file, or all that is live, tells one of these of nobody."""
    sides: dict[str, list[Target]] = {}
    for target in targets:
        where = target.proc if target.file is None else target.file
        sides.setdefault(where, []).append(target)
    for where, members in sides.items():
        for need in needs:
            if any(knows(target, need) for target in members):
                continue
            words, file, options = SOURCES[need]
            why = f"memc {options} writes them"
            if members[0].file is None or os.path.isdir(where):
                why = f"no process has {file}"
            raise MemcError(f"{where}: tells no {words}: {why}")


def untold(targets: Iterable[Target], needs: Iterable[str]) -> dict[str, int]:
    """Return how many processes with memory do not tell each fact, by its file."""
    targets = [target for target in targets if target.sources]
    return {
        SOURCES[need][1]: count
        for need in needs
        if (count := sum(not knows(target, need) for target in targets))
    }


def knows(target: Target, fact: str) -> bool:
    """Tell whether a fact of a process is known."""
    facts = target.facts
    known: dict[str, object] = {
        UID: facts.uid,
        CGROUP: facts.paths,
        CMDLINE: facts.arguments,
        "name": target.name or None,
    }
    return known[fact] is not None
