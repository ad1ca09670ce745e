"""The strings of a recording: one number each, also before they are written."""

from memc.record.store import MIN_SIZE, Store


def test_string_keeps_its_number_if_a_segment_begins_before_it_is_written(tmp_path):
    store = Store(str(tmp_path / "run.memc"), max_size=MIN_SIZE)
    store.begin_run(("1", None, None, "boot", 5, "{}", 0))
    store.begin_segment(0, 0)
    first = store.strings.number(b"one")
    store.begin_segment(1000, 0)
    numbers = [store.strings.number(value) for value in (b"one", b"two", b"one")]
    assert numbers == [first, first + 1, first]
    store.flush()
    rows = store._db.execute("select id, value, last_segment from _string").fetchall()
    assert rows == [(first, b"one", 2), (first + 1, b"two", 2)]
    store.close(2000, "done")
