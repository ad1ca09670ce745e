"""Make few sorted files of the many small ones of a day, and forget old days.

Both replace files in one commit, which names the transaction of the keeper: of two that
work at once, one begins again.  Rows that are added meanwhile are in other files.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from uuid import uuid4

from memc.errors import MemcError
from memc.fleet.lake_log import KEEPER, File, RacedError, open_log
from memc.fleet.schema import FORMAT, ORDERS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    import duckdb

    from memc.fleet.lake_log import Log

__all__ = ["Kept", "compact", "drop", "vacuum"]

GLOB = re.compile(r"[*?\[]")
SORTED = "sorted-"  # how the name of a file begins that is sorted as a whole
MOST_ROWS = 20_000_000  # of a file
GROUP_ROWS = 1_000_000
MEMORY = "2GB"  # what the sort may use; the rest is on the disk
KEEP_HOURS = 7 * 24  # how long files stay that the log names no more
TRIES = 20


class Kept:
    """What was done: how many files, of how many bytes and rows, became how many."""

    __slots__ = ("after", "before", "bytes_after", "bytes_before", "days", "rows")

    def __init__(self) -> None:
        self.days = self.rows = 0
        self.before = self.after = 0
        self.bytes_before = self.bytes_after = 0

    def add(self, old: Sequence[File], new: Sequence[File]) -> None:
        """Count the files of a day."""
        self.days += 1
        self.rows += sum(file.rows for file in old)
        self.before += len(old)
        self.after += len(new)
        self.bytes_before += sum(file.size for file in old)
        self.bytes_after += sum(file.size for file in new)


def compact(lake: str, table: str, before: date, only: date | None = None) -> Kept:
    """Sort the days before a date, or one day.  Raises MemcError if that fails."""
    kept = Kept()
    for _ in range(TRIES):
        log = open_log(lake, table)
        if log is None:
            return kept
        days: dict[date, list[File]] = {}
        for file in log.listed():
            days.setdefault(file.day, []).append(file)
        todo = [
            (day, files)
            for day, files in sorted(days.items())
            if (day == only if only else day < before) and _is_loose(files)
        ]
        if not todo:
            return kept
        with suppress(RacedError):
            _sort_day(log, *todo[0], kept)
    raise_raced(lake)
    return kept


def raise_raced(lake: str) -> None:
    """Raise the error for a lake that others keep changing."""
    raise MemcError(f"{lake}: others compact it or drop from it all the time")


def _is_loose(files: Sequence[File]) -> bool:
    """Tell whether files of a day are not sorted as a whole."""
    return not all(os.path.basename(file.path).startswith(SORTED) for file in files)


def _sort_day(log: Log, day: date, files: list[File], kept: Kept) -> None:
    made: list[File] = []
    try:
        made += _sorted(log, day, files)
        _check(log, files, made)
        log.commit(made, files, [KEEPER], is_change=False)
    except BaseException:
        for file in made:
            with suppress(OSError):
                os.unlink(os.path.join(log.path, file.path))
        raise
    kept.add(files, made)


def _check(log: Log, files: Sequence[File], made: Sequence[File]) -> None:
    """Raise MemcError if not all rows are there."""
    if sum(file.rows for file in made) != sum(file.rows for file in files):
        raise MemcError(f"{log.path}: {files[0].day}: rows were lost by sorting them")


def _quoted(path: str, *, is_read: bool = True) -> str:
    """Return a path as SQL has it; where it is read, no letter of it is a pattern."""
    if is_read:
        path = GLOB.sub(r"[\g<0>]", path)
    return "'" + path.replace("'", "''") + "'"


def _sorted(log: Log, day: date, files: Sequence[File]) -> Iterator[File]:
    """Yield new files with the rows of others, which follow each other by host."""
    import duckdb

    folder = f"date={day.isoformat()}"
    paths = [os.path.join(log.path, file.path) for file in files]
    temp = os.path.join(log.path, folder, f".temp-{uuid4().hex}")
    db = duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": temp})
    try:
        with db:
            named = ", ".join(map(_quoted, paths))
            how = "union_by_name=true, hive_partitioning=false"
            source = f"read_parquet([{named}], {how})"
            for first, last in _slices(db, source):
                name = os.path.join(folder, f"{SORTED}{uuid4().hex}.parquet")
                yield _copy(db, log, source, (name, day, first, last))
    except (duckdb.Error, OSError) as error:
        why = str(error).strip().partition("\n")[0]  # the next lines are SQL
        raise MemcError(f"{log.path}: {day} cannot be sorted: {why}") from None
    finally:
        _remove_folder(temp)


def _slices(db: duckdb.DuckDBPyConnection, source: str) -> list[tuple[str, str]]:
    """Return the first and the last host of each file to make."""
    counts = f"select host, count(*) from {source} group by host order by host"
    slices: list[tuple[str, str]] = []
    rows = 0
    for host, count in db.execute(counts).fetchall():
        if slices and rows + count <= MOST_ROWS:
            slices[-1] = slices[-1][0], host
            rows += count
        else:
            slices.append((host, host))
            rows = count
    return slices


def _copy(
    db: duckdb.DuckDBPyConnection,
    log: Log,
    source: str,
    what: tuple[str, date, str, str],
) -> File:
    name, day, first, last = what
    path = os.path.join(log.path, name)
    to = _quoted(path, is_read=False)
    order = ", ".join(f'"{column}"' for column in ORDERS[log.table])
    told = f"{{'memc.table': '{log.table}', 'memc.format': '{FORMAT}'}}"
    try:
        db.execute(
            f"copy (select * from {source} where host between ? and ? "
            f"order by {order}) to {to} (format parquet, compression zstd, "
            f"compression_level 3, row_group_size {GROUP_ROWS}, kv_metadata {told})",
            [first, last],
        )
        found = db.execute(
            "select count(*), epoch_ms(min(ts)), epoch_ms(max(ts)) "
            f"from read_parquet({_quoted(path)}, hive_partitioning=false)"
        ).fetchone()
        assert found is not None  # noqa: S101 - an aggregate has a row
        size = os.path.getsize(path)
    except BaseException:
        with suppress(OSError):
            os.unlink(path)
        raise
    rows, *times = found
    return File(name, day, (size, rows), (first, last), (times[0], times[1]))


def _remove_folder(path: str) -> None:
    import shutil

    shutil.rmtree(path, ignore_errors=True)


def drop(lake: str, table: str, before: date) -> Kept:
    """Forget the days before a date.  Raises MemcError if that fails."""
    kept = Kept()
    for _ in range(TRIES):
        log = open_log(lake, table)
        if log is None:
            return kept
        old = [file for file in log.listed() if file.day < before]
        if not old:
            return kept
        with suppress(RacedError):
            log.commit([], old, [KEEPER])
            kept.add(old, [])
            kept.days = len({file.day for file in old})
            return kept
    raise_raced(lake)
    return kept


def vacuum(lake: str, table: str) -> int:
    """Remove files that the log has not named for a week; return how many."""
    log = open_log(lake, table)
    if log is None:
        return 0
    try:
        found = log.delta.vacuum(retention_hours=KEEP_HOURS, dry_run=False, full=True)
        log.delta.create_checkpoint()
        log.delta.cleanup_metadata()
    except Exception as error:  # noqa: BLE001 - of several kinds, from Rust
        raise MemcError(f"{log.path}: old files cannot be removed: {error}") from None
    return len(found)
