"""A process has the same owners however it was read: row B of the trials of truth.

The plain JSON of smaps has VmFlags, so that all its owners are those of the text.  What
has no VmFlags may know less: the owner is then the same, or one of the two is a guess.
"""

import pytest
from support import arrow
from support.corpus import captures
from support.readers import PURE

import memc
from memc.owners.rules import owners

# What the rules of owners read of a table.
NEEDED = ("start", "end", "perm", "offset", "dev_major", "dev_minor", "pathname")
# Owners that nothing but VmFlags, or amounts that were not read, can tell.
SURE = {
    ("library relro", "library rodata"),
    ("program relro", "program rodata"),
    ("thread stack", "anonymous"),
    ("shadow stack", "anonymous"),
    ("shared memory", "mapped file"),
}


def told(table):
    return [(o.owner, o.guess, o.why, o.label) for o in owners(table)]


def differing(some, others):
    """Give the owners that differ where neither is a guess."""
    pairs = zip(owners(some), owners(others), strict=True)
    return {
        (a.owner, b.owner)
        for a, b in pairs
        if a.owner != b.owner and not a.guess and not b.guess
    }


@pytest.fixture
def back(tmp_path):
    """Give a function that saves JSON and reads it again."""

    def read(document):
        path = tmp_path / "saved.json"
        path.write_bytes(document)
        return memc.load(path)

    return read


@pytest.mark.parametrize(("kind", "path"), captures())
def test_owners_of_json_are_those_of_the_text(backend, tree, back, kind, path):
    tree.add(7, **{kind: path.read_bytes()})
    snap = backend.collect(7, kind, str(tree))
    assert told(back(snap.to_json(full=True))) == told(snap)
    plain = back(snap.to_json())
    flags = snap.columns.get("vm_flags")
    if flags is not None and None not in list(flags):
        assert told(plain) == told(snap)
    assert differing(snap, plain) == set()


@pytest.mark.parametrize(("kind", "path"), captures())
def test_arrow_has_what_the_rules_read(tree, kind, path):
    tree.add(7, **{kind: path.read_bytes()})
    snap = PURE.collect(7, kind, str(tree))
    _, batches = arrow.read(snap)
    flags = ["vm_flags"] if "vm_flags" in snap.columns else []
    for name in (*NEEDED, *flags):
        values = [value for batch in batches for value in batch[name]]
        column = list(snap.columns[name])
        if name == "vm_flags":
            column = [None if value is None else " ".join(value) for value in column]
        assert values == column, name


@pytest.mark.parametrize(("kind", "path"), captures())
def test_rss_without_flags_has_the_same_owners_or_a_guess(kind, path):
    if kind == "maps":
        pytest.skip("it has no amounts")
    text = path.read_bytes()
    kept = [
        line
        for line in text.split(b"\n")
        if not line[:1].isupper() or line.startswith((b"Rss:", b"Swap:"))
    ]
    whole, rss = (
        PURE.parse_text(part, "smaps", strict=False)
        for part in (text, b"\n".join(kept))
    )
    assert differing(whole, rss) <= SURE
