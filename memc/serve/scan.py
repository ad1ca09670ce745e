"""What one scan of the processes told."""

from __future__ import annotations

from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.serve.amounts import Amounts, Line, OwnerAmounts

__all__ = ["BUDGET", "OTHER", "Scan"]

BUDGET = "budget"  # why less is known of a process: reading more may hold it up
OTHER = "other"  # the group that has all groups which are left out


class Scan(NamedTuple):
    """The groups of processes at one time; memc never changes one that it made.

    - `groups` has the amounts of each group by its name, the largest resident memory
      first.  The last is "other", if there are more groups than are told.
    - `owners` has the amounts by the names of the group and of the owner.
    - `timestamp_ms` is the Unix time at which the scan ended, `duration_ns` how long it
      took, `cost_ns` how much CPU this process spent meanwhile.
    - `longest_read_ns` is the time of the longest read of smaps or smaps_rollup: a
      process may have waited so long.  None if neither was read.
    - `detail` is what was read, and `processes` of how many processes.
    - `skipped` has how many processes could not be read, by reason; `degraded` of how
      many less than `detail` is known, by reason, which is also "budget".
    - `groups_left_out` is how many groups are in "other"; `series_left_out` how many
      amounts of owners were added to "other" so that `max_series` holds.
    - `max_map_count` is how many mappings a process may have, None if not known.
    - `lines` are the largest single processes, if they were asked for.
    """

    groups: dict[str, Amounts]
    owners: dict[tuple[str, str], OwnerAmounts]
    timestamp_ms: int
    duration_ns: int
    cost_ns: int
    longest_read_ns: int | None
    detail: str
    processes: int
    skipped: dict[str, int]
    degraded: dict[str, int]
    groups_left_out: int = 0
    series_left_out: int = 0
    max_map_count: int | None = None
    lines: tuple[Line, ...] = ()
