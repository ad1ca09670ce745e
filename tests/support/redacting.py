"""Documents as a bundle takes them, and what becomes of them."""

import json
import re

from memc.bundle.options import BundleOptions
from memc.bundle.redact import Redactor
from memc.table.json_text import dumps

KEY = bytes(range(32))
OWNED = ("owner", "why", "label", "guess")
MARK = re.compile(r"p-[a-z2-7]{8}|(?<=/SYSV)[0-9a-f]{8}")


def told(text):
    """Return text as JSON holds it."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def own(regions, owners):
    """Put the owners into regions of a document."""
    for region, owner in zip(regions, owners, strict=True):
        region.update(
            owner=owner.owner, why=owner.why, label=told(owner.label), guess=owner.guess
        )


def document_of(snap):
    """Return the whole document of a snapshot, with owners."""
    document = json.loads(snap.to_json(full=True))
    if "processes" in document:
        pairs = zip(document["processes"], snap.processes, strict=True)
        for process, of in pairs:
            own(process["snapshot"].get("regions", ()), of.snapshot.find_owners())
    else:
        own(document.get("regions", ()), snap.find_owners())
    return document


def redact(*documents, key=KEY, who=(), **options):
    """Return what becomes of the samples of one bundle."""
    redactor = Redactor(key, BundleOptions(**options), who=frozenset(who))
    for document in documents:
        redactor.learn(document)
    return [redactor.document(document) for document in documents]


def members(documents, facts=None):
    """Return the members of a bundle with these documents."""
    lines = b"".join(dumps(document) + b"\n" for document in documents)
    return {"manifest.json": dumps(facts or {}), "samples.ndjson": lines}


def disowned(document):
    """Return the document of a process without owners."""
    rows = [
        {key: value for key, value in region.items() if key not in OWNED}
        for region in document["regions"]
    ]
    return {**document, "regions": rows}


def unmarked(document):
    """Return the text of a document without its pseudonyms."""
    return MARK.sub("P", json.dumps(document))
