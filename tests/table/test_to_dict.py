"""A document as a dict, and what others make of one: frameworks, json, pydantic."""

import copy
import json
import os

import orjson
import pytest

import memc
from memc import fallback, fast
from memc.freeing.result import AMOUNTS, Freed
from memc.table.region import Document


def freed(**values):
    return Freed(
        **(
            dict.fromkeys(AMOUNTS)
            | dict.fromkeys(("pids", "stays", "notes"), ())
            | values
        )
    )


ME = os.getpid()
before = memc.snapshot(ME, detail="smaps")


def all_twice():
    found = memc.snapshot_all(detail="maps", skip_kernel=True).processes
    return [memc.SystemSnapshot(0, found[i : i + 4], ()) for i in range(2)]


MADE = {
    **{
        f"snapshot {detail}": lambda d=detail: memc.snapshot(ME, detail=d)
        for detail in ("maps", "rss", "smaps", "totals", "rollup")
    },
    "one that another tells": lambda: memc.snapshot(ME, detail="rss").shared_with(1),
    "all": lambda: memc.snapshot_all(detail="totals"),
    "all with regions": lambda: memc.snapshot_all(detail="rss", skip_kernel=True),
    "process": lambda: memc.snapshot_all(detail="totals").processes[0],
    "table": lambda: fast.parse_smaps(ME),
    "pure table": lambda: fallback.parse_smaps(ME),
    "table of maps": lambda: fast.parse_maps(ME),
    "damaged table": lambda: fast.parse_maps_text(b"x\n", strict=False),
    "empty table": lambda: fast.parse_maps_text(b""),
    "diff": lambda: memc.diff(before, memc.snapshot(ME, detail="smaps")),
    "diff of nothing": lambda: memc.diff(before, before),
    "diff of no regions": lambda: memc.diff(*[fast.parse_maps_text(b"")] * 2),
    "diff of all": lambda: memc.diff(*all_twice()),
    "machine": memc.machine,
    "freed": lambda: memc.freed(ME),
    "freed of nothing": lambda: freed(rss_kb=1),
}
# What frameworks do with an object that they do not know, until one of these works:
# fastapi.encoders.jsonable_encoder and rest_framework.utils.encoders.JSONEncoder call
# dict(), the others a function that the user gives them.
WAYS = {
    "FastAPI, Django REST": lambda made: json.loads(json.dumps(dict(made))),
    "json": lambda made: json.loads(json.dumps(made, default=dict)),
    "orjson": lambda made: json.loads(orjson.dumps(made, default=dict)),
    "in a list": lambda made: json.loads(json.dumps([made], default=dict))[0],
    "by name": lambda made: json.loads(orjson.dumps(made.to_dict())),
}


@pytest.mark.kernel
@pytest.mark.parametrize("name", MADE)
def test_document_is_what_its_json_says(name):
    made = MADE[name]()
    document = json.loads(made.to_json())
    assert document
    assert made.to_dict() == document
    assert {key: made[key] for key in made.keys()} == document  # noqa: SIM118
    for way, make in WAYS.items():
        assert make(made) == document, way
    assert copy.copy(made).to_dict() == document


@pytest.mark.kernel
@pytest.mark.parametrize(
    "name", ["snapshot smaps", "snapshot totals", "all", "table", "process"]
)
def test_full_document_is_what_its_json_says(name):
    made = MADE[name]()
    assert made.to_dict(full=True) == json.loads(made.to_json(full=True))


def test_key_that_is_not_there_is_an_error_and_rows_are_still_found():
    snap = memc.snapshot(ME)
    with pytest.raises(TypeError, match="expected a number or a key"):
        snap["nothing"]
    with pytest.raises(KeyError, match="nothing"):
        memc.machine()["nothing"]
    assert snap[0].start == snap.columns["start"][0]
    assert len(snap[:2]) == 2
    with pytest.raises(TypeError):
        snap[1.5]


@pytest.mark.parametrize("name", ["snapshot maps", "all", "machine", "freed"])
def test_framework_that_wants_a_dict_or_list_refuses_instead_of_something_else(name):
    """Flask's jsonify, Django's JsonResponse and Starlette's call json.dumps."""
    made = MADE[name]()
    assert isinstance(made, Document)
    assert not isinstance(made, dict | list | str)
    assert not callable(made)  # Flask would take it for another application
    assert not hasattr(type(made), "__html__")
    with pytest.raises(TypeError, match="not JSON serializable"):
        json.dumps(made)
