"""docs/record.md tells every view of a recording, column by column, and every event."""

import re
import sqlite3

import pytest
from support.corpus import CHECKOUT
from support.manual import PAGES, rows

from memc.files.recording.schema import SCHEMA, VIEWS

PAGE = PAGES["docs/record.md"]


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_is_told_column_by_column(view):
    db = sqlite3.connect(":memory:")
    db.executescript(SCHEMA)
    columns = [row[1] for row in db.execute(f"pragma table_info({view})")]
    db.close()
    table = rows(PAGE, f"column of `{view}` | meaning")
    assert [row[0].strip("`") for row in table] == columns
    assert all(meaning for _, meaning in table)


def test_each_kind_of_event_is_told():
    kinds = set()
    for path in (CHECKOUT / "memc" / "record").glob("*.py"):
        kinds |= set(
            re.findall(r"event\(\s*\w+,\s*\"(\w+)\"", path.read_text(), re.DOTALL)
        )
    table = rows(PAGE, "`kind` | what happened | `detail`")
    told = {word for row in table for word in re.findall(r"`(\w+)`", row[0])}
    assert kinds <= told
