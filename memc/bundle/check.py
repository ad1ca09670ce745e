"""Prove that a bundle holds no text but those that memc allows.

This goes over the bytes of the members and knows nothing of how they were made: each
text must be of a closed list, or of the form of a pseudonym, at the place where it
stands.  So it sees what a fault of the rules lets through.
"""

from __future__ import annotations

import json

from memc.bundle.allowed import Allowed
from memc.files.bundle import MANIFEST, SAMPLES
from memc.table.json_text import NotJsonError, dumps, loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

__all__ = ["Offence", "offences"]

MOST = 1000  # offences that are told


class Offence:
    """A text outside of the vocabulary: the member, what it is, and the text."""

    __slots__ = ("kind", "member", "text")

    def __init__(self, member: str, kind: str, text: str) -> None:
        self.member = member
        self.kind = kind
        self.text = text

    def __eq__(self, other: object) -> bool:
        """Compare all three."""
        return isinstance(other, Offence) and self._all() == other._all()

    def __hash__(self) -> int:
        """Go by all three."""
        return hash(self._all())

    def __repr__(self) -> str:
        """Show all three."""
        return f"<Offence {self.member}: {self.kind} {self.text!r}>"

    def _all(self) -> tuple[str, str, str]:
        return self.member, self.kind, self.text


def offences(
    members: Mapping[str, bytes], *, who: frozenset[str] = frozenset()
) -> list[Offence]:
    """Return what is outside of the vocabulary in the members of a bundle.

    A name that the user kept, as the manifest tells, is none.  `who` are names that may
    stand nowhere, if the caller knows them.
    """
    allowed = Allowed(_facts(members.get(MANIFEST, b"")), who)
    found: dict[Offence, None] = {}
    for member, data in sorted(members.items()):
        for kind, text in _told(member, data, allowed):
            found[Offence(member, kind, text)] = None
            if len(found) >= MOST:
                return [*found]
    return [*found]


def _facts(manifest: bytes) -> dict[str, Any]:
    try:
        facts = json.loads(manifest)
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}


def _told(member: str, data: bytes, allowed: Allowed) -> Iterator[tuple[str, str]]:
    if member == SAMPLES:
        for line in data.split(b"\n")[:-1] if data.endswith(b"\n") else [data]:
            yield from _of_sample(line, allowed)
        return
    try:
        value = json.loads(data, object_pairs_hook=lambda pairs: pairs)
    except ValueError:
        yield "not JSON", data[:80].decode("utf-8", "replace")
        return
    yield from _of_facts(value, allowed)


def _of_sample(line: bytes, allowed: Allowed) -> Iterator[tuple[str, str]]:
    try:
        document = loads(line)
    except NotJsonError:
        yield "not JSON", line[:80].decode("utf-8", "replace")
        return
    if dumps(document) != line:  # keys told twice, and other places to hide a text
        yield "not as memc writes it", line[:80].decode("utf-8", "replace")
    yield from allowed.document(document)


def _of_facts(value: object, allowed: Allowed) -> Iterator[tuple[str, str]]:
    """Yield what is odd in a member that is small: all its keys and texts."""
    if isinstance(value, tuple):
        yield from _of_facts(value[0], allowed)
        yield from _of_facts(value[1], allowed)
    elif isinstance(value, list):
        for inner in value:
            yield from _of_facts(inner, allowed)
    elif isinstance(value, str) and not allowed.is_fact(value):
        yield "text", value
    elif isinstance(value, float):
        yield "number", repr(value)
