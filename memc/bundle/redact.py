"""Make documents that may be given to strangers, out of memc's own.

What memc does not know is hidden: each key and each text must be allowed by a rule.
Nothing is read here and nothing is written.
"""

from __future__ import annotations

from memc.bundle.names import Names
from memc.bundle.pseudonyms import Pseudonyms
from memc.bundle.regions import Columns
from memc.bundle.relayout import FIXED_END, Relayout
from memc.table.fields import REASONS, TOTALS, U64_MAX
from memc.table.notes import CODES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, TypeAlias

    from memc.bundle.options import BundleOptions

    Json: TypeAlias = dict[str, Any]

__all__ = ["Redactor"]

TOTAL_NAMES = tuple(name for name, _ in TOTALS)
# The keys of a process and of all of them, in the order of memc's documents.
SNAPSHOT = (
    *("pid", "name", "started", "timestamp_ms", "as_of_ms", "total_rss_kb"),
    *("total_vsize_kb", "same_memory_as", *TOTAL_NAMES, "region_count", "cost_ns"),
    *("bytes_read", "regions", "notes"),
)
PROCESS = ("pid", "name", "uid", "started", "cgroup", "snapshot")
SYSTEM = (
    *("timestamp_ms", "process_count", "skipped", "processes", "skipped_processes"),
    "notes",
)
SKIPPED = ("pid", "name", "reason")
TIMES = ("timestamp_ms", "as_of_ms")
SINCE = ("/dev/", "/sys/")  # offsets in devices are places of their own
HEX = "0123456789abcdef"


class Redactor:
    """Hides what identifies a user or a machine, in all samples in the same way.

    `key` is what pseudonyms are made with; `who` are names of users and of the machine,
    which are hidden wherever they stand.  `learn` takes each sample first, then
    `document` returns each in the form for strangers.
    """

    def __init__(
        self, key: bytes, options: BundleOptions, *, who: frozenset[str] = frozenset()
    ) -> None:
        self._options = options
        self._pseudonyms = Pseudonyms(key)
        self._names = Names(self._pseudonyms, options, who)
        self._columns = Columns()
        self._layouts: dict[object, Relayout] = {}
        self._starts: set[int] = set()
        self._times: list[int] = []
        self._bases: dict[str, int] = {}  # the least offset in each device
        self._addresses: set[int] = set()

    def learn(self, document: Json) -> None:
        """Take a sample, before any is made fit for strangers."""
        self._learn_time(document)
        for who, snapshot in processes(document):
            self._learn_time(snapshot)
            for started in (who.get("started"), snapshot.get("started")):
                if isinstance(started, int):
                    self._starts.add(started)
            rows = snapshot.get("regions") or []
            layout = self._layouts.setdefault(identity(who, snapshot), Relayout())
            layout.learn(rows)
            self._learn_rows(rows)

    def _learn_time(self, document: Json) -> None:
        self._times += [t for k in TIMES if type(t := document.get(k)) is int]

    def _learn_rows(self, rows: list[Json]) -> None:
        names: set[str] = set()
        for row in rows:
            name = row.get("pathname")
            if not name:
                continue
            names.add(name)
            offset = row.get("offset")
            if type(offset) is int and name.startswith(SINCE):
                self._bases[name] = min(offset, self._bases.get(name, offset))
        for name in names:
            self._names.learn(name)

    def document(self, document: Json) -> Json:
        """Return a sample in the form for strangers."""
        if self._options.plain:
            return document
        if "processes" not in document:
            return self._snapshot(document, document)
        self._count_keys(document, SYSTEM)
        new: Json = {}
        for key in (key for key in SYSTEM if key in document):
            value = document[key]
            if key == "processes":
                new[key] = [self._process(process) for process in value]
            elif key == "skipped_processes":
                new[key] = [self._skipped(one) for one in value]
            else:
                new[key] = self._value(key, value)
        return new

    def _process(self, process: Json) -> Json:
        self._count_keys(process, (*PROCESS, "cmdline"))
        new: Json = {}
        for key in (key for key in PROCESS if key in process):
            value = process[key]
            if key == "snapshot":
                new[key] = self._snapshot(value, process)
            else:
                new[key] = self._value(key, value)
        return new

    def _snapshot(self, snapshot: Json, who: Json) -> Json:
        self._count_keys(snapshot, SNAPSHOT)
        new: Json = {}
        for key in (key for key in SNAPSHOT if key in snapshot):
            value = snapshot[key]
            if key == "regions":
                new[key] = self._regions(value, identity(who, snapshot))
            else:
                new[key] = self._value(key, value)
        return new

    def _skipped(self, one: Json) -> Json:
        self._count_keys(one, SKIPPED)
        return {key: self._value(key, one[key]) for key in SKIPPED if key in one}

    def _value(self, key: str, value: Any) -> Any:  # noqa: ANN401 - what JSON has
        """Return what becomes of a value of a document, but for regions."""
        if value is None:
            return None
        if key in ("notes", "name", "cgroup", "reason"):
            return self._text(key, value)
        if type(value) is not int or not 0 <= value <= U64_MAX:
            self._columns.count("values")
            return None
        if key in TIMES:
            return value - min(self._times, default=value)
        if key == "uid":
            return value and 1000 + self._pseudonyms.rank("uid", value)
        return sorted(self._starts).index(value) + 1 if key == "started" else value

    def _text(self, key: str, value: Any) -> Any:  # noqa: ANN401 - what JSON has
        if key == "notes":
            return [note(one) for one in value]
        if key == "reason":
            return value if value in REASONS else "error"
        hide = self._names.process if key == "name" else self._names.cgroup
        return hide(str(value))

    def _regions(self, rows: list[Json], who: object) -> list[Json]:
        places = self._layouts[who].lay()
        kept, names, rank = self._columns.kept, self._names, self._pseudonyms.rank
        found = []
        for row in rows:
            new = kept(row, self._is_address)
            new["start"], new["end"] = places[row["start"], row["end"]]
            name = row.get("pathname", "")
            if name:
                new["pathname"] = names.region(name)
            if new.get("label"):
                new["label"] = names.label(new["label"], name)
            if new.get("inode"):
                place = row.get("dev_major"), row.get("dev_minor"), row["inode"]
                new["inode"] = rank("inode", place)
            if new.get("dev_major") or new.get("dev_minor"):
                device = row["dev_major"], row.get("dev_minor")
                new["dev_minor"] = rank("device", device)
                new["dev_major"] = 1 if row["dev_major"] else 0
            if new.get("offset"):
                self._offset(new, name)
            found.append(new)
        return found

    def _offset(self, new: Json, name: str) -> None:
        """Hide an offset that is none in a file.

        Old kernels print the address of memory that no file has.
        """
        if name in self._bases:
            new["offset"] -= self._bases[name]
        elif not name.startswith("/"):
            new["offset"] = int(new["start"], 16)

    def _is_address(self, number: int) -> bool:
        return number >= FIXED_END

    def _count_keys(self, document: Json, known: tuple[str, ...]) -> None:
        self._columns.count("keys", len(document.keys() - {*known}))

    def facts(self) -> Json:
        """Return what the manifest tells: the rules, what was kept, what was left out.

        The globs of what was hidden are not told, nor those that kept nothing.
        """
        options, names = self._options, self._names
        return {
            "keep_names": options.keep_names,
            "kept": dict(sorted(names.kept.items())),
            "kept_secrets": dict(sorted(names.secret.items())),
            "rules": dict(sorted(names.used.items())),
            "left_out": dict(sorted(self._columns.left_out.items())),
        }


def processes(document: Json) -> Iterator[tuple[Json, Json]]:
    """Yield what tells each process, and its snapshot."""
    if "processes" not in document:
        yield document, document
        return
    for process in document["processes"]:
        yield process, process["snapshot"]


def identity(who: Json, snapshot: Json) -> object:
    """Return what is the same for one process in all samples."""
    started = who.get("started")
    return who.get("pid"), snapshot.get("started") if started is None else started


def note(one: Json) -> Json:
    """Return a note without its words, which hold names of files."""
    code = one.get("code")
    count = one.get("count")
    told = code if code in CODES else "bad_line"
    return {
        "code": told,
        "count": count if type(count) is int and count >= 0 else 1,
        "text": told,
    }
