"""The C core without its fast path: a third reading of the same text."""

from memc.ffi.lib import fail, ffi, lib
from memc.read.native import KINDS, NativeTable


def parse_text(data, kind, *, strict):
    """Parse as the native backend does, each line by the general parser."""
    options = ffi.new(
        "struct memc_parse_options *",
        {"kind": KINDS[kind], "lenient": not strict, "general": True},
    )
    ret = ffi.new("struct memc_snapshot **")
    err = ffi.new("struct memc_error *")
    text = ffi.from_buffer(data)
    if lib.memc_parse_with_options(text, len(text), options, ret, err) < 0:
        fail(err)
    return NativeTable(ffi.gc(ret[0], lib.memc_snapshot_destroy))
