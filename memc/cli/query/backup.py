"""Copy a recording, whole, also while a recorder writes to it."""

from __future__ import annotations

import os
import sqlite3

from memc.cli.output import counted, say
from memc.cli.query.progress import Progress
from memc.cli.query.whole import write_whole
from memc.errors import MemcError
from memc.files.recording.open import ERRORS, unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.files.recording.recording import Recording

__all__ = ["run"]

PAGES = 4096  # 16 MiB between two looks at the clock
# The copy is no recording in progress: it can be read from a folder that nobody may
# write to.  It is renamed when it is whole, so it needs no journal until then.
BEFORE = "pragma journal_mode=off; pragma synchronous=off"
AFTER = "pragma journal_mode=delete"


def run(recording: Recording, path: str) -> int:
    """Copy a recording to a file, whole or not at all; return the exit status."""
    try:
        if os.path.exists(path) and os.path.samefile(path, recording.path):
            raise MemcError(f"{path}: that is the recording itself")
        size = write_whole(path, "a recording", lambda fd: _copy(recording, fd))
    except sqlite3.OperationalError as error:  # such as a full disk
        raise MemcError(f"cannot write to {path}: {error}") from None
    except ERRORS as error:
        raise unreadable(recording.path, error) from None
    say(f"wrote {counted(size, 'byte')} to {path}")
    return 0


def _copy(recording: Recording, fd: int) -> None:
    progress = Progress()

    def tell(_status: int, left: int, total: int) -> None:
        progress.say(f"{100 * (total - left) // max(total, 1)} %")

    real = os.readlink(f"/proc/self/fd/{fd}")
    copy = sqlite3.connect(real, isolation_level=None)
    try:
        copy.executescript(BEFORE)
        # In one transaction, or each commit of the recorder would begin it anew.
        with recording._reader.moment():
            recording._reader.db.execute("select count(*) from _run").fetchone()
            recording._reader.db.backup(copy, pages=PAGES, progress=tell)
        copy.execute(AFTER)
    finally:
        copy.close()
        progress.end()
