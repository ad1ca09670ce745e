"""The texts that may stand in a bundle, by the place where they stand.

This knows nothing of how they were made.  `forms` has the patterns.
"""

from __future__ import annotations

from contextlib import suppress
from fnmatch import fnmatchcase

from memc.bundle import vocabulary as words
from memc.bundle.forms import (
    ADDRESS,
    ANY_PART,
    COUNTERS,
    GROUP,
    NAME,
    PATH,
    PROCESS,
    RELEASE,
    SYSTEM,
    THREADS,
    VERSION,
)
from memc.bundle.regions import KNOWN, OWNERS, WHYS, is_column, is_flag
from memc.bundle.relayout import CUT, HIGH, LOW, MIDDLE, is_fixed
from memc.bundle.rules import RULES
from memc.owners.heaps import ALONE
from memc.owners.kinds import FAR
from memc.table.fields import PERMS, REASONS, TOTALS, TYPES
from memc.table.notes import CODES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any, TypeAlias

    Odd: TypeAlias = Iterator[tuple[str, str]]

__all__ = ["Allowed"]


def known(texts: Iterable[object]) -> Callable[[object], bool]:
    held = frozenset(texts)
    return lambda text: isinstance(text, str) and text in held


def whole(value: object) -> bool:
    return type(value) is int and value >= 0


def amount(value: object) -> bool:
    return value is None or whole(value)


def is_time(value: object) -> bool:
    return type(value) is int and 0 <= value < CLOCK_MS


def flat(values: Iterable[object]) -> Iterator[object]:
    """Yield values, and those of lists."""
    for value in values:
        if isinstance(value, list):
            yield from value
        elif value is not None:
            yield value


LOCAL = words.SYSTEM_FOLDERS
ROOM = 16 << 30  # that a multiple may take behind the place where a run may begin
TOTAL_KEYS = {name for name, _ in TOTALS}
SNAPSHOT_KEYS = TOTAL_KEYS | {
    *("pid", "name", "started", "timestamp_ms", "as_of_ms", "total_rss_kb"),
    *("total_vsize_kb", "same_memory_as", "region_count", "cost_ns", "bytes_read"),
    *("regions", "notes"),
}
SYSTEM_KEYS = {
    *("timestamp_ms", "process_count", "skipped", "processes", "skipped_processes"),
    "notes",
}
PROCESS_KEYS = {"pid", "name", "uid", "started", "cgroup", "snapshot"}
NOTE_KEYS, SKIPPED_KEYS = {"code", "count", "text"}, {"pid", "name", "reason"}
CLOCK_MS = 10**12  # a time of day; what runs from the first sample is less
FACTS = words.FACTS | {rule.why for rule in RULES}
CLOSED = {
    "type": known(TYPES),
    "perm": known(PERMS),
    "owner": known(OWNERS),
    "why": known(WHYS),
    "vm_flags": is_flag,
    "guess": lambda _: False,  # but a bool
}
NUMBERS = {int, type(None)}


class Allowed:
    """Judges the texts of samples.

    `facts` are those of the manifest: what was kept is allowed.  `who` are names that
    may stand nowhere.
    """

    def __init__(
        self, facts: Mapping[str, Any], who: frozenset[str] = frozenset()
    ) -> None:
        kept = facts.get("kept")
        self.kept = [*kept] if isinstance(kept, dict) else []
        self._judged: dict[tuple[str, str], bool] = {}
        self._has_names = facts.get("keep_names") is True
        self._is_strict = facts.get("form") == "strict"
        known = {word.lower() for word in words.WORDS}
        self._who = [name for one in who if (name := one.lower()) not in known]

    def document(self, document: object) -> Odd:
        """Yield what is odd in a sample."""
        if not isinstance(document, dict):
            yield "not a document", repr(document)[:80]
        elif "processes" in document:
            yield from keys(document, SYSTEM_KEYS)
            yield from self._facts(document, {"processes", "skipped_processes"})
            for key in ("processes", "skipped_processes"):
                yield from strays(key, document.get(key, []))
            for process in objects(document["processes"]):
                yield from keys(process, PROCESS_KEYS)
                yield from self._facts(process, {"snapshot"})
                yield from strays("snapshot", [process.get("snapshot")])
                for snapshot in objects([process.get("snapshot")]):
                    yield from self._snapshot(snapshot)
            for skipped in objects(document.get("skipped_processes")):
                yield from keys(skipped, SKIPPED_KEYS)
                yield from self._facts(skipped, set())
        else:
            yield from self._snapshot(document)

    def _snapshot(self, snapshot: dict[str, Any]) -> Odd:
        yield from keys(snapshot, SNAPSHOT_KEYS)
        yield from self._facts(snapshot, {"regions"})
        yield from strays("regions", snapshot.get("regions", []))
        regions = [*objects(snapshot.get("regions"))]
        yield from self._regions(regions)

    def _facts(self, facts: dict[str, Any], others: set[str]) -> Odd:
        tests = {
            "name": self.is_process,
            "cgroup": self.is_group,
            "reason": known(REASONS),
        }
        for key, value in facts.items():
            if key in others or value is None:
                continue
            if key == "notes":
                yield from notes(value)
            elif not tests.get(key, is_time if key.endswith("_ms") else whole)(value):
                yield key, str(value)

    def _regions(self, regions: list[dict[str, Any]]) -> Odd:
        for key, held in sorted(columns(regions).items()):
            if key == "label":
                yield from self._labels(regions)
            elif key in ("start", "end"):
                continue
            elif key in KNOWN or is_column(key):
                yield from ((key, str(value)) for value in self._odd(key, held))
            else:
                yield "key", key
        yield from addresses(regions)

    def _odd(self, key: str, held: list[Any]) -> Iterator[object]:
        """Yield the values of a column that may not stand there."""
        test = self.is_region if key == "pathname" else CLOSED.get(key)
        if test is None:
            if (
                not NUMBERS.issuperset(map(type, held))
                or min(filter(None, held), default=0) < 0
            ):
                yield from (value for value in held if not amount(value))
            return
        values = [*flat(held)] if key == "vm_flags" else held
        with suppress(TypeError):  # a list or an object
            values = [*set(values)]
        yield from (value for value in values if not self._passes(key, value, test))

    def _passes(self, key: str, value: object, test: Callable[[Any], bool]) -> bool:
        if type(value) is not str:
            return key == "guess" and type(value) is bool
        if (key, value) not in self._judged:
            self._judged[key, value] = test(value)
        return self._judged[key, value]

    def _labels(self, regions: list[dict[str, Any]]) -> Odd:
        names = {str(region.get("pathname", "")) for region in regions}
        for text in {str(region.get("label", "")) for region in regions}:
            if not self.is_label(text, names):
                yield "label", text

    def is_region(self, name: str) -> bool:
        """Tell whether this may be the name of a region."""
        bare = name.removesuffix(" (deleted)")
        if self._keeps(bare) or COUNTERS.fullmatch(name) or PATH.fullmatch(name):
            return True
        if not self._is_strict and SYSTEM.fullmatch(bare):
            return self._is_system(bare.split("/"))
        return NAME.fullmatch(name) is not None and "hsperfdata_" not in name

    def _is_system(self, parts: list[str]) -> bool:
        """Tell whether this may be a file of the distribution.

        The words of memc may stand though a user be called "tim" and one be LC_TIME,
        and so may a pseudonym, in which such letters are found by chance.
        """
        below = next((i for i, p in enumerate(parts, 1) if p in LOCAL), len(parts))
        return all(
            ANY_PART.fullmatch(part) is not None
            or (number < below and not self._tells_who(part))
            for number, part in enumerate(parts)
        )

    def is_label(self, label: str, names: set[str]) -> bool:
        """Tell whether this may be the label of an owner: a name, or a part of one."""
        if label in names or THREADS.fullmatch(label) or self.is_region(label):
            return True
        return any(label in name for name in names)

    def is_process(self, name: object) -> bool:
        """Tell whether this may be the name of a process."""
        if not isinstance(name, str):
            return False
        if PROCESS.fullmatch(name) or self._keeps(name):
            return True
        return self._has_names and not self._tells_who(name)

    def is_group(self, path: object) -> bool:
        """Tell whether this may be the path of a control group."""
        if not isinstance(path, str):
            return False
        parts = path.split("/")
        return self._keeps(path) or all(GROUP.fullmatch(part) for part in parts)

    def is_fact(self, text: str) -> bool:
        """Tell whether this may be a key or a text of the manifest or the machine."""
        bare = text.removeprefix("hidden: ")
        if bare in FACTS or text in self.kept:
            return True
        return any(form.fullmatch(text) for form in (VERSION, RELEASE))

    def _keeps(self, text: str) -> bool:
        return any(fnmatchcase(text, glob) for glob in self.kept)

    def _tells_who(self, text: str) -> bool:
        low = text.lower()
        return any(name in low for name in self._who)


def columns(regions: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """Return the values of each key, read a region at a time, as they lie in memory."""
    shapes: dict[tuple[str, ...], list[Iterable[Any]]] = {}
    for region in regions:
        shapes.setdefault(tuple(region), []).append(region.values())
    found: dict[str, list[Any]] = {}
    for shape, rows in shapes.items():
        for key, values in zip(shape, zip(*rows, strict=True), strict=True):
            found.setdefault(key, []).extend(values)
    return found


def keys(document: dict[str, Any], allowed: set[str]) -> Odd:
    yield from (("key", key) for key in sorted(document.keys() - allowed))


def objects(values: object) -> Iterator[dict[str, Any]]:
    if isinstance(values, list):
        yield from (value for value in values if isinstance(value, dict))


def strays(key: str, values: object) -> Odd:
    """Yield what is no object in a list of objects, where a text might hide."""
    if not isinstance(values, list):
        yield key, repr(values)[:80]
        return
    yield from ((key, repr(one)[:80]) for one in values if not isinstance(one, dict))


def notes(value: object) -> Odd:
    yield from strays("notes", value)
    for note in objects(value):
        yield from keys(note, NOTE_KEYS)
        if not whole(note.get("count")):
            yield "note", repr(note.get("count"))[:80]
        texts = str(note.get("code")), str(note.get("text"))
        yield from (("note", text) for text in texts if text not in CODES)


def addresses(regions: list[dict[str, Any]]) -> Odd:
    """Yield addresses that are not of the form, or that nobody laid anew.

    What is not fixed follows what is before it, or begins where runs begin.
    """
    last = 0
    for region in regions:
        start, end = str(region.get("start")), str(region.get("end"))
        if not ADDRESS.fullmatch(start) or not ADDRESS.fullmatch(end):
            yield "address", f"{start}-{end}"
            return
        first = int(start, 16)
        gap = first - last
        is_file = str(region.get("pathname", "")).startswith("/")
        if region.get("offset") and not is_file and region["offset"] != first:
            yield "offset", str(region["offset"])
        if gap >= CUT and not is_fixed(first):
            places = (first - base for base in (LOW, MIDDLE, HIGH))
            gaps = (gap - least for least in (0, ALONE, FAR))
            if not any(0 <= behind < ROOM for behind in (*places, *gaps)):
                yield "address", start
        last = int(end, 16)
