"""copy, deepcopy and pickle make equal objects."""

import copy
import os
import pickle

import pytest

import memc as package
from memc import fallback, fast

WAYS = [
    copy.copy,
    copy.deepcopy,
    *(
        lambda made, n=n: pickle.loads(pickle.dumps(made, n))
        for n in (2, pickle.HIGHEST_PROTOCOL)
    ),
]
MAKERS = {
    **{
        f"snapshot {detail}": lambda d=detail: package.snapshot(os.getpid(), detail=d)
        for detail in ("maps", "rss", "smaps", "totals")
    },
    "system": lambda: package.snapshot_all(detail="maps", cgroups=True),
    "native table": lambda: fast.parse_smaps(os.getpid()),
    "pure table": lambda: fallback.parse_smaps(os.getpid()),
    "no region": lambda: fast.parse_maps_text(b""),
}


@pytest.mark.kernel
@pytest.mark.parametrize("way", WAYS, ids=["copy", "deepcopy", "pickle 2", "pickle"])
@pytest.mark.parametrize("name", MAKERS)
def test_copy_is_equal(name, way):
    made = MAKERS[name]()
    copied = way(made)
    if hasattr(made, "to_json"):
        assert copied.to_json(full=True) == made.to_json(full=True)
    if hasattr(made, "columns"):
        assert {k: list(v) for k, v in copied.columns.items()} == {
            k: list(v) for k, v in made.columns.items()
        }
        assert copied.notes == made.notes
    if hasattr(made, "unread"):
        assert copied.unread == made.unread


@pytest.mark.parametrize("way", WAYS, ids=["copy", "deepcopy", "pickle 2", "pickle"])
def test_region_and_note_are_copied(way):
    table = fast.parse_maps_text(
        b"1000-2000 r--S 00000000 00:00 0 /a\njunk\n", strict=False
    )
    assert repr(way(table[0])) == repr(table[0])
    assert way(table.notes) == table.notes
    assert table[0].perm == "r--s"


@pytest.mark.parametrize("kind", [package.Sampler, package.DataCollector])
@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy, pickle.dumps])
def test_what_has_a_thread_says_that_it_cannot_be_copied(kind, way):
    words = f"a {kind.__name__} has a thread: it cannot be copied or pickled"
    with pytest.raises(TypeError, match=words):
        way(kind(os.getpid()))
