"""Read the samples in a file, and the processes in them that pass a choice."""

from __future__ import annotations

from itertools import chain

from memc.errors import MemcError
from memc.proc.rights import words_of
from memc.table.snapshot import Snapshot, SystemSnapshot
from memc.targets.facts import SOURCES, read_facts
from memc.targets.meant import is_meant
from memc.targets.target import Found, Target, target_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from memc.files.loading import Loaded
    from memc.table.region import Note
    from memc.targets.choice import Choice

__all__ = [
    "found_samples",
    "one_sample",
    "read_ends",
    "read_last",
    "read_samples",
    "read_stream",
]


def read_last(path: str, choice: Choice) -> Found:
    """Return what is in the last sample of a file.

    Raises MemcError if the file cannot be read.
    """
    return _found_in(_load(path, choice)[-1], path, choice)


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
    from memc.files.loading import load_snapshots  # dear to who compares live ones

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
                yield target_of(process, proc="", file=path)
        return
    asked = {"name": choice.name and loaded.name is None, **_asked(choice)}
    for name in (name for name, is_asked in asked.items() if is_asked):
        words, _, option = SOURCES[name]
        raise MemcError(f"{path}: tells no {words}: memc {option} writes them")
    name, started = loaded.name or "", loaded.started
    if choice.name is None or choice.name.search(name):
        yield Target(loaded, loaded.pid, name, proc="", file=path, started=started)


def _check_told(system: SystemSnapshot, path: str, choice: Choice) -> None:
    """Raise MemcError if no process has what a test needs, so that none could pass."""
    for name, asked in _asked(choice).items():
        values = {getattr(process, name) for process in system.processes}
        if asked and values == {None}:
            words, file, option = SOURCES[name]
            why = f"no process has {file}"
            if name in system.unread:
                why = f"memc {option} writes them"
            raise MemcError(f"{path}: tells no {words}: {why}")


def _asked(choice: Choice) -> dict[str, object]:
    """Return for each fact of a process whether a test needs it."""
    return {
        "uid": choice.uids,
        "cgroup": choice.cgroups or choice.containers,
        "cmdline": choice.match,
    }
