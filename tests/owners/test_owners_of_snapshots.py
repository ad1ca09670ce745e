"""Owners where users meet them: snapshots, regions and Arrow streams."""

import copy
import pickle

import pytest
from support import arrow, children
from support.layouts import smaps_text
from support.owner_layouts import LAYOUTS

import memc
from memc.owners import Owner, owners

TEXT = """
    400000-401000 r-xp /srv/app # rd ex # Rss 4
    401000-402000 rw-p /srv/app @1000 # rd wr # Rss 4
    402000-403000 rw-p # rd wr ac # Rss 4
    7f0000000000-7f0000001000 r-xp /lib/libx.so # rd ex # Rss 4
    7ffec21ee000-7ffec220f000 rw-p [stack] # rd wr # Rss 8"""
WANTED = ["program text", "program data", "program bss", "library text", "main stack"]


@pytest.fixture
def table(backend):
    return backend.parse_text(smaps_text(TEXT), "smaps", strict=True)


def four(owner):
    return owner.owner, owner.why, owner.label, owner.guess


def test_table_tells_an_owner_for_each_region(table):
    found = table.owners()
    assert [owner.owner for owner in found] == WANTED
    assert all(isinstance(owner, Owner) for owner in found)
    assert [*map(four, found)] == [*map(four, owners(table))]
    assert isinstance(found, list)


def test_list_is_the_callers_own(table):
    table.owners().clear()
    assert len(table.owners()) == len(table)


def test_region_tells_its_owner(table):
    assert [region.owner for region in table] == table.owners()
    assert table[-1].owner.owner == "main stack"
    bss = table[2].owner
    assert four(bss) == ("program bss", "behind the data", "/srv/app", True)


def test_owners_are_looked_for_once(table, monkeypatch):
    calls = []

    def count(given):
        calls.append(given)
        return owners(given)

    monkeypatch.setattr("memc.owners.owners", count)
    assert [region.owner.owner for region in table] == WANTED
    table.owners()
    assert calls == [table]


def test_live_snapshot_and_its_documents_have_the_same_owners(tmp_path, backend):
    with children.waiting() as child:
        children.stop(child)
        snap = backend.collect(child.pid, "smaps", "/proc")
        found = [owner.owner for owner in snap.owners()]
        layout = backend.collect(child.pid, "rss", "/proc")
    assert len(found) == snap.region_count
    assert {"main stack", "program text", "library text"} <= {*found}
    assert [owner.owner for owner in layout.owners()] == found
    for full in (False, True):
        path = tmp_path / f"{full}.json"
        path.write_bytes(snap.to_json(full=full))
        assert [owner.owner for owner in memc.load(str(path)).owners()] == found


def test_snapshot_of_totals_has_no_owners(backend):
    with children.waiting() as child:
        assert backend.collect(child.pid, "totals", "/proc").owners() == []


@pytest.mark.parametrize("is_asked", [False, True])
def test_copies_tell_owners_too(table, is_asked):
    if is_asked:
        table.owners()
    with children.waiting() as child:
        snap = memc.snapshot(child.pid)
    for one in (table, snap):
        for made in (
            copy.copy(one),
            copy.deepcopy(one),
            pickle.loads(pickle.dumps(one)),
        ):
            assert [*map(four, made.owners())] == [*map(four, one.owners())]


def test_arrow_stream_has_the_owners_on_request(table):
    fields, (batch,) = arrow.read(memc.arrow(table, owners=True))
    names = [name for name, _, _ in fields]
    assert names == [*table.columns, "owner", "why", "label", "guess"]
    found = table.owners()
    for name in ("owner", "why", "label", "guess"):
        assert batch[name] == [getattr(owner, name) for owner in found]
    plain, _ = arrow.read(memc.arrow(table))
    assert [name for name, _, _ in plain] == [*table.columns]
    assert memc.arrow(table) is table


def test_arrow_stream_of_all_processes_has_the_owners():
    with children.waiting() as child:
        system = memc.snapshot_all(detail="smaps")
        found = next(p.snapshot for p in system.processes if p.pid == child.pid)
    fields, batches = arrow.read(memc.arrow(system, owners=True))
    assert [name for name, _, _ in fields][-4:] == ["owner", "why", "label", "guess"]
    batch = next(b for b in batches if b["pid"] and b["pid"][0] == child.pid)
    assert batch["owner"] == [owner.owner for owner in found.owners()]


def test_arrow_stream_of_totals_has_no_owners():
    with children.waiting():
        system = memc.snapshot_all(detail="totals")
    fields, _ = arrow.read(memc.arrow(system, owners=True))
    assert "owner" not in [name for name, _, _ in fields]


def test_column_of_the_kernel_keeps_another_name(backend):
    text = b"00001000-00002000 rw-p 00000000 00:00 0 \nOwner: 7 kB\nWhy: 3\nGuess: 4\n"
    table = backend.parse_text(text, "smaps", strict=False)
    fields, (batch,) = arrow.read(memc.arrow(table, owners=True))
    names = [name for name, _, _ in fields]
    assert len({*names}) == len(names)
    assert batch["owner"] == ["anonymous"]


@pytest.mark.parametrize("case", LAYOUTS[:20], ids=lambda case: f"{case[0]}: {case[3]}")
def test_owners_of_layouts_are_in_the_stream(backend, case):
    table = backend.parse_text(smaps_text(case[4]), "smaps", strict=True)
    _, (batch,) = arrow.read(memc.arrow(table, owners=True))
    row = batch["start"].index(case[2])
    assert f"{batch['owner'][row]}{'?' * batch['guess'][row]}" == case[0]
