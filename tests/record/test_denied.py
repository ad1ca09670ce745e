"""Processes whose regions may not be read as asked: what is recorded of them."""

import json
from types import SimpleNamespace

import pytest
from support import children

from memc.errors import AccessDenied
from memc.files.recording import open as opening
from memc.record import taking
from memc.record.options import RecordOptions
from memc.record.session import Session
from memc.table.region import Note


def query(path, sql):
    db = opening.connect(path)
    rows = db.execute(sql).fetchall()
    db.close()
    return rows


@pytest.fixture
def record(tmp_path):
    """Give a function: the path, and what was said, of a recording of two children."""

    def record(ticks=3, **options):
        path, said = str(tmp_path / "run.memc"), []
        with children.waiting() as one, children.waiting() as other:
            options = {"pids": [one.pid, other.pid], "duty": 100, **options}
            made = RecordOptions(flush_s=0, **options)
            session = Session(path, made, on_say=said.append)
            for _ in range(ticks):
                session.step()
            session._recording._begin_segment()
            session.step()
            session.close("done")
        return path, said

    return record


def test_usage_is_kept_of_processes_whose_regions_are_denied(record, monkeypatch):
    read = []

    def deny(_self, followed, _detail):
        read.append(followed)
        raise AccessDenied(f"process {followed.pid}: maps: no", followed.pid)

    monkeypatch.setattr(taking.Taking, "_read", deny)
    path, said = record()
    assert query(path, "select count(*), min(rss_kb) > 0 from usage") == [(4, 1)]
    assert query(path, "select count(*) from owner") == [(0,)]
    events = query(path, "select pid, detail from event where kind='denied'")
    assert len({pid for pid, _ in events}) == len(events) == 2
    assert [text.partition(": ")[2] for text in said] == [
        "maps: no; of such processes the usage is recorded, and no regions"
    ]
    assert len(read) == 4  # once in each segment


def test_smaps_is_read_where_pages_may_not_be_counted(record, monkeypatch):
    read = taking.Taking._read
    note = Note("denied", 1, "rss_kb is unknown: pagemap may be read by others")

    def deny(self, followed, detail):
        if detail != "smaps":
            return SimpleNamespace(notes=(note,))
        return read(self, followed, detail)

    monkeypatch.setattr(taking.Taking, "_read", deny)
    monkeypatch.setattr(taking, "_lacks_rss", lambda _: True)
    path, said = record()
    details = {
        json.loads(meta)["detail"] for (meta,) in query(path, "select meta from _frame")
    }
    assert details == {"smaps"}
    assert query(path, "select count(*) from event where kind='denied'") == [(2,)]
    assert [text.rpartition(": ")[2] for text in said] == [
        "smaps is read instead, within 50 ms"
    ]


def test_process_that_smaps_would_hold_up_is_read_gently_and_that_is_told(tmp_path):
    path = str(tmp_path / "run.memc")
    with children.script("leaderless", ballast=0) as child:
        options = RecordOptions(
            pids=[child.pid], detail="smaps", max_stall_ms=1, duty=100, flush_s=0
        )
        session = Session(path, options)
        reader = session._tick._regions._taking
        stalled = SimpleNamespace(total_rss_kb=1, longest_read_ns=10**9)
        reader._options.last = None
        reader._last = _Always(stalled)
        session.step()
        session.step()
        session.close("done")
    events = query(path, "select detail from event where kind='degraded'")
    assert len(events) == 1
    assert "smaps was not read" in events[0][0]
    details = {
        json.loads(meta)["detail"] for (meta,) in query(path, "select meta from _frame")
    }
    assert details == {"rss"}


class _Always(dict):
    def __init__(self, value):
        self.value = value

    def get(self, _key, _default=None):
        return self.value
