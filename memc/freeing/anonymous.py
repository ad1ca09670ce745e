"""The anonymous memory that a group of processes has alone, between two bounds.

The memory of one process is in its rows of smaps.  Memory that fork() left to several
is in the sum of their PSS: all of it if nobody else has it, too much otherwise.  Page
frames tell it exactly.
"""

from __future__ import annotations

import re

from memc.errors import ProcessError
from memc.freeing.frames import anonymous_kb
from memc.freeing.relatives import has_relatives
from memc.proc.files import ProcessFiles
from memc.proc.living import use_living_thread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from memc.freeing.members import Member
    from memc.freeing.own import Own
    from memc.proc.root import Opened

__all__ = ["bounds"]

PSS_ANON = re.compile(rb"^Pss_Anon:[ \t]*([0-9]{1,20})", re.MULTILINE)  # Linux 5.3


def bounds(
    root: Opened, members: Sequence[Member], *, pids: Container[int], is_live: bool
) -> tuple[int, int]:
    """Return the least and the most that members with a memory each have alone."""
    pairs = [(m, m.own) for m in members if m.own is not None]
    owns = [own for _, own in pairs]
    least, most = sum(own.least for own in owns), sum(own.most for own in owns)
    if len(owns) < 2 or not any(own.shared for own in owns):
        return least, most
    tables = [(m.pid, m.table) for m in members if m.table is not None]
    exact = anonymous_kb(root, tables) if is_live else None
    if exact is not None:
        return exact, exact
    whole = max(least, sum(_share_kb(root, m.pid, own) for m, own in pairs))
    if is_live and not has_relatives(root, pids, [m.pid for m, _ in pairs]):
        return whole, whole
    return least, whole


def _share_kb(root: Opened, pid: int, own: Own) -> int:
    """Return Pss_Anon of a process; all of its anonymous memory if that is not told."""
    try:
        with ProcessFiles(root, pid) as files:
            use_living_thread(files)
            found = PSS_ANON.search(files.read("smaps_rollup"))
    except (OSError, ProcessError):
        found = None
    return int(found[1]) if found else own.anonymous
