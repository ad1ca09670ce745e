"""What each detail tells of processes, and which one the rights allow."""

from __future__ import annotations

import os

from memc.errors import MemcError
from memc.proc.pagescan import Walk
from memc.proc.rights import capabilities
from memc.proc.root import is_procfs, open_root

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.proc.root import Opened
    from memc.targets.choice import Choice

__all__ = ["AUTO", "TOLD", "allowed"]

AUTO = "auto"
SIZES = ("resident", "swap", "virtual")
PROPORTIONAL = ("proportional", "proportional_swap")
# The metrics that each detail tells of a process.
TOLD = {
    "totals": ("threads", *SIZES),
    "rollup": ("threads", *SIZES, "unique", *PROPORTIONAL),
    "rss": (*SIZES, "mappings"),
    "uss": (*SIZES, "mappings", "unique"),
    "pss": (*SIZES, "mappings", "unique", "proportional"),
    "smaps": (*SIZES, "mappings", "unique", *PROPORTIONAL),
}
# What lets memc read pagemap of others: CAP_DAC_READ_SEARCH and CAP_SYS_PTRACE; and
# smaps: CAP_SYS_PTRACE or CAP_PERFMON.
TRACE, PERFMON = 1 << 19, 1 << 38
PAGEMAP = 1 << 2 | TRACE
NOTHING = (4096, 8192)  # addresses below vm.mmap_min_addr


def allowed(choice: Choice) -> str:
    """Return the detail that tells most and holds nobody up for long.

    That is "uss" if page tables may be scanned, else "smaps" within a budget, which
    leaves large processes out, else "totals", which everybody may read.
    """
    try:
        with open_root(choice.proc) as root:
            if not is_procfs(root):
                return "totals"
            # Often its own process, which needs no rights.
            named = [*map(str, choice.pids)] if choice.names_pids() else []
            if named and all(_can_scan(root, pid) for pid in named):
                return "uss"
            rights = capabilities()
            if rights & PAGEMAP == PAGEMAP and _can_scan(root, "self"):
                return "uss"
            may_read = rights & TRACE or (rights & PERFMON and _may_read(root))
    except MemcError:
        return "totals"
    return "smaps" if may_read else "totals"


def _may_read(root: Opened) -> bool:
    """Tell whether smaps of the first process may be read.

    Before Linux 6.15 CAP_PERFMON does not open it.
    """
    try:
        os.close(os.open("1/smaps", os.O_RDONLY | os.O_CLOEXEC, dir_fd=root.fd))
    except OSError:
        return False
    return True


def _can_scan(root: Opened, pid: str) -> bool:
    """Tell whether the page tables of a process may be scanned, and can be."""
    try:
        fd = os.open(f"{pid}/pagemap", os.O_RDONLY | os.O_CLOEXEC, dir_fd=root.fd)
    except OSError:
        return False
    try:
        list(Walk(fd).over([NOTHING]))
    except OSError:
        return False
    finally:
        os.close(fd)
    return True
