"""Read the processes and files of a choice."""

from __future__ import annotations

from memc.errors import MemcError, ProcessError, ProcessGone
from memc.proc.files import ProcessFiles
from memc.proc.root import list_pids, open_root
from memc.read.backend import backend
from memc.read.options import Options, check_pid
from memc.table.fields import PID_MAX
from memc.table.snapshot import Process, Skipped
from memc.targets.facts import read_facts
from memc.targets.select import find_pids
from memc.targets.target import Found, target_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from memc.read.backend import Backend
    from memc.targets.choice import Choice

__all__ = ["read"]


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
            found.add(_read_file(path, choice))
        except MemcError as error:
            found.errors.append(error)
    read_facts(found.targets, needs)
    return found


def _read_recording(path: str, choice: Choice, kind: str) -> Found:
    from memc.targets.recorded import Recorded  # SQLite is dear

    recorded = Recorded(path, choice)
    return recorded.found(recorded.time(), kind)


def _read_file(path: str, choice: Choice) -> Found:
    from memc.targets.read_files import read_last  # most read live processes

    return read_last(path, choice)


def _read_all(choice: Choice, options: Options, found: Found, reader: Backend) -> None:
    options.skip_kernel = True
    system = reader.collect_all(options)
    found.skipped += system.skipped
    found.targets += [
        target_of(p, proc=choice.proc, file=None) for p in system.processes
    ]


def _read_each(choice: Choice, options: Options, found: Found, reader: Backend) -> None:
    processes: list[Process] = []
    for pid in sorted(find_pids(choice)):
        processes += _read_process(choice, pid, options, found, reader)
    if len(processes) > 1:
        from memc.proc.same import share

        with open_root(choice.proc) as root:
            processes = share(root, processes)
    found.targets += [target_of(p, proc=choice.proc, file=None) for p in processes]


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
                    target_of(process, proc=choice.proc, file=None)
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


def _name_of(proc: str, pid: int) -> str:
    if pid > PID_MAX:
        return ""
    try:
        with open_root(proc) as root, ProcessFiles(root, pid) as files:
            return files.name() or ""
    except MemcError:
        return ""
