"""What the numbers of a host may be, so that the sums of all hosts fit into 64 bits."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from memc.errors import MemcError

__all__ = ["check_numbers"]

# Addresses have at most 57 bits on any machine, and memory at most 52.
MOST_SIZE_KB = 1 << 47
MOST_KB = 1 << 42


def check_numbers(rows: pa.Table) -> None:
    """Raise MemcError if an amount is one that no machine can have, or below 0.

    One host could make the sums of all fail with it.  Counts have 32 bits.
    """
    for name in rows.column_names:
        if not pa.types.is_integer(rows.schema.field(name).type):
            continue
        is_amount = name.endswith("_kb")
        if not is_amount and name not in ("pid", "regions", "processes"):
            continue
        found = pc.min_max(rows.column(name)).as_py()
        if found["min"] is None:
            continue
        if found["min"] < 0:
            raise MemcError(f"{name} is {found['min']:,}: expected no number below 0")
        most = MOST_SIZE_KB if name == "size_kb" else MOST_KB
        if is_amount and found["max"] > most:
            raise MemcError(f"{name} is {found['max']:,}: more than any machine has")
