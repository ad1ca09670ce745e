"""JSON by the standard library, beside orjson: the same values, bytes and refusals."""

import math
import re

import orjson
import pytest
from hypothesis import example, given, strategies as st
from support.cases import cases

from memc.table import json_plain, json_text
from memc.table.json_text import NotJsonError


def read(loads, data, refused):
    """Return a value as text, which tells 0 from 0.0; None if it is refused."""
    try:
        return repr(loads(data))
    except refused:
        return None


# why, text, the value as Python shows it
TAKEN = [
    ("largest of 64 bits", b"18446744073709551615", "18446744073709551615"),
    ("larger", b"18446744073709551616", "1.8446744073709552e+19"),
    ("smallest of 64 bits", b"-9223372036854775808", "-9223372036854775808"),
    ("smaller", b"-9223372036854775809", "-9.223372036854776e+18"),
    ("20 digits and a sign", b"-18446744073709551616", "-1.8446744073709552e+19"),
    ("more digits than int() reads", b"0." + b"1" * 5000, "0.1111111111111111"),
    ("a large float in digits", b"1" + b"0" * 300, "1e+300"),
    ("no sign of nothing", b"-0", "0"),
    ("a sign of nothing", b"-0.0", "-0.0"),
    ("too small", b"1e-400", "0.0"),
    ("an exponent", b"1E+2", "100.0"),
    ("the last of a key twice", b'{"a":1,"b":2,"a":3}', "{'a': 3, 'b': 2}"),
    ("a pair", b'"\\ud83d\\ude00"', "'\U0001f600'"),
    ("no half: the backslash is escaped", b'"\\\\ud800"', r"'\\ud800'"),
    ("digits in a text", b'["1234567890123456789012", 5]',
     "['1234567890123456789012', 5]"),
    ("NUL", b'"\\u0000"', r"'\x00'"),
    ("a line separator", b'"\xe2\x80\xa8"', r"'\u2028'"),
    ("DEL", b'"\x7f"', r"'\x7f'"),
    ("blanks", b" \t\r\n[ ] \n", "[]"),
    ("levels", b"[" * 500 + b"]" * 500, "[" * 500 + "]" * 500),
]  # fmt: skip


@cases(TAKEN, why=0)
def test_a_text_is_taken_as_orjson_takes_it(case):
    _, data, shown = case
    assert repr(json_plain.loads(data)) == shown == repr(orjson.loads(data))


END = "unexpected end of data"
CHARACTER = "unexpected character"
CONTROL = "control character in a text"
ESCAPE = "unknown escape in a text"
HALF = "half of a surrogate pair"
LARGE = "number that is too large"
MORE = "more than one document"
UTF8 = "bytes that are not UTF-8"
LEVELS = "too many levels"
# why, text, what is told of it, line, column
REFUSED = [
    ("nothing", b"", END, 1, 1),
    ("blanks", b" \n ", END, 2, 2),
    ("cut at a value", b'{"a":', END, 1, 6),
    ("cut in a word", b"[\ntru", END, 2, 4),
    ("cut in a text", b'["a', END, 1, 4),
    ("cut in an escape", b'["a\\', END, 1, 5),
    ("no value", b'{"a":}', CHARACTER, 1, 6),
    ("no word", b"[truth]", CHARACTER, 1, 2),
    ("NaN", b'["NaN", NaN]', CHARACTER, 1, 9),
    ("Infinity", b'[\n"Infinity",\nInfinity]', CHARACTER, 3, 1),
    ("-Infinity", b"[1, -Infinity]", CHARACTER, 1, 5),
    ("a float", b'["1e400", 1e400]', LARGE, 1, 11),
    ("a number in digits", b"[" + b"9" * 5000 + b"]", LARGE, 1, 2),
    ("a negative number", b"[1, -1e999]", LARGE, 1, 5),
    ("half of a pair", b'["\\\\ud800", "\\ud800"]', HALF, 1, 14),
    ("the other half", b'"\\udc00"', HALF, 1, 2),
    ("the wrong order", b'"\\udc00\\ud800"', HALF, 1, 2),
    ("a half in a key", b'{"\\ud800": 1}', HALF, 1, 3),
    ("a byte", b'[1,\n "\xc3\xa9\xff"]', UTF8, 2, 4),
    ("half of a pair as bytes", b'"\xed\xa0\x80"', UTF8, 1, 2),
    ("an overlong byte", b'"\xc0\xaf"', UTF8, 1, 2),
    ("a mark", b"\xef\xbb\xbf{}", "byte order mark", 1, 1),
    ("two bytes a character", "{}".encode("utf-16"), UTF8, 1, 1),
    ("a second document", b'"\xc3\xa9" x', MORE, 1, 5),
    ("NUL behind it", b"{}\0", MORE, 1, 3),
    ("a line in a text", b'"a\nb"', CONTROL, 1, 3),
    ("a control character", b'"\x01"', CONTROL, 1, 2),
    ("an escape", b'"a\\x41"', ESCAPE, 1, 3),
    ("a short escape", b'"\\u12"', ESCAPE, 1, 2),
    ("no hex", b'"\\u12g4"', ESCAPE, 1, 2),
    ("a zero too many", b"[01]", CHARACTER, 1, 3),
    ("no digit", b"[-]", CHARACTER, 1, 2),
    ("no quotes", b"{a:1}", CHARACTER, 1, 2),
    ("a number as a key", b"{1:2}", CHARACTER, 1, 2),
    ("no comma", b"[1 2]", CHARACTER, 1, 4),
    ("levels of lists", b"[" * 1025 + b"]" * 1025, LEVELS, 1, 1025),
    ("levels of objects", b'{"[":\n' * 5000 + b"1" + b"}" * 5000, LEVELS, 1025, 1),
    ("levels without end", b"[" * 100_000, LEVELS, 1, 1025),
]  # fmt: skip


@cases(REFUSED, why=0)
def test_a_text_is_refused_as_orjson_refuses_it(case):
    _, data, *told = case
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(data)
    for loads in (json_plain.loads, json_text.loads):
        with pytest.raises(NotJsonError) as found:
            loads(data)
        assert list(found.value.why()) == told


def test_a_comma_too_many_is_refused():
    """Python 3.13 tells the place of the comma, and before that what follows it."""
    for data in (b"[1,]", b'{"a":1,}'):
        with pytest.raises(NotJsonError) as found:
            json_plain.loads(data)
        what, line, column = found.value.why()
        assert (what, line) == (CHARACTER, 1)
        assert column in (len(data) - 1, len(data))


PIECES = [
    *(bytes([one]) for one in b"{}[],:\"\\-+.eE05\n\t\r \0\x01\x0b\x7f\xff/'"),
    *(b'"a"', b"\\ud800", b"\\udc00", b"\\u00e9", b"\\n", b"\\x", b"true", b"false"),
    *(b"null", b"NaN", b"Infinity", b"1e400", b"1e-400", b"0.1", b"999999999"),
    *(b"18446744073709551615", b"9223372036854775808", b"\xc3\xa9", b"\xed\xa0\x80"),
    *(b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"//", b"[]", b"{}", b'"":'),
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=9).map(b"".join)
LISTED = st.lists(TEXTS, max_size=3).map(lambda found: b"[%b]" % b",".join(found))


@given(TEXTS | TEXTS.map(lambda text: b'"%b"' % text) | LISTED | st.binary())
def test_any_text_is_read_as_orjson_reads_it(data):
    expected = read(orjson.loads, data, orjson.JSONDecodeError)
    assert read(json_plain.loads, data, NotJsonError) == expected


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(1 << 63), (1 << 64) - 1)
    | st.floats()
    | st.floats(-1e-3, 1e-3)
    | st.text()
    | st.sampled_from(["1e-05", "NaN", '"e-07', "\\", '\\"1e-06'])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.text() | st.just("1e-05"), inner)
    ),
)


@given(value=VALUES, pretty=st.booleans())
@example(
    value=[1e-5, -1.5e-5, 1e-6, 1e-9, 1e-10, 1e16, 5e-324, -0.0, math.nan], pretty=False
)
def test_any_value_is_written_and_read_as_orjson_does(value, pretty):
    option = orjson.OPT_INDENT_2 if pretty else None
    made = orjson.dumps(value, option=option)
    assert json_plain.dumps(value, pretty=pretty) == made
    assert repr(json_plain.loads(made)) == repr(orjson.loads(made))


@pytest.mark.parametrize("pretty", [False, True])
def test_a_sum_of_more_than_64_bits_is_written_whole(pretty):
    value = {"kb": 1 << 64, "share": [1e-5, math.inf], "name": "\u00e9\x00"}
    made = json_text.dumps(value, pretty=pretty)
    assert made == json_plain.dumps(value, pretty=pretty)
    shown = re.sub(rb"[ \n]", b"", made).decode()
    kb = 1 << 64
    assert shown == f'{{"kb":{kb},"share":[0.00001,null],"name":"é\\u0000"}}'


@pytest.mark.parametrize("dumps", [json_text.dumps, json_plain.dumps])
def test_half_of_a_pair_is_not_written(dumps):
    with pytest.raises(UnicodeEncodeError):
        dumps(["\ud800"])
