"""Text as the kernel lays it out: what takes a shortcut on it reads the very same.

The C core takes a record that is laid out like the one before in one go.  Whatever
differs in one byte must come out as if it had not.
"""

import pytest
from hypothesis import assume, given, settings
from support import general, layout, oracle
from support.grammar import damaged
from support.layout import ALL, PAGE, SOME, record
from support.tables import outcome, rows

KINDS = pytest.mark.parametrize("kind", ["maps", "smaps"])
STRICT = pytest.mark.parametrize("strict", [True, False], ids=["strict", "lenient"])
TWO = [record(i, values=dict.fromkeys(SOME, 10 + i), name=b"/a") for i in (0, 1)]
LAST = record(9, values=dict.fromkeys(SOME, 9), name=b"/last")
# What takes the place of each byte in turn.
BYTES = b"\0\t\n /09:;@AFfgkpx\x7f\xff"


@pytest.fixture
def readers(backends):
    return (*backends, general)


def assert_all_read(readers, text, kind, *, strict):
    first, *rest = (outcome(r, text, kind, strict=strict) for r in readers)
    for other in rest:
        assert other == first
    return first


@given(text=layout.records())
@settings(max_examples=150)
def test_smaps_text_in_the_layout_of_the_kernel_is_read_right(readers, text):
    assume(b"\r\n" not in text)  # in every line it would be an error
    expected, _ = oracle.read(text)
    what, _, found, _ = assert_all_read(readers, text, "smaps", strict=True)
    assert (what, found) == ("table", expected)


@given(text=layout.records(smaps=False))
@settings(max_examples=100)
def test_maps_text_in_the_layout_of_the_kernel_is_read_right(readers, text):
    assume(b"\r\n" not in text)  # in every line it would be an error
    expected, _ = oracle.read(text)
    what, _, found, _ = assert_all_read(readers, text, "maps", strict=True)
    assert (what, found) == ("table", expected)


@KINDS
@STRICT
@given(text=damaged(layout.records()))
@settings(max_examples=150)
def test_damaged_text_in_the_layout_of_the_kernel_is_read_the_same(
    readers, text, kind, strict
):
    assert_all_read(readers, text, kind, strict=strict)


@STRICT
@pytest.mark.parametrize("byte", BYTES, ids=lambda byte: f"{byte:02x}")
def test_each_byte_of_a_record_counts(readers, byte, strict):
    before, after = b"".join(TWO), LAST
    text = record(2, values=dict.fromkeys(SOME, 12), name=b"/a")
    for at in range(len(text)):
        changed = text[:at] + bytes([byte]) + text[at + 1 :]
        assert_all_read(readers, before + changed + after, "smaps", strict=strict)


@STRICT
@pytest.mark.parametrize("byte", BYTES, ids=lambda byte: f"{byte:02x}")
def test_each_byte_of_a_maps_line_counts(readers, byte, strict):
    lines = [
        layout.region(0x1000, 0x2000),
        layout.region(
            0x7F0000002000, 0x7F0000003000, inode=77, device=(8, 1), name=b"/a"
        ),
        layout.region(2**63, 2**63 + PAGE, offset=2**40, name=b"[vsyscall]"),
    ]
    for number, line in enumerate(lines):
        for at in range(len(line)):
            changed = [*lines]
            changed[number] = line[:at] + bytes([byte]) + line[at + 1 :]
            text = b"".join([lines[0], *changed, lines[2]])
            assert_all_read(readers, text, "maps", strict=strict)


@STRICT
@KINDS
def test_each_beginning_of_a_text_is_read_the_same(readers, kind, strict):
    """Cut short at any byte: no reader may look behind the end."""
    text = b"".join([*TWO, LAST])
    if kind == "maps":
        text = b"".join(line + b"\n" for line in text.split(b"\n") if b"-" in line)
    for size in range(len(text) + 1):
        assert_all_read(readers, text[:size], kind, strict=strict)


@pytest.mark.parametrize("key", [key.decode() for key in ALL])
@pytest.mark.parametrize("change", ["absent", "first", "last", "twice"])
def test_a_record_that_differs_in_one_key_is_read_right(readers, key, change):
    values = dict.fromkeys(ALL, 5)
    other = {k: v for k, v in values.items() if k != key.encode()}
    if change == "first":
        other = {key.encode(): 6, **other}
    elif change == "last":
        other = {**other, key.encode(): 6}
    text = [record(i, values=values) for i in range(8)]
    text[4] = record(4, values=values if change == "twice" else other)
    if change == "twice":
        text[4] += layout.counter(key.encode(), 7)
    expected, _ = oracle.read(b"".join(text))
    _, _, found, _ = assert_all_read(readers, b"".join(text), "smaps", strict=True)
    assert found == expected


@pytest.mark.parametrize("key", [b"Rss", b"Future"], ids=bytes.decode)
@pytest.mark.parametrize("last", [0, 7])
def test_of_a_key_that_every_record_has_twice_the_last_counts(readers, key, last):
    text = b"".join(
        record(i, values={b"Size": 4, key: i, b"Pss": i}, flags=None)
        + layout.counter(key, last)
        for i in range(8)
    )
    expected, _ = oracle.read(text)
    _, _, found, _ = assert_all_read(readers, text, "smaps", strict=True)
    assert found == expected


@pytest.mark.parametrize("value", [0, 9, 10**8 - 1, 10**8, 10**9, 2**32, 2**64 - 1])
@pytest.mark.parametrize("where", range(4))
def test_number_of_any_width_is_read_right(readers, value, where):
    text = b"".join(
        record(i, values={**dict.fromkeys(SOME, 1), b"Pss": value if i == where else 3})
        for i in range(4)
    )
    expected, _ = oracle.read(text)
    _, _, found, _ = assert_all_read(readers, text, "smaps", strict=True)
    assert found == expected


@pytest.mark.parametrize("size", [1, 100, 8000, 65400, 65536, 70000, 200000])
@KINDS
def test_name_of_any_length_is_read_right(readers, tree, size, kind):
    line = layout.region(0x1000, 0x2000, name=b"/" + b"n" * size)
    text = layout.region(0, 0x1000) + line + layout.region(0x2000, 0x3000)
    expected, _ = oracle.read(text)
    _, _, found, _ = assert_all_read(readers, text, kind, strict=True)
    assert found == expected
    tree.add(7, **{kind: text})
    assert [rows(r.collect(7, kind, str(tree))) for r in readers[:2]] == [expected] * 2


@pytest.mark.parametrize("shift", range(0, 420, 7))
def test_records_may_lie_anywhere_in_what_is_read_at_once(backends, tree, shift):
    """A read ends in the middle of a line of a copy; of each line once here."""
    text = layout.region(0, 0x1000, name=b"/" + b"s" * (shift + 1)) + b"".join(
        record(i, values=dict.fromkeys(SOME, i), name=b"/a%d" % (i % 3))
        for i in range(400)
    )
    assert len(text) > 65536
    expected, _ = oracle.read(text)
    tree.add(7, smaps=text)
    native, _ = backends
    assert rows(native.collect(7, "smaps", str(tree))) == expected
