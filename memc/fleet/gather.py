"""What all ways to collect have in common: what a host is asked, and what came back."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from memc.errors import MemcError
from memc.read.options import Options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from memc.table.snapshot import SystemSnapshot

    Told = dict[str, Any]

__all__ = [
    "Collected",
    "File",
    "Found",
    "Said",
    "absent",
    "adder",
    "asker",
    "fold",
    "now_ms",
]

APART_MS = 5 * 60 * 1000  # clocks that differ by more are told


class Found(NamedTuple):
    """What one host told: a document of ``memc --all``, `packed` by zlib."""

    host: str
    boot: str
    version: str
    timestamp_ms: int
    packed: bytes

    def document(self) -> bytes:
        """Return the JSON, as ``memc --all --compact`` prints it."""
        import zlib

        return zlib.decompress(self.packed)

    def snapshot(self) -> SystemSnapshot:
        """Return what ``memc.load`` makes of it.  Raises MemcError if it cannot."""
        from memc.files.documents import read_documents
        from memc.table.snapshot import SystemSnapshot

        loaded = read_documents(self.document(), strict=False)
        if not isinstance(loaded, SystemSnapshot):
            raise MemcError("expected a document of all processes")
        return loaded


class Said(NamedTuple):
    """A row about a host: why it is missing, or what is to be known of what it told."""

    host: str
    reason: str


class Collected(NamedTuple):
    """All hosts of a cluster: each is in `found` or in `missing`, sorted by name."""

    found: list[Found]
    missing: list[Said]
    notes: list[Said]

    def add(self, lake: str | os.PathLike[str]) -> Collected:
        """Add all of it to a lake, the missing hosts too; return what is there now.

        Raises MemcError if the lake cannot be written to.
        """
        from memc.fleet.lake_collected import add_found, add_missing

        folder = os.fspath(lake)
        refused = add_found(folder, self.found)
        found = [one for place, one in enumerate(self.found) if place not in refused]
        lost = [Said(self.found[place].host, why) for place, why in refused.items()]
        missing = sorted([*self.missing, *lost])
        add_missing(folder, missing)
        return Collected(found, missing, self.notes)


class File(NamedTuple):
    """What became of a file that an engine added: `reason` is "" unless it failed."""

    path: str
    samples: int
    skipped: int
    rows: int
    reason: str


def absent(package: str, error: ModuleNotFoundError) -> Exception:
    """Return the error for an engine that is missing; the same if it is another."""
    if (error.name or "").partition(".")[0] not in package:
        return error
    return MemcError(f"{package} is missing: pip install '{package}'")


def now_ms() -> int:
    """Return the Unix time."""
    return time.time_ns() // 1_000_000


def asker(*, detail: str, max_stall_ms: int) -> Callable[[bool], Told]:
    """Return the function that a host runs: it tells who it is, and what it has.

    It is a function inside a function: engines send such ones whole.  So a host needs
    memc, but no ``memc.fleet``, and a host without memc can say so.
    """
    Options(detail)  # a wrong one is refused here

    def ask(take: bool) -> Told:  # noqa: FBT001 - engines pass it
        import os
        import time

        with open("/proc/sys/kernel/random/boot_id") as file:
            told: Told = {"host": os.uname().nodename, "boot": file.read().strip()}
        if not take:
            return told
        try:
            import zlib

            import memc

            stall = max_stall_ms if detail == "smaps" else None
            system = memc.snapshot_all(
                detail=detail, max_stall_ms=stall, skip_kernel=True, cgroups=True
            )
            told["denied"] = sum(one.reason == "denied" for one in system.skipped)
            told["read"] = len(system.processes)
            told["timestamp_ms"] = system.timestamp_ms
            told["packed"] = zlib.compress(system.to_json(), 1)
            told["version"] = memc.__version__
        except ImportError as error:
            told["failed"] = f"its Python has no memc: {error}"
        except Exception as error:  # noqa: BLE001 - the host tells it, whatever it is
            told["failed"] = f"{type(error).__name__}: {error}"
        told["now_ms"] = time.time_ns() // 1_000_000
        return told

    return ask


def adder(
    paths: Iterable[str] | Mapping[str, str], lake: str | os.PathLike[str]
) -> Callable[[str], tuple[str, int, int, int, str]]:
    """Return the function that adds one file; an engine runs it where it likes.

    It returns a File as a plain tuple.
    """
    hosts = dict(paths) if isinstance(paths, Mapping) else {}
    here = os.uname().nodename
    place = os.path.abspath(lake)

    def add(path: str) -> tuple[str, int, int, int, str]:
        try:
            from memc.files.recording.header import is_recording
            from memc.fleet.lake import add as put

            host = hosts.get(path) or (None if is_recording(path) else here)
            added = put(place, path, host)
        except ImportError as error:
            return path, 0, 0, 0, f"memc[lake] is missing there: {error}"
        except Exception as error:  # noqa: BLE001 - of this file: others go on
            return path, 0, 0, 0, str(error) or type(error).__name__
        return path, added.samples, added.skipped, sum(added.rows.values()), ""

    return add


def fold(answers: Iterable[tuple[str, Told | str]], asked_ms: int) -> Collected:
    """Return what was told at each address: each host once, by its name and boot id.

    An answer that is a text says why there is none.
    """
    found: dict[tuple[str, str], Found] = {}
    failed: dict[tuple[str, str], Said] = {}
    notes: list[Said] = []
    until_ms = now_ms()
    for address, told in answers:
        if isinstance(told, str):
            failed[address, ""] = Said(address, told)
            continue
        host, key = told["host"], (told["host"], told["boot"])
        reason = told.get("failed") or _nothing(told)
        if reason:
            failed[key] = Said(host, reason)
        elif key not in found:
            found[key] = Found(*key, *(told[name] for name in Found._fields[2:]))
            notes += [Said(host, text) for text in _notes(told, asked_ms, until_ms)]
    names = Counter(host for host, _ in found)
    notes += [
        Said(name, "several hosts have this name") for name in names if names[name] > 1
    ]
    missing = [said for key, said in failed.items() if key not in found]
    return Collected(sorted(found.values()), sorted(missing), sorted(notes))


def _nothing(told: Told) -> str:
    """Return why there is nothing in a document, or ""."""
    if told["read"] or not told["denied"]:
        return ""
    return f"it may read none of its {told['denied']} processes (denied)"


def _notes(told: Told, asked_ms: int, until_ms: int) -> Iterable[str]:
    from memc._version import version

    if told["denied"]:
        yield f"{told['denied']} of its processes may not be read (denied)"
    if told["version"] != version():
        yield f"memc {told['version']} is there, and {version()} here"
    apart_ms = max(asked_ms - told["now_ms"], told["now_ms"] - until_ms)
    if apart_ms > APART_MS:
        side = "behind" if told["now_ms"] < asked_ms else "ahead"
        yield f"its clock is {apart_ms // 1000} s {side}"
