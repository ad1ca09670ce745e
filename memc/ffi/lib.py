"""The C core: its functions, views of its memory, its texts and its errors.

Only this folder and ``memc.read.native`` know the extension module.
"""

from __future__ import annotations

from memc.errors import AccessDenied, FormatError, MemcError, ProcessError, ProcessGone

try:
    from memc.ffi._memc import __file__ as extension, ffi, lib
except ImportError as error:
    if error.name == "_cffi_backend":
        cure = "'pip install cffi' brings what it needs"
    else:
        cure = "'pip install .' in its source tree builds it"
    raise ImportError(
        f"the C core of memc is not there ({error}): {cure}, "
        "MEMC_BACKEND=pure does without",
        name=error.name,
    ) from error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn, TypeAlias

    CData: TypeAlias = Any

__all__ = ["extension", "fail", "ffi", "lib", "text_of", "view", "words"]


def view(owner: CData, start: CData, size: int) -> memoryview[int]:
    """Return a view of memory of `owner`; the view keeps `owner` alive."""
    if size == 0:
        return memoryview(b"")
    held = ffi.gc(start, lambda _, owner=owner: None)  # noqa: ARG005 - holds owner
    return memoryview(ffi.buffer(held, size)).toreadonly()


def text_of(start: CData, size: int) -> str:
    """Return a copy of bytes as text; bytes not in UTF-8 become surrogate escapes."""
    return bytes(ffi.buffer(start, size)).decode("utf-8", "surrogateescape")


def words(write: Callable[..., int], *of: object) -> str:
    """Return the text of a C function that works as snprintf() does."""
    text = ffi.new("char[]", 512)
    size = write(*of, text, 512)
    if size >= 512:
        text = ffi.new("char[]", size + 1)
        write(*of, text, size + 1)
    return str(ffi.string(text), "utf-8", "surrogateescape")


def fail(err: CData) -> NoReturn:
    """Raise the exception for an error of the C core."""
    if err.status == lib.MEMC_ERR_FORMAT:
        raise FormatError(ffi.string(err.what).decode(), err.line, err.column)
    text = words(lib.memc_error_text, err)
    if err.status == lib.MEMC_ERR_MEMORY:
        raise MemoryError(text)
    if err.status == lib.MEMC_ERR_GONE:
        raise ProcessGone(text, err.pid)
    if err.status == lib.MEMC_ERR_DENIED and err.pid:
        raise AccessDenied(text, err.pid)
    if err.pid:
        raise ProcessError(text, err.pid)
    raise MemcError(text)
