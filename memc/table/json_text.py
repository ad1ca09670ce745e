"""Read and write the text of JSON: by orjson, or without it by the standard library.

Both make the same values and the same bytes, and of a text that they refuse the same is
told.  No other module knows which of them is used.
"""

from __future__ import annotations

from memc.table import json_plain
from memc.table.json_plain import NotJsonError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["NotJsonError", "dumps", "loads"]

OLDEST = (3, 9)


def _orjson() -> Any:  # noqa: ANN401 - a module, or None
    """Return orjson; None if it is missing, damaged or too old."""
    try:
        import orjson

        release = tuple(map(int, orjson.__version__.split(".")[:2]))
        parts = orjson.loads, orjson.dumps, orjson.OPT_INDENT_2, orjson.JSONDecodeError
    except Exception:  # noqa: BLE001 - whatever is wrong with it, memc works without
        return None
    return orjson if release >= OLDEST and all(parts) else None


ORJSON = _orjson()


def loads(data: bytes) -> object:
    """Return the value of a text.  Raises NotJsonError."""
    if ORJSON is None:
        return json_plain.loads(data)
    try:
        return ORJSON.loads(data)
    except ORJSON.JSONDecodeError:
        raise NotJsonError(data) from None


def dumps(document: object, *, pretty: bool = False) -> bytes:
    """Return the bytes of a document."""
    if ORJSON is not None:
        try:
            option = ORJSON.OPT_INDENT_2 if pretty else None
            made: bytes = ORJSON.dumps(document, option=option)
        except TypeError:  # a sum of more than 64 bits
            return json_plain.dumps(document, pretty=pretty)
        return made
    return json_plain.dumps(document, pretty=pretty)
