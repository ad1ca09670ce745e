"""What can run out for a process, read from its files."""

from __future__ import annotations

from memc.proc.rights import field
from memc.risks.limited import read_limited
from memc.risks.rlimits import read_rlimits
from memc.risks.whole import numbers_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.cgroups.chain import Chain, Chains
    from memc.proc.files import ProcessFiles
    from memc.risks.risk import Risk

__all__ = ["LIMITED", "read_risks", "read_status"]

# What setrlimit(2) limits, and whether the open files need to be counted.
LIMITED = ("VmSize", "VmLck", "VmData", "VmStk", "FDSize")
HEX = b"0123456789abcdef"
AMOUNTS = (*LIMITED, "VmHWM", "VmRSS", "VmPTE", "VmSwap", "HugetlbPages")


def read_risks(
    files: ProcessFiles, status: dict[str, int], chains: Chains, *, every: bool
) -> tuple[list[Risk], Chain | None]:
    """Return the risks of the limits that others set, and the control groups.

    Without `every` those that need no look are left out.
    """
    found, chain = read_limited(files, chains, every=every)
    return [*found, *read_rlimits(files, status, every=every)], chain


def read_status(files: ProcessFiles, keys: tuple[str, ...] = AMOUNTS) -> dict[str, int]:
    """Return the amounts in status, in kB, FDSize and CapEff.  Raises OSError."""
    text = files.read_record("status")
    found = numbers_in(text, keys)
    if "VmSize" not in found:
        from memc.proc.living import use_living_thread

        use_living_thread(files)
        text = files.read_record("status")
        found = numbers_in(text, keys)
    capabilities = field(text, b"CapEff:")
    if 0 < len(capabilities) <= 16 and not capabilities.strip(HEX):
        found["CapEff"] = int(capabilities, 16)
    return found
