"""Put into a lake what was collected, and which hosts are missing."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime

import pyarrow as pa

from memc.errors import MemcError
from memc.fleet.given import host_name
from memc.fleet.lake import SCHEMA, write
from memc.fleet.schema import MISSING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from memc.files.loading import Loaded
    from memc.fleet.gather import Found, Said
    from memc.fleet.lake_batch import Batch

__all__ = ["add_found", "add_missing"]

NO_NAME = re.compile(r"[^A-Za-z0-9._-]+")
LONGEST = 253  # letters of the name of a host


def add_found(lake: str, found: Sequence[Found]) -> dict[int, str]:
    """Add all hosts in one commit; return why some are refused, by their places."""
    from memc.fleet.lake_batch import Batch

    batch = Batch(lake)
    reasons = {place: _add(batch, host) for place, host in enumerate(found)}
    batch.commit()
    return {place: reason for place, reason in reasons.items() if reason}


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
