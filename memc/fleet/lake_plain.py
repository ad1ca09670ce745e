"""Rows as plain files of Parquet, without a log: what a host brings to a lake.

::

    LAKE/incoming/HOST/BOOT-FIRST_MS-NAME.TABLE.parquet

NAME is made of the samples in the file, so that the same batch has the same name and is
written once.  A file is written beside its place, and renamed when it is whole.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress

import pyarrow as pa
import pyarrow.compute as pc

from memc.fleet.lake_batch import Batch
from memc.fleet.lake_parts import joined, no_write, write_sorted
from memc.fleet.lake_place import check_folder
from memc.fleet.lake_there import names_in
from memc.fleet.schema import INCOMING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.fleet.lake_batch import Rows
    from memc.fleet.lake_there import Name

__all__ = ["Plain"]


class Plain(Batch):
    """A batch that becomes files in incoming/ of a lake.  It is held in memory."""

    def _is_there(self, table: str, name: Name) -> bool:
        del table, name
        return False

    def _spill(self, table: str) -> None:
        del table

    def _commit(self, table: str, rows: Rows) -> int:
        whole = joined(rows.tables)
        count = 0
        for host in pc.unique(whole.column("host")).to_pylist():
            part = whole.filter(pc.equal(whole.column("host"), host))
            count += _write(self.lake, table, host, part)
        return count


def _write(lake: str, table: str, host: str, rows: pa.Table) -> int:
    """Write the rows of a host; return how many, 0 if the file was there."""
    names = sorted(names_in(rows), key=repr)
    boot = next((boot for _, boot, _, _ in names if boot), "") or "unknown"
    told = "".join(c if c.isalnum() or c == "-" else "_" for c in boot)[:64]
    first_ms = min(ts_ms for _, _, ts_ms, _ in names)
    digest = hashlib.sha256(repr(names).encode()).hexdigest()[:12]
    folder = os.path.join(os.path.abspath(lake), INCOMING, host)
    name = f"{told}-{first_ms}-{digest}.{table}.parquet"
    path, temp = os.path.join(folder, name), os.path.join(folder, f".{name}.temp")
    for each in (os.path.dirname(folder), folder):
        check_folder(each)
    if os.path.lexists(path):
        return 0
    try:
        os.makedirs(folder, exist_ok=True)
        write_sorted(rows, table, temp)
        os.rename(temp, path)
    except (OSError, pa.ArrowException) as error:
        with suppress(OSError):
            os.unlink(temp)
        raise no_write(folder, error) from None
    return len(rows)
