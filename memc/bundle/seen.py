"""What a stranger sees in a bundle: every text and the range of every number."""

from __future__ import annotations

from memc.errors import FormatError
from memc.files.bundle import MACHINE, SAMPLES
from memc.table.json_text import NotJsonError, loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from memc.files.bundle import Bundle

__all__ = ["ADDRESSES", "seen"]

ADDRESSES = ("start", "end")
# The keys of texts, by what they are for people; a key that is none of them is a kind.
KINDS = {
    "pathname": "paths",
    "pathname_hex": "paths, in hex",
    "cgroup": "control groups",
    "name": "names of processes",
    "owner": "owners",
    "why": "rules of owners",
    "label": "labels of owners",
    "code": "notes",
    "text": "words of notes",
    "cmdline": "command lines",
}
FIRST = ("paths", "names of processes", "control groups", "labels of owners")


class _Seen:
    """Collects texts with their counts, and the least and largest of each number."""

    def __init__(self) -> None:
        self.texts: dict[str, dict[str, int]] = {}
        self.numbers: dict[str, list[float]] = {}
        self.addresses = 0
        self.keys: dict[str, int] = {}

    def look(self, value: object, key: str) -> None:
        """Collect what is in a value, at any depth."""
        if isinstance(value, dict):
            for name, inner in value.items():
                self.keys[name] = self.keys.get(name, 0) + 1
                self.look(inner, name)
        elif isinstance(value, list):
            for inner in value:
                self.look(inner, key)
        elif isinstance(value, str):
            self._look_at_text(value, key)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            known = self.numbers.setdefault(key, [value, value])
            if not known[0] <= value <= known[1]:
                self.numbers[key] = [min(known[0], value), max(known[1], value)]

    def _look_at_text(self, text: str, key: str) -> None:
        if key in ADDRESSES:
            self.addresses += 1
            return
        kind = self.texts.setdefault(KINDS.get(key, key), {})
        kind[text] = kind.get(text, 0) + 1


def seen(bundle: Bundle, file: str) -> dict[str, Any]:
    """Return all that a bundle tells.  Raises FormatError if a member is no JSON."""
    machine = _loads(bundle.members.get(MACHINE, b"null"), f"{file}: {MACHINE}", 1)
    if machine is not None and not isinstance(machine, dict):
        raise FormatError("an object", 1, 1, f"{file}: {MACHINE}")
    found = _Seen()
    for number, line in enumerate(bundle.samples.splitlines(), 1):
        if line.strip():
            found.look(_loads(line, f"{file}: {SAMPLES}", number), "document")
    kinds = sorted(found.texts, key=lambda kind: (_rank(kind), kind))
    return {
        "manifest": bundle.manifest,
        "machine": machine,
        "texts": {kind: dict(sorted(found.texts[kind].items())) for kind in kinds},
        "numbers": {name: found.numbers[name] for name in sorted(found.numbers)},
        "addresses": found.addresses,
        "keys": sorted(found.keys),
    }


def _rank(kind: str) -> int:
    return FIRST.index(kind) if kind in FIRST else len(FIRST)


def _loads(data: bytes, where: str, line: int) -> object:
    try:
        return loads(data)
    except NotJsonError as error:
        what, at, column = error.why()
        raise FormatError(f"JSON ({what})", line + at - 1, column, where) from None
