"""``memc export --to parquet``: the rows of CSV, with types, by each package."""

import csv
import io

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.commands import COMMANDS
from support.family import fill
from support.trees import Tree

import memc
from memc.cli.export.command import run
from memc.table import parquet

ONCE = COMMANDS["python"]
SHOWN = ("pid", "name", "uid", "cgroup", "row", "pathname", "perm", "owner", "why",
         "label", "rss_kb", "pss_kb", "swap_kb", "guess", "inode")  # fmt: skip
OWNER = ["owner", "why", "label", "guess"]


@pytest.fixture(params=["arro3", "pyarrow", "duckdb"])
def export(request, monkeypatch, tmp_path):
    """Export to a file by one package; return the file."""
    put = getattr(parquet, f"_of_{request.param}")()
    monkeypatch.setattr(parquet, "writer", lambda _option: put)

    def to_file(*args):
        out = tmp_path / "out.parquet"
        words = ("export", *args, "--to", "parquet", "-o", out)
        assert run([*map(str, words[1:])]) == 0
        return out

    return to_file


@pytest.fixture
def document(tmp_path):
    """Make a document in which one process has no smaps: its amounts are null."""
    path = tmp_path / "all.json"
    root = fill(Tree(tmp_path / "proc"))
    ONCE("--all", "--smaps", "--full", "--proc", root, "-o", path)
    return path


def rows(*args):
    done = ONCE("export", *args, "--to", "csv")
    assert done.status == 0, done.err
    return [*csv.DictReader(io.StringIO(done.out.decode()))]


def text(value):
    return "" if value is None else str(int(value) if value is True else value)


def test_rows_are_those_of_csv_and_null_is_not_zero(export, document):
    found = pq.read_table(export(document)).to_pylist()
    told = rows(document)
    assert len(told) > 10
    assert [[text(row[name]) for name in SHOWN] for row in found] == [
        [row[name] for name in SHOWN] for row in told
    ]
    assert [row["start"] for row in found] == [
        int(row["start"], 16) if row["start"] else None for row in told
    ]


def test_sums_in_duckdb_are_those_of_csv(export, document):
    out = export(document)
    ask = f"select owner, sum(rss_kb) from '{out}' group by owner"
    sums = {}
    for row in rows(document):
        if row["rss_kb"]:
            sums[row["owner"]] = sums.get(row["owner"], 0) + int(row["rss_kb"])
    found = duckdb.sql(ask).fetchall()
    assert {owner: kb for owner, kb in found if kb is not None} == sums


def test_owners_of_a_bundle_stand_there_once(export, document, tmp_path):
    bundle = tmp_path / "bug.zip"
    assert ONCE("bundle", document, "-o", bundle).status == 0
    kept = pq.read_table(export(bundle))
    before = pq.read_table(export(document))
    assert [name for name in kept.column_names if name.startswith("region_")] == []
    for name in ("owner", "why", "guess", "rss_kb"):
        assert kept.column(name).to_pylist() == before.column(name).to_pylist(), name


def test_owners_of_a_bundle_are_columns_once(document, tmp_path):
    bundle = tmp_path / "bug.zip"
    assert ONCE("bundle", document, "-o", bundle).status == 0
    names = pa.table(memc.arrow(memc.load(bundle), owners=True)).column_names
    assert names[-4:] == OWNER
    assert len(names) == len({*names} - {f"region_{name}" for name in OWNER})
