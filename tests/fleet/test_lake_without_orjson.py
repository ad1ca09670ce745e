"""A lake is filled from a document, and asked, with orjson hidden: the same answers."""

import pytest
from support.commands import COMMANDS
from support.text import record
from support.without_orjson import HIDDEN

PYTHON = COMMANDS["python"]


@pytest.mark.parametrize("question", ["budget", "deleted"])
def test_a_lake_tells_the_same(tree, tmp_path, question):
    tree.add(7, smaps=record(0x1000, 0x9000, b"Rss: 4 kB", b"Pss: 2 kB", name=b"/a"))
    document = tmp_path / "one.json"
    document.write_bytes(PYTHON(7, "--smaps", "--full", "--proc", tree).out)
    told = []
    for name, env in (("with", {}), ("without", HIDDEN)):
        lake = tmp_path / name
        added = PYTHON("lake", "add", lake, document, "--host", "a", env=env)
        assert added.status == 0, added.err
        asked = PYTHON("lake", "ask", lake, question, "--json", env=env)
        told.append((asked.status, asked.out))
    assert told[0] == told[1]
    assert told[0][1].startswith(b"[")
