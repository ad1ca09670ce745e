"""The data of a page's map and chart, made short."""

from __future__ import annotations

import json
from base64 import b64encode
from zlib import compress

from memc.human.units import safe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["packed", "packed_tree"]

LARGE = 1_000_000  # bytes of JSON: 60,000 regions take 3,000,000


def packed(document: dict[str, Any]) -> dict[str, Any]:
    """Return what the script of the page needs of a document.

    Large trees become one text: base64 of their JSON as zlib compressed it.
    """
    series = document["series"]
    if series is not None:
        names = [safe(name) for name in series["names"]]
        events = [
            [event["t_ms"], safe(f"{event['kind']}: {event['text']}")]
            for event in series["events"]
        ]
        series = {**series, "names": names, "events": events}
    trees: Any = [packed_tree(tree) for tree in document["trees"]]
    made = json.dumps(trees, separators=(",", ":")).encode()
    return {
        "measure": document["measure"].upper(),
        "levels": document["levels"],
        "gaps": [gap[:2] for gap in document["gaps"]],
        "series": series,
        "trees": b64encode(compress(made)).decode() if len(made) > LARGE else trees,
    }


def packed_tree(tree: dict[str, Any]) -> dict[str, Any]:
    """Return a tree level by level: the children of a node stand together.

    So a node has only to tell how many `kids` it has.  The largest come first, in a
    diff those that changed most, and last what is not known.  `moved` are nodes that
    have as much as before, but parts of which changed.
    """
    kb, change = tree["kb"], tree["change_kb"]
    kids: list[list[int]] = [[] for _ in kb]
    for node, parent in enumerate(tree["parent"]):
        if parent >= 0:
            kids[parent].append(node)
    sizes = kb if change is None else change
    order = [0]
    for node in order:  # which grows meanwhile
        kids[node].sort(key=lambda kid: -1 if sizes[kid] is None else abs(sizes[kid]))
        order += reversed(kids[node])
    moved = _moved(tree)
    return {
        "t_ms": tree["t_ms"],
        "label": [safe(tree["label"][node]) for node in order],
        "kids": [len(kids[node]) for node in order],
        "kb": [kb[node] for node in order],
        "change_kb": change and [change[node] for node in order],
        "moved": [place for place, node in enumerate(order) if node in moved],
    }


def _moved(tree: dict[str, Any]) -> set[int]:
    change = tree["change_kb"] or ()
    moved: set[int] = set()
    for node in range(len(change) - 1, 0, -1):  # parts before what they are part of
        if change[node] or node in moved:
            moved.add(tree["parent"][node])
    return {node for node in moved if change[node] == 0}
