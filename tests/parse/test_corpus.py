"""Every capture and every made-up case, on both backends, against independent readings.

`ROOTS` are the project's own captures and, where it is there, the corpus of other
kernels and machines (``MEMC_CORPUS``, else ``../shared/corpus``).  Where it is not, the
header and the last lines of the test run say so.
"""

import json

import pytest
from support import oracle
from support.corpus import captures, made_up
from support.tables import notes, rows

from memc.errors import FormatError

# What a bad file must be refused with.  The expected JSON only says that it must be.
ERRORS = {
    "bad-perm": (1, 21, "permissions"),
    "bad-range": (1, 10, "an end address not below the start"),
    "crlf": (
        1,
        76,
        "a line feed alone: every line ends in CR LF, the text was changed on its way",
    ),
    "cut-in-field": (35, 10, "the rest of the line: the text is cut short here"),
    "cut-in-header": (2, 5, "the rest of the line: the text is cut short here"),
    "empty-line": (3, 1, "start address"),
    "not-a-maps-file": (1, 1, "start address"),
    "nul-bytes": (1, 41, "a line without NUL bytes"),
    "overflow-address": (1, 1, "a number of at most 64 bits"),
    "overflow-field": (3, 17, "a number of at most 64 bits"),
}
# The README of the made-up cases leaves open whether such a value may be dropped.
KEPT_AS_WELL = {"unknown-future-field": {"future_count": 7}}
NO_UNIT = {"THPeligible", "ProtectionKey", "OddCount"}
CORE = {"start", "end", "perm", "offset", "dev_major", "dev_minor", "inode", "pathname"}


def ours(region):
    """Give an expected region, which has the kernel's keys, by our names."""
    row = {key: value for key, value in region.items() if key in CORE}
    for key, value in region.items():
        if key == "VmFlags":
            row["vm_flags"] = tuple(value)
        elif key == "Name":
            row["name"] = value
        elif key not in {*CORE, "Size"}:
            row[oracle.column_name(key, is_kb=key not in NO_UNIT)] = value
    return row


def plain(region):
    return {key: region[key] for key in region if key not in {"type", "size_kb"}}


@pytest.mark.parametrize(("kind", "path"), captures())
def test_capture_reads_as_the_oracle_reads_it(backend, kind, path):
    data = path.read_bytes()
    expected, changes = oracle.read(data)

    table = backend.parse_text(data, kind, strict=True)

    assert expected == rows(table)
    assert sum(note.count for note in table.notes) == changes


@pytest.mark.parametrize(("kind", "path"), captures())
def test_capture_reads_the_same_strict_or_not_on_either_backend(backends, kind, path):
    data = path.read_bytes()
    tables = [
        backend.parse_text(data, kind, strict=strict)
        for backend in backends
        for strict in (True, False)
    ]
    first = list(tables[0].columns), rows(tables[0]), notes(tables[0])
    for table in tables[1:]:
        assert first == (list(table.columns), rows(table), notes(table))


@pytest.mark.parametrize(("name", "kind", "path"), made_up(".expected.json"))
def test_made_up_case_gives_the_expected_answer(backend, name, kind, path):
    expected = json.loads(path.read_text())
    data = path.with_name(f"{name}.txt").read_bytes()
    case = name.split(".")[0]
    if "error" in expected:
        line, column, what = ERRORS[case]
        with pytest.raises(FormatError) as caught:
            backend.parse_text(data, kind, strict=True)
        assert (line, column) == (caught.value.line, caught.value.column)
        assert f"expected {what} at line {line}, column {column}" == str(caught.value)
        return
    repaired = path.with_name(f"{name}.repaired.json")
    if repaired.exists():
        expected = json.loads(repaired.read_text())
    table = backend.parse_text(data, kind, strict=True)
    expected = [ours(region) for region in expected]
    if case in KEPT_AS_WELL:
        expected[0].update(KEPT_AS_WELL[case])
    assert expected == [plain(region) for region in rows(table)]
    assert [note.code for note in table.notes] == ["torn"] * repaired.exists()


@pytest.mark.parametrize(("name", "kind", "path"), made_up(".repaired.json"))
@pytest.mark.parametrize("strict", [True, False])
def test_torn_case_is_repaired_and_noted(backend, name, kind, path, strict):
    data = path.with_name(f"{name}.txt").read_bytes()
    table = backend.parse_text(data, kind, strict=strict)
    expected = [ours(region) for region in json.loads(path.read_text())]
    assert expected == [plain(region) for region in rows(table)]
    _, changes = oracle.read(data)
    assert [("torn", changes)] == [(note.code, note.count) for note in table.notes]


def test_the_corpus_is_where_the_environment_says(corpus):
    """A wrong MEMC_CORPUS must not look like an absent corpus."""
    assert corpus.told is None or corpus.path.is_dir()
