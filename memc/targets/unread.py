"""Who could not be read: their users, and how much resident memory was not seen."""

from __future__ import annotations

import os

from memc.errors import MemcError
from memc.proc.files import ProcessFiles
from memc.proc.root import open_root

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from memc.table.snapshot import Skipped

__all__ = ["users_and_rss"]


def users_and_rss(
    skipped: Iterable[Skipped], proc: str
) -> tuple[dict[int | None, int], int]:
    """Return how many processes each user has, and the sum of their RSS in kB.

    Everybody may read status and statm.  A user who cannot be read is None.  Processes
    that ended, or whose statm cannot be read, count as 0 kB.
    """
    users: dict[int | None, int] = {}
    total_kb = 0
    page_kb = os.sysconf("SC_PAGE_SIZE") // 1024
    try:
        with open_root(proc) as root:
            for skip in skipped:
                uid = None
                try:
                    with ProcessFiles(root, skip.pid) as files:
                        uid = files.uid()
                        words = files.statm().split()[1:2]
                except MemcError:
                    words = []
                users[uid] = users.get(uid, 0) + 1
                total_kb += sum(int(w[:15]) for w in words if w.isdigit()) * page_kb
    except MemcError:
        return users, total_kb
    return users, total_kb
