r"""Read long JSON documents in pieces, so that only the columns are ever whole.

Most of a long document is lists of regions.  It is cut before regions, at commas that
no string can hold: there the quote of "start" would have a backslash before it.  What
lies between two cuts is read alone, and a mark takes its place::

    {"pid": 7, "regions": [{"start": ...}, "\u00000", {"start": ...}]}

A cut that is none, in a list of something else, leaves a piece that is no list of
regions or a mark that nobody takes.  Such a document is read at once instead.
"""

from __future__ import annotations

import re
from itertools import pairwise

from memc.files.json_regions import Regions
from memc.files.json_values import NotOursError, object_of
from memc.table.json_text import NotJsonError, loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

__all__ = ["read_long"]

LENGTH = 1 << 17  # of a piece: what loads() makes of it fits into the cache
CUT = re.compile(rb',(?=[ \t\r\n]*\{[ \t\r\n]*"start"[ \t\r\n]*:)')
LIST = b'"regions"'
MARK = "\0%d"  # no list of memc has such a text
WRITTEN = b',"\\u0000%d"'


def read_long(data: bytes) -> object:
    """Return a document in which the long lists of regions are Regions.

    It is None if there are none, or if the document is damaged: then it must be read at
    once.
    """
    spans = list(_spans(data)) if len(data) > 2 * LENGTH else []
    if not spans:
        return None
    try:
        document = loads(_rest(data, spans))
        left = _fill(document, [_pieces(data, cuts) for cuts in spans])
    except (NotJsonError, NotOursError):
        return None
    return None if left else document


def _spans(data: bytes) -> Iterator[list[int]]:
    """Yield the cuts in each long list of regions, two or more."""
    cuts: list[int] = []
    match = CUT.search(data)
    while match:
        cut = match.start()
        if cuts and data.find(LIST, cuts[-1], cut) >= 0:  # another list begins
            if len(cuts) > 1:
                yield cuts
            cuts = []
        cuts.append(cut)
        match = CUT.search(data, cut + LENGTH)
    if len(cuts) > 1:
        yield cuts


def _rest(data: bytes, spans: list[list[int]]) -> bytes:
    """Return the document with marks in place of the spans."""
    parts = []
    done = 0
    for number, cuts in enumerate(spans):
        parts += [data[done : cuts[0]], WRITTEN % number]
        done = cuts[-1]
    return b"".join((*parts, data[done:]))


def _pieces(data: bytes, cuts: list[int]) -> Iterator[list[Any]]:
    """Yield the regions between each two cuts."""
    for begin, end in pairwise(cuts):
        piece: Any = loads(b"[%b]" % data[begin + 1 : end])
        yield piece


def _fill(document: object, spans: list[Iterator[list[Any]]]) -> int:
    """Put Regions in place of the lists that have marks; return how many are left."""
    keys = document if isinstance(document, dict) else {}
    processes = keys.get("processes")
    if not isinstance(processes, list):
        processes = []
    snapshots = [p.get("snapshot") for p in processes if isinstance(p, dict)]
    taken = 0
    for snapshot in (keys, *snapshots):
        if not isinstance(snapshot, dict):
            continue
        rows = snapshot.get("regions")
        if isinstance(rows, list) and any(isinstance(row, str) for row in rows):
            snapshot["regions"] = regions = Regions()
            left = 0
            for place, row in enumerate(rows):
                if row == MARK % taken:
                    for piece in (rows[left:place], *spans[taken]):
                        _add(regions, piece)
                    left, taken = place + 1, taken + 1
            _add(regions, rows[left:])
    return len(spans) - taken


def _add(regions: Regions, rows: list[Any]) -> None:
    for row in rows:
        object_of(row)
    regions.add(rows)
