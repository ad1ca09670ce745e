"""Trees that look like /proc, made of plain files."""

import os
import shutil
from pathlib import Path

FILES = ("smaps", "maps", "statm", "status", "stat", "comm")
STATM = b"100 25 10 1 0 50 0\n"
PAGE_KB = os.sysconf("SC_PAGE_SIZE") // 1024


class Tree:
    """A made-up /proc.  ``str(tree)`` is what goes into ``proc=`` and ``--proc``."""

    def __init__(self, path):
        self.path = path
        path.mkdir()

    def __str__(self):
        return str(self.path)

    def add(self, pid, **files):
        """Make process `pid` with these files, and statm and comm if not told."""
        folder = self.path / str(pid)
        folder.mkdir()
        for name, data in {"statm": STATM, "comm": b"made-up\n", **files}.items():
            if data is not None:
                (folder / name).write_bytes(data)
        return folder

    def copy(self, pid):
        """Copy what memc reads of a live, stopped process; give the bytes by name."""
        files = {name: Path(f"/proc/{pid}/{name}").read_bytes() for name in FILES}
        self.add(pid, **files)
        return files

    def remove(self, pid):
        shutil.rmtree(self.path / str(pid))
