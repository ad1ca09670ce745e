"""Check the values in memc's JSON.

Each function returns one value.  Raises NotOursError, which says what was expected.
"""

from __future__ import annotations

import re

from memc.table.fields import PERMS, PID_MAX, TYPES, U64_MAX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeAlias, TypeVar

    Json: TypeAlias = Mapping[str, Any]
    T = TypeVar("T")

BLANKS = b" \t\r\n"
# int() and fromhex() also take blanks, signs, underscores and digits of other scripts.
ADDRESS = re.compile("0x[0-9A-Fa-f]{1,16}").fullmatch
HEX = re.compile("(?:[0-9A-Fa-f]{2})+").fullmatch
PERM_NUMBERS = {name: bits for bits, name in enumerate(PERMS)}
TYPE_NUMBERS = {name: number for number, name in enumerate(TYPES)}


class NotOursError(Exception):
    """A document is JSON, but not memc's: `what` was expected at `where`."""

    def __init__(self, what: str, where: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where


def number(value: object, limit: int = U64_MAX) -> int:
    if type(value) is not int or not 0 <= value <= limit:
        raise NotOursError(f"a number from 0 to {limit}")
    return value


def number_or_none(value: object) -> int | None:
    return None if value is None else number(value)


def u32(value: object) -> int:
    return number(value, 2**32 - 1)


def u32_or_none(value: object) -> int | None:
    return None if value is None else u32(value)


def pid_of(value: object) -> int:
    return number(value, PID_MAX)


def pid_or_none(value: object) -> int | None:
    return None if value is None else pid_of(value)


def boolean_or_none(value: object) -> int | None:
    if value is not None and not isinstance(value, bool):
        raise NotOursError("true or false")
    return value


def text(value: object) -> str:
    if not isinstance(value, str):
        raise NotOursError("a string")
    return value


def address(value: object) -> int:
    if isinstance(value, str) and ADDRESS(value):
        return int(value, 16)
    raise NotOursError('an address such as "0x7f0000001000"')


def perm(value: object) -> int:
    bits = PERM_NUMBERS.get(value) if isinstance(value, str) else None
    if bits is None:
        raise NotOursError('permissions such as "rw-p"')
    return bits


def region_type(value: object) -> int:
    place = TYPE_NUMBERS.get(value) if isinstance(value, str) else None
    if place is None:
        raise NotOursError("a type of region")
    return place


def list_of(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise NotOursError("a list")
    return value


def object_of(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise NotOursError("an object")
    return value


def at(read: Callable[[object], T], value: object, where: str) -> T:
    """Read a value; if it is bad, add its place to the error."""
    try:
        return read(value)
    except NotOursError as bad:
        bad.where = where + bad.where
        raise


def member(keys: Json, name: str, read: Callable[[object], T]) -> T:
    if name not in keys:
        raise NotOursError(f'the key "{name}"')
    return at(read, keys[name], f".{name}")


def each(values: list[Any], name: str, read: Callable[[object], T]) -> list[T]:
    return [at(read, value, f".{name}[{i}]") for i, value in enumerate(values)]


def text_or_none(value: object) -> str | None:
    return None if value is None else text(value)


def exact(value: object) -> str:
    digits = text(value)
    if not HEX(digits):
        raise NotOursError("bytes in hex")
    return bytes.fromhex(digits).decode("utf-8", "surrogateescape")
