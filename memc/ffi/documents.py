"""Write the JSON documents of the C core."""

from __future__ import annotations

from os import strerror

from memc.ffi.lib import fail, ffi, lib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from memc.ffi.lib import CData

__all__ = ["json_of", "write_json"]


def json_of(
    write: Callable[..., int], handle: CData, *, pretty: bool, full: bool
) -> bytes:
    """Return the document that a C function writes."""
    options = ffi.new("struct memc_json_options *", {"pretty": pretty, "full": full})
    err = ffi.new("struct memc_error *")
    buffer = ffi.new("struct memc_buffer *")
    sink = ffi.addressof(lib, "memc_write_buffer")
    try:
        if write(handle, options, sink, buffer, err) < 0:
            raise MemoryError
        return bytes(ffi.buffer(buffer.bytes, buffer.len))
    finally:
        lib.memc_buffer_deinit(buffer)


def write_json(
    write: Callable[..., int], handle: CData, fd: int, *, pretty: bool, full: bool
) -> None:
    """Let a C function write a document to an open file, 64 KiB at a time.

    Raises OSError if the file cannot be written.
    """
    options = ffi.new("struct memc_json_options *", {"pretty": pretty, "full": full})
    err = ffi.new("struct memc_error *")
    sink = ffi.addressof(lib, "memc_write_fd")
    if write(handle, options, sink, ffi.new("int *", fd), err) < 0:
        if err.status != lib.MEMC_ERR_SYSTEM:
            fail(err)
        raise OSError(err.sys_errno, strerror(err.sys_errno))
