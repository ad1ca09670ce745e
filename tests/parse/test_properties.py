"""Hypothesis: both backends say the same of any text, and the truth of good text."""

import orjson
import pytest
from hypothesis import assume, given, settings, strategies as st
from support import documents, grammar, oracle
from support.tables import outcome, rows
from support.trees import Tree

STRICT = pytest.mark.parametrize("strict", [True, False], ids=["strict", "lenient"])


def assert_equal_outcome(backends, text, kind, strict):
    native, pure = (outcome(b, text, kind, strict=strict) for b in backends)
    assert pure == native
    return native


@given(text=grammar.smaps())
@settings(max_examples=150)
def test_good_smaps_text_reads_as_the_oracle_reads_it(backends, text):
    assume(b"\r\n" not in text)  # in every line it would be an error
    expected, changes = oracle.read(text)
    what, _, found, said = assert_equal_outcome(backends, text, "smaps", strict=True)
    assert ("table", expected) == (what, found)
    assert [("torn", changes)] * bool(changes) == [note[:2] for note in said]


@given(text=grammar.maps)
@settings(max_examples=150)
def test_good_maps_text_reads_as_the_oracle_reads_it(backends, text):
    assume(b"\r\n" not in text)  # in every line it would be an error
    expected, changes = oracle.read(text)
    what, _, found, said = assert_equal_outcome(backends, text, "maps", strict=True)
    assert ("table", expected) == (what, found)
    assert [("torn", changes)] * bool(changes) == [note[:2] for note in said]


@STRICT
@given(text=grammar.smaps(awkward=True))
@settings(max_examples=150)
def test_awkward_keys_read_the_same_on_both_backends(backends, text, strict):
    assert_equal_outcome(backends, text, "smaps", strict=strict)


@STRICT
@given(text=grammar.damaged(grammar.smaps(awkward=True)))
@settings(max_examples=300)
def test_damaged_smaps_text_reads_the_same_on_both_backends(backends, text, strict):
    assert_equal_outcome(backends, text, "smaps", strict=strict)


@STRICT
@given(text=grammar.damaged(st.one_of(grammar.maps, grammar.smaps())))
@settings(max_examples=200)
def test_damaged_maps_text_reads_the_same_on_both_backends(backends, text, strict):
    assert_equal_outcome(backends, text, "maps", strict=strict)


@given(text=grammar.damaged(grammar.smaps()))
@settings(max_examples=100)
def test_what_is_kept_of_damaged_text_is_in_order_and_never_overlaps(backends, text):
    for backend in backends:
        table = backend.parse_text(text, "smaps", strict=False)
        starts, ends = list(table.columns["start"]), list(table.columns["end"])
        assert sorted(starts) == starts
        assert all(e <= s for e, s in zip(ends, starts[1:], strict=False))


@pytest.mark.parametrize("detail", ["maps", "smaps"])
@pytest.mark.parametrize("full", [False, True], ids=["short", "full"])
@given(data=st.data())
@settings(max_examples=60)
def test_json_is_what_orjson_prints_for_the_same_data(
    backends, tmp_path_factory, data, detail, full
):
    awkward = grammar.smaps(awkward=True, values=grammar.small)
    text = data.draw(awkward if detail == "smaps" else grammar.maps)
    tree = Tree(tmp_path_factory.mktemp("json") / "proc")
    tree.add(7, **{detail: text})
    for backend in backends:
        snap = backend.collect(7, detail, str(tree))
        document = documents.snapshot(snap, rows(snap), full=full)
        assert orjson.dumps(document) == snap.to_json(full=full)
        pretty = orjson.dumps(document, option=orjson.OPT_INDENT_2)
        assert pretty == snap.to_json(pretty=True, full=full)
    tree.remove(7)
