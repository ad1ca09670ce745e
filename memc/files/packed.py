"""Unpack a file, and name what is no text that memc reads."""

from __future__ import annotations

import re

from memc.errors import FormatError, MemcError
from memc.files.given import MAX_SIZE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    class Unpacker(Protocol):
        """What the modules of the standard library unpack with."""

        @property
        def eof(self) -> bool: ...
        @property
        def needs_input(self) -> bool: ...
        @property
        def unused_data(self) -> bytes: ...
        def decompress(self, data: bytes, max_length: int = ...) -> bytes: ...


__all__ = ["as_utf8", "refuse_other", "unpack"]

GZIP = b"\x1f\x8b\x08"
PACKERS = (b"\xfd7zXZ\0", "xz"), (b"BZh", "bzip2"), (b"\x28\xb5\x2f\xfd", "zstd")
PIECE = 1 << 20
MOST_LAYERS = 4  # there is data that gzip unpacks to itself
# How data begins that memc does not read.
OTHERS = (
    (re.compile(rb"\xff\xfe\0\0|\0\0\xfe\xff|[^\0]\0\0\0|\0\0\0[^\0]"), "UTF-32"),
    (re.compile(rb"PK\x03\x04"), "a zip archive"),
    (re.compile(rb"(?s).{257}ustar"), "a tar archive"),
)
# What PowerShell writes with ">".
UTF_16 = (
    (re.compile(rb"\xff\xfe|[^\0]\0[^\0]\0"), "utf-16-le"),
    (re.compile(rb"\xfe\xff|\0[^\0]\0[^\0]"), "utf-16-be"),
)


def unpack(data: bytes, path: str) -> bytes:
    """Return data, unpacked if it is packed, also if it was packed again.

    Raises MemcError if the packed data is damaged or becomes too large, or if this
    Python cannot unpack it.
    """
    for _ in range(MOST_LAYERS):
        unpacked = _unpack_one(data, path)
        if unpacked is None:
            return data
        data = unpacked
    if _unpack_one(data[:64], path, look=True) is not None:
        raise MemcError(f"{path}: packed more than {MOST_LAYERS} times")
    return data


def _unpack_one(data: bytes, path: str, *, look: bool = False) -> bytes | None:
    """Return what is packed; None if nothing is.  With `look`, unpack nothing."""
    if data.startswith(GZIP):
        return b"" if look else _unpack(data, path)
    for begin, name in PACKERS:
        if data.startswith(begin):
            return b"" if look else _unpack_by(data, path, name)
    return None


def _unpack_by(data: bytes, path: str, name: str) -> bytes:
    """Unpack data by a module of the standard library."""
    try:
        unpacker, own_error = _unpacker_of(name)
    except ImportError:
        raise MemcError(
            f"{path}: data of {name}, which this Python cannot unpack: unpack it first"
        ) from None
    made = bytearray()
    left = data
    while left.rstrip(b"\0"):
        member = unpacker()
        while not member.eof:
            try:
                piece = member.decompress(left, PIECE)
            except (OSError, EOFError, ValueError, RuntimeError, own_error) as error:
                raise MemcError(f"{path}: damaged {name} data ({error})") from None
            left = b""
            made += piece
            if len(made) > MAX_SIZE:
                raise _too_large(path)
            if not piece and member.needs_input and not member.eof:
                raise MemcError(f"{path}: {name} data that is cut short")
        left = member.unused_data
    return bytes(made)


def _unpacker_of(name: str) -> tuple[Callable[[], Unpacker], type[Exception]]:
    """Return what unpacks, and its error.  Raises ImportError if Python lacks it."""
    if name == "xz":
        import lzma

        return lzma.LZMADecompressor, lzma.LZMAError
    if name == "bzip2":
        import bz2

        return bz2.BZ2Decompressor, OSError
    from compression import zstd  # type: ignore[import-not-found]  # Python 3.14

    return zstd.ZstdDecompressor, zstd.ZstdError


def _too_large(path: str) -> MemcError:
    return MemcError(f"{path}: more than {MAX_SIZE >> 30} GiB when unpacked")


def _unpack(data: bytes, path: str) -> bytes:
    import zlib

    made = bytearray()
    left = data
    try:
        while left.rstrip(b"\0"):
            member = zlib.decompressobj(31)
            while not member.eof:
                piece = member.decompress(left, PIECE)
                left = member.unconsumed_tail
                made += piece
                if len(made) > MAX_SIZE:
                    raise _too_large(path)
                if not piece and not left and not member.eof:
                    raise MemcError(f"{path}: gzip data that is cut short")
            left = member.unused_data
    except zlib.error as error:
        raise MemcError(f"{path}: damaged gzip data ({error})") from None
    return bytes(made)


def as_utf8(data: bytes) -> bytes:
    """Return text of UTF-16 as UTF-8; other data as it is.

    Raises FormatError if it is cut or damaged.
    """
    for begins, name in UTF_16:
        if not OTHERS[0][0].match(data) and begins.match(data):
            try:
                return data.decode(name).encode().removeprefix(b"\xef\xbb\xbf")
            except UnicodeError:
                raise FormatError("text of UTF-8, not damaged UTF-16,", 1, 1) from None
    return data


def refuse_other(data: bytes) -> None:
    """Raise FormatError for data that cannot be text of the kernel, and say what it is.

    A file of NUL bytes is none of these.
    """
    for begins, name in OTHERS:
        if begins.match(data):
            raise FormatError(f"text of UTF-8, not {name},", 1, 1)
