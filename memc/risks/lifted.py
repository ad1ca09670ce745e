"""A limit of setrlimit(2) that a capability lifts, so that it stops nothing.

Of the limits that memc compares that is RLIMIT_MEMLOCK alone: do_mlock() and
mlock_future_ok() in mm/ ask capable(CAP_IPC_LOCK), which counts in the first user
namespace only.  RLIMIT_AS, RLIMIT_DATA (may_expand_vm()), RLIMIT_STACK
(acct_stack_growth()) and RLIMIT_NOFILE (alloc_fd()) hold for root, too.
"""

from __future__ import annotations

import os

from memc.human.units import human

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.proc.files import ProcessFiles
    from memc.risks.risk import Risk

__all__ = ["lift"]

RIGHT, BIT = "CAP_IPC_LOCK", 14  # linux/capability.h
FIRST = "user:[4026531837]"  # PROC_USER_INIT_INO
ALL_USERS = [b"0", b"0", b"4294967295"]


def lift(risk: Risk, files: ProcessFiles, capabilities: int) -> None:
    """Take the limit of RLIMIT_MEMLOCK away if a process may pass it.

    `capabilities` are those in effect (CapEff in status).
    """
    kb = risk.limit
    if kb is None or not capabilities >> BIT & 1:
        return
    is_first = _is_in_first_namespace(files)
    if is_first is False:
        return
    risk.limit = None
    risk.more = {"lifted_by": RIGHT, "soft_limit_kb": kb}
    risk.about = f"a limit of {human(kb)} does not bind: {RIGHT}"
    if is_first is None:
        risk.about = f"a limit of {human(kb)} may not bind: {RIGHT}"


def _is_in_first_namespace(files: ProcessFiles) -> bool | None:
    """Tell whether a process is in the first user namespace; None if not known.

    Everybody may read uid_map, but a namespace that has all users looks the same.
    """
    try:
        return os.readlink("ns/user", dir_fd=files.where()) == FIRST
    except OSError:
        pass
    try:
        return files.read_record("uid_map").split() == ALL_USERS
    except OSError:
        return None
