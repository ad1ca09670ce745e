r"""JSON by the standard library, as strict as orjson and with the same bytes.

What the module json takes or writes otherwise::

    NaN, Infinity, 1e400         are no JSON, and are written as null
    18446744073709551616         and all of more than 64 bits is read as a float
    "\ud800", the byte 0xff      are no text
    1e-05, 1e-07                 are written as 0.00001 and 1e-7
"""

from __future__ import annotations

import json
import re
from math import isinf

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    Told: TypeAlias = tuple[str, int, int]

__all__ = ["NotJsonError", "dumps", "find_half", "loads"]

LEVELS = 1024  # of lists and objects in each other
SMALLEST, LARGEST = -1 << 63, (1 << 64) - 1
TEXT = r'"[^"\\]*(?:\\.[^"\\]*)*"'
NUMBER = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?"
TOKEN = re.compile(rf"{TEXT}|[\[{{]|[\]}}]|NaN|-?Infinity|{NUMBER}", re.DOTALL)
LONG = re.compile("[0-9]{19}")
HALF = re.compile(r"\\u[dD][89a-fA-F]")
PAIR = r"u[dD][89abAB]..\\u[dD][c-fC-F].."
ESCAPE = re.compile(rf"\\(?:{PAIR}|(u[dD][89a-fA-F])|.)")
ODD = re.compile(rf"{TEXT}|(NaN|-?Infinity)|(-?)([0-9.]+)e-0([0-9])", re.DOTALL)
SIGNS = ("e-0", "NaN", "Infinity")  # of what ODD finds

END = "unexpected end of data"
CHARACTER = "unexpected character"
ESCAPED = "unknown escape in a text"
# How the messages of json begin, which differ between versions of Python.
WORDS = (
    ("Unterminated string", END),
    ("Invalid control character", "control character in a text"),
    ("Invalid \\", ESCAPED),
    ("Extra data", "more than one document"),
)
NESTED = (dict, list)
NAMES = ("true", "false", "null")


class NotJsonError(ValueError):
    """A text is not JSON.

    `told` is what is wrong, its line and its column.  Without it `why` looks for them.
    """

    def __init__(self, data: bytes, told: Told | None = None) -> None:
        super().__init__("no JSON")
        self._data = data
        self._told = told

    def why(self) -> Told:
        """Return what is wrong with the text, its line and its column."""
        if self._told is None:
            self._told = CHARACTER, 1, 1
            try:
                loads(self._data)
            except NotJsonError as error:
                self._told = error.why()
        return self._told


class _OddError(ValueError):
    """A word or number that json takes for a value, and its text."""


def loads(data: bytes) -> object:
    """Return the value of a text.  Raises NotJsonError."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start].decode()
        raise _refused(before, len(before), "bytes that are not UTF-8") from None
    decoder = EXACT if LONG.search(text) else DECODER
    try:
        value: object = decoder.decode(text)
    except json.JSONDecodeError as error:
        raise _refused(text, *_said(error, text)) from None
    except _OddError as odd:
        raise _refused(text, *_odd(str(odd), text)) from None
    except RecursionError:
        raise _too_deep(text) from None
    half = find_half(text)
    if half >= 0:
        raise _refused(text, half, "half of a surrogate pair")
    if text.count("[") + text.count("{") > LEVELS:
        _check_depth(value, text)
    return value


def find_half(text: str) -> int:
    """Return the place of an escape that is half of a surrogate pair, or -1."""
    if HALF.search(text):
        for escape in ESCAPE.finditer(text):
            if escape[1]:
                return escape.start()
    return -1


def dumps(document: object, *, pretty: bool = False) -> bytes:
    """Return the bytes of a document."""
    text = json.dumps(
        document,
        ensure_ascii=False,
        indent=2 if pretty else None,
        separators=None if pretty else (",", ":"),
    )
    if any(sign in text for sign in SIGNS):
        text = ODD.sub(_number, text)
    return text.encode()


def _float(text: str) -> float:
    value = float(text)
    if isinf(value):
        raise _OddError(text)
    return value


def _integer(text: str) -> float:
    if len(text) > len(str(LARGEST)):
        return _float(text)
    value = int(text)
    return value if SMALLEST <= value <= LARGEST else float(value)


def _word(text: str) -> object:
    raise _OddError(text)


DECODER = json.JSONDecoder(parse_float=_float, parse_constant=_word)
EXACT = json.JSONDecoder(parse_float=_float, parse_constant=_word, parse_int=_integer)


def _refused(text: str, place: int, what: str) -> NotJsonError:
    line = text.count("\n", 0, place) + 1
    column = place - text.rfind("\n", 0, place)
    return NotJsonError(b"", (what, line, column))


def _said(error: json.JSONDecodeError, text: str) -> tuple[int, str]:
    """Return the place of an error of json, and what memc says of it."""
    if text.startswith("\ufeff"):
        return 0, "byte order mark"
    what = next((to for begin, to in WORDS if error.msg.startswith(begin)), CHARACTER)
    if what == ESCAPED:
        return text.rfind("\\", 0, error.pos + 1), what
    left = text[error.pos : error.pos + 8]
    is_cut = what == CHARACTER and any(name.startswith(left) for name in NAMES)
    return (len(text), END) if is_cut or what == END else (error.pos, what)


def _odd(odd: str, text: str) -> tuple[int, str]:
    """Return the place of a word or number: of the first such token."""
    tokens = TOKEN.finditer(text)
    place = next((token.start() for token in tokens if token[0] == odd), 0)
    return place, CHARACTER if odd[-1].isalpha() else "number that is too large"


def _check_depth(value: object, text: str) -> None:
    """Raise NotJsonError if too many lists and objects are in each other."""
    level: list[Any] = [value] if type(value) in NESTED else []
    for _ in range(LEVELS):
        level = [
            inner
            for one in level
            for inner in (one.values() if type(one) is dict else one)
            if type(inner) in NESTED
        ]
        if not level:
            return
    raise _too_deep(text)


def _too_deep(text: str) -> NotJsonError:
    depth = 0
    for token in TOKEN.finditer(text):
        depth += (token[0] in "[{") - (token[0] in "]}")
        if depth > LEVELS:
            return _refused(text, token.start(), "too many levels")
    return _refused(text, 0, "too many levels")


def _number(match: re.Match[str]) -> str:
    """Return a number as orjson writes it; a text stays as it is."""
    word, sign, digits, power = match.groups()
    if word:
        return "null"
    if not power:
        return match[0]
    if power == "5":
        return f"{sign}0.0000{digits.replace('.', '')}"
    return f"{sign}{digits}e-{power}"
