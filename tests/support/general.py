"""The C core without its fast path: a third reading of the same text."""

from memc._native import KINDS, fail, ffi, lib, table_of


def parse_text(data, kind, *, strict):
    """Parse as ``memc._native.parse_text`` does, each line by the general parser."""
    options = ffi.new(
        "struct memc_parse_options *",
        {"kind": KINDS[kind], "lenient": not strict, "general": True},
    )
    ret = ffi.new("struct memc_snapshot **")
    err = ffi.new("struct memc_error *")
    text = ffi.from_buffer(data)
    if lib.memc_parse_with_options(text, len(text), options, ret, err) < 0:
        fail(err)
    return table_of(ffi.gc(ret[0], lib.memc_snapshot_destroy))
