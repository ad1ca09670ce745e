"""What can run out for a process, read from its files."""

from __future__ import annotations

from memc.proc.living import use_living_thread
from memc.risks.limited import read_limited
from memc.risks.risk import Risk
from memc.risks.rlimits import read_rlimits
from memc.risks.whole import numbers_in, read_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.cgroups.chain import Chain, Chains
    from memc.proc.files import ProcessFiles
    from memc.proc.root import Opened

__all__ = ["Mapped", "read_risks", "read_status"]

AMOUNTS = (
    *("VmSize", "VmLck", "VmHWM", "VmRSS", "VmData", "VmStk", "VmPTE", "VmSwap"),
    *("HugetlbPages", "FDSize"),
)
REGIONS, REGIONS_WORDS = "max_map_count", "regions"
MAX_MAP_COUNT = "sys/vm/max_map_count"


class Mapped:
    """How many regions a process may have: vm.max_map_count, read once."""

    __slots__ = ("limit", "reason")

    def __init__(self, root: Opened) -> None:
        self.limit: int | None = None
        self.reason: str | None = None
        text, self.reason = read_of(root, MAX_MAP_COUNT)
        digits = text[:32].strip()
        if digits.isdigit():
            self.limit = int(digits)
        else:
            self.reason = self.reason or f"{MAX_MAP_COUNT}: expected a number"

    def risk(self, regions: int | None, reason: str | None) -> Risk:
        """Return the risk of a number of regions, or why that is not known."""
        if regions is not None and self.limit is None:
            regions, reason = None, self.reason
        words = REGIONS_WORDS
        return Risk(REGIONS, words, regions, self.limit, is_kb=False, reason=reason)


def read_risks(
    files: ProcessFiles, status: dict[str, int], chains: Chains, *, every: bool
) -> tuple[list[Risk], Chain | None]:
    """Return the risks of the limits that others set, and the control groups.

    Without `every` those that need no look are left out.
    """
    found, chain = read_limited(files, chains, every=every)
    return [*found, *read_rlimits(files, status, every=every)], chain


def read_status(files: ProcessFiles) -> dict[str, int]:
    """Return the amounts in status, in kB, and FDSize.  Raises OSError."""
    found = numbers_in(files.read("status"), AMOUNTS)
    if "VmSize" not in found:
        use_living_thread(files)
        found = numbers_in(files.read("status"), AMOUNTS)
    return found
