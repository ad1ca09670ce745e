"""Read the processes and files of a choice."""

from __future__ import annotations

from itertools import chain

from memc.errors import MemcError, ProcessError, ProcessGone
from memc.proc.files import ProcessFiles
from memc.proc.rights import words_of
from memc.proc.root import list_pids, open_root
from memc.read.backend import backend
from memc.read.options import Options, check_pid
from memc.table.fields import PID_MAX
from memc.table.snapshot import Process, Skipped, Snapshot, SystemSnapshot
from memc.targets.facts import facts_of, read_facts
from memc.targets.select import find_pids, is_meant
from memc.targets.target import Found, Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from memc.files.loading import Loaded
    from memc.read.backend import Backend
    from memc.table.region import Note
    from memc.targets.choice import Choice

__all__ = [
    "found_samples",
    "one_sample",
    "read",
    "read_ends",
    "read_samples",
    "read_stream",
]


def read(
    choice: Choice,
    options: Options,
    *,
    reader: Backend | None = None,
    one_by_one: bool = False,
    needs: Collection[str] = (),
    others: bool = False,
    sums: bool = False,
    recorded: str = "whole",
) -> Found:
    """Read the processes and files of a choice; `options` are for live processes.

    All processes are read at once, if there are no tests.  With `one_by_one` each is
    read by itself, which tells a process without memory from one that ended.  `needs`
    are the facts to read of each process.  With `others`, processes whose memory may
    not be read are targets too.  With `sums`, live processes are read as a whole where
    that works, which is cheaper than the details with regions.  `recorded` says what
    targets of a recording are, as ``Recorded.found`` has it.  Raises MemcError if the
    root cannot be read.
    """
    found = Found()
    options = options.copy()  # the caller may use them again
    options.cgroups, options.cmdlines = "cgroup" in needs, "cmdline" in needs
    if choice.names_live():
        reader = reader or backend()
        if sums and _has_sums(choice.proc):
            _read_sums(choice, options, found, reader, needs)
        elif choice.every and not choice.has_tests() and not one_by_one:
            _read_all(choice, options, found, reader)
        else:
            _read_each(choice, options, found, reader)
        if others and (found.skipped or found.errors):
            from memc.targets.others import add_others

            add_others(found, choice.proc)
    for path in dict.fromkeys(choice.paths):
        try:
            if path in choice.recordings:
                found.add(_read_recording(path, choice, recorded))
                continue
            found.add(_found_in(_load(path, choice)[-1], path, choice))
        except MemcError as error:
            found.errors.append(error)
    read_facts(found.targets, needs)
    return found


def _read_recording(path: str, choice: Choice, kind: str) -> Found:
    from memc.targets.recorded import Recorded  # SQLite is dear

    recorded = Recorded(path, choice)
    return recorded.found(recorded.time(), kind)


def _read_all(choice: Choice, options: Options, found: Found, reader: Backend) -> None:
    options.skip_kernel = True
    system = reader.collect_all(options)
    found.skipped += system.skipped
    found.targets += [
        _target_of(p, proc=choice.proc, file=None) for p in system.processes
    ]


def _read_each(choice: Choice, options: Options, found: Found, reader: Backend) -> None:
    processes: list[Process] = []
    for pid in sorted(find_pids(choice)):
        processes += _read_process(choice, pid, options, found, reader)
    if len(processes) > 1:
        from memc.proc.same import share

        with open_root(choice.proc) as root:
            processes = share(root, processes)
    found.targets += [_target_of(p, proc=choice.proc, file=None) for p in processes]


def _has_sums(proc: str) -> bool:
    from memc.targets.sums import has_sums

    return has_sums(proc)


def _read_sums(
    choice: Choice,
    options: Options,
    found: Found,
    reader: Backend,
    needs: Collection[str],
) -> None:
    from memc.targets.sums import Sums

    named = {*choice.pids, *choice.trees}
    tell = options.progress
    with open_root(choice.proc) as root:
        is_all = choice.every and not choice.has_tests()
        pids = list_pids(root) if is_all else sorted(find_pids(choice))
        sums = Sums(root, choice.proc, needs)
        for done, pid in enumerate(pids):
            if tell is not None:
                tell(done, len(pids))
            target = sums.read(pid)
            if target is not None:
                found.targets.append(target)
            elif pid in named or pid not in sums.empty:
                found.targets += [
                    _target_of(process, proc=choice.proc, file=None)
                    for process in _read_process(choice, pid, options, found, reader)
                ]
        if tell is not None:
            tell(len(pids), len(pids))
        sums.share(found.targets)


def _read_process(
    choice: Choice, pid: int, options: Options, found: Found, reader: Backend
) -> Iterator[Process]:
    try:
        check_pid(pid)
        snap = reader.collect(pid, options)
    except ProcessError as error:
        if pid in choice.pids or pid in choice.trees:
            found.errors.append(error)
            return
        reason = "gone" if isinstance(error, ProcessGone) else "error"
        reason = "denied" if isinstance(error, PermissionError) else reason
        found.skipped.append(
            Skipped(pid, _name_of(choice.proc, pid), reason, str(error))
        )
        return
    # Otherwise it is a kernel thread or a zombie.
    has_totals = snap.totals and snap.total_vsize_kb != 0
    is_cut = any(note.code == "cut" for note in snap.notes)
    if len(snap) or has_totals or is_cut or pid in choice.pids:
        yield Process(pid, snap.name or "", snap, started=snap.started)


def read_stream(path: str, choice: Choice) -> tuple[Found, Found]:
    """Return what is in the first and in the last sample of a file.

    Raises MemcError if the file cannot be read or has one sample.
    """
    first, last = read_ends(path, choice)
    if first is None:
        raise one_sample(path)
    return first, last


def read_ends(path: str, choice: Choice) -> tuple[Found | None, Found]:
    """Return what is in the first and in the last sample of a file.

    The first is None if there is one sample.  Raises MemcError if the file cannot be
    read.
    """
    samples = _load(path, choice)
    last = _found_in(samples[-1], path, choice)
    if len(samples) == 1:
        return None, last
    first = Found()
    first.targets = _targets_in(samples[0], path, choice)
    return first, last


def found_samples(
    path: str, choice: Choice, needs: Collection[str] = ()
) -> Iterator[Found]:
    """Yield what is in each sample of a file that is no recording.

    `needs` are the facts to read of each process in a copy of /proc.  Raises MemcError
    if the file cannot be read.
    """
    for sample in _load(path, choice):
        found = _found_in(sample, path, choice)
        read_facts(found.targets, needs)
        yield found


def read_samples(path: str, choice: Choice) -> list[Loaded]:
    """Return all that is in a file, with the processes that pass the tests of a choice.

    Raises MemcError if the file cannot be read, or does not have what a test needs.
    """
    found: list[Loaded] = []
    for one in chain.from_iterable(_load(path, choice)):
        if isinstance(one, SystemSnapshot):
            _check_told(one, path, choice)
            meant = tuple(p for p in one.processes if is_meant(choice, p))
            found.append(
                SystemSnapshot(
                    one.timestamp_ms, meant, one.skipped, one.notes, one.unread
                )
            )
        elif [*_targets_of(one, path, choice)]:
            found.append(one)
    return found


def one_sample(path: str) -> MemcError:
    """Return the error for a file that is no stream."""
    return MemcError(f"{path}: one sample: expected a stream of two or more")


def _load(path: str, choice: Choice) -> list[list[Loaded]]:
    """Load the samples in a file, each with what was read at one time.

    Raises MemcError if it cannot be read.
    """
    from memc.files.loading import load_snapshots

    try:
        name = "/dev/stdin" if path == "-" else path
        loaded = load_snapshots(name, strict=choice.strict)
    except OSError as error:
        kind = "" if "/" in path else " (--name finds processes by name)"
        if path[:1].isdigit():
            kind = " (and a pid is a positive number)"
        raise MemcError(f"{path}: {words_of(error)}{kind}") from None
    if not isinstance(loaded, list):
        return [[loaded]]
    return [loaded] if all(map(_is_undated, loaded)) else [[one] for one in loaded]


def _is_undated(loaded: Loaded) -> bool:
    """Tell whether this is from a text: several are several processes."""
    return (
        isinstance(loaded, Snapshot)
        and loaded.pid is None
        and loaded.timestamp_ms is None
    )


def _found_in(sample: list[Loaded], path: str, choice: Choice) -> Found:
    found = Found()
    found.targets = _targets_in(sample, path, choice)
    found.notes = _notes_in(sample, path)
    return found


def _notes_in(sample: list[Loaded], path: str) -> list[tuple[str, Note]]:
    """Return the notes on damaged documents, which no process of the sample has."""
    systems = [one for one in sample if isinstance(one, SystemSnapshot)]
    notes = [note for one in systems for note in one.notes]
    return [(path, note) for note in notes if note.code == "bad_line"]


def _targets_in(sample: list[Loaded], path: str, choice: Choice) -> list[Target]:
    return [target for one in sample for target in _targets_of(one, path, choice)]


def _targets_of(loaded: Loaded, path: str, choice: Choice) -> Iterator[Target]:
    """Yield the targets in a snapshot that pass the tests of a choice.

    Raises MemcError if the snapshot does not have what a test needs.
    """
    if isinstance(loaded, SystemSnapshot):
        _check_told(loaded, path, choice)
        for process in loaded.processes:
            if is_meant(choice, process):
                yield _target_of(process, proc="", file=path)
        return
    for asked, words, option in (
        (choice.name and loaded.name is None, "names", "--full"),
        (choice.uids, "users", "--all"),
        (choice.cgroups or choice.containers, "control groups", "--all --full"),
        (choice.match, "command lines", "--all --full"),
    ):
        if asked:
            raise MemcError(f"{path}: tells no {words}: memc {option} writes them")
    name, started = loaded.name or "", loaded.started
    if choice.name is None or choice.name.search(name):
        yield Target(loaded, loaded.pid, name, proc="", file=path, started=started)


def _target_of(process: Process, *, proc: str, file: str | None) -> Target:
    snap, started = process.snapshot, process.started
    target = Target(
        snap, process.pid, process.name, proc=proc, file=file, started=started
    )
    target.facts = facts_of(process)
    return target


def _check_told(system: SystemSnapshot, path: str, choice: Choice) -> None:
    """Raise MemcError if no process has what a test needs, so that none could pass."""
    for name, asked, words, file, option in (
        ("uid", choice.uids, "users", "status", "--all"),
        (
            "cgroup",
            choice.cgroups or choice.containers,
            "control groups",
            "cgroup",
            "--all --full",
        ),
        ("cmdline", choice.match, "command lines", "cmdline", "--all --full"),
    ):
        values = {getattr(process, name) for process in system.processes}
        if asked and values == {None}:
            why = f"no process has {file}"
            if name in system.unread:
                why = f"memc {option} writes them"
            raise MemcError(f"{path}: tells no {words}: {why}")


def _name_of(proc: str, pid: int) -> str:
    if pid > PID_MAX:
        return ""
    try:
        with open_root(proc) as root, ProcessFiles(root, pid) as files:
            return files.name() or ""
    except MemcError:
        return ""
