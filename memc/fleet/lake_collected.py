"""Put into a lake what was collected, and which hosts are missing."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime

import pyarrow as pa

from memc.errors import MemcError
from memc.fleet.gather import Collected, Said
from memc.fleet.given import host_name
from memc.fleet.lake import SCHEMA, write
from memc.fleet.schema import MISSING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from memc.files.loading import Loaded
    from memc.fleet.gather import Found
    from memc.fleet.lake_batch import Batch

__all__ = ["add_collected", "add_missing"]

NO_NAME = re.compile(r"[^A-Za-z0-9._-]+")
LONGEST = 253  # letters of the name of a host


def add_collected(lake: str, collected: Collected) -> Collected:
    """Add all hosts in one commit, and return what is in the lake now.

    A host whose document is refused is moved to the missing ones.
    """
    from memc.fleet.lake_batch import Batch

    batch = Batch(lake)
    found, refused = [], []
    for host in collected.found:
        reason = _add(batch, host)
        if reason:
            refused.append(Said(host.host, reason))
        else:
            found.append(host)
    batch.commit()
    missing = sorted([*collected.missing, *refused])
    add_missing(lake, missing)
    return Collected(found, missing, collected.notes)


def _add(batch: Batch, found: Found) -> str:
    """Add what a host told.  Returns why it cannot be, or ""."""
    from memc.fleet.sources import samples_of_loaded

    try:
        name = host_name(found.host)
        loaded: list[Loaded] = [found.snapshot()]
        for sample in samples_of_loaded([loaded], name, found.timestamp_ms):
            batch.add(sample)
    except (MemcError, ValueError) as error:
        batch.undo()
        return f"what memc {found.version} told is refused: {error}"
    batch.end()
    return ""


def add_missing(lake: str, missing: Sequence[Said]) -> None:
    """Add a row for each host that could not be asked, at this time."""
    if not missing:
        return
    now = datetime.fromtimestamp(time.time_ns() // 1_000_000 / 1000, UTC)
    same = {"ts": now, "received": now, "date": now.date()}
    rows = [{**same, **_row(said)} for said in missing]
    write(lake, {MISSING: pa.Table.from_pylist(rows, SCHEMA[MISSING])})


def _row(said: Said) -> dict[str, str]:
    """Return what is said of a host; an address of a worker is made a name."""
    name = NO_NAME.sub("_", said.host)[:LONGEST].strip(".") or "_"
    told = said.reason if name == said.host else f"{said.host}: {said.reason}"
    return {"host": name, "reason": said.reason.partition(": ")[0], "text": told}
