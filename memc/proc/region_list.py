"""Read maps or smaps of a process to the end."""

from __future__ import annotations

import os
import time

from memc.proc.entry import MAX_LINE, MAX_SIZE, READ_SIZE, too_large
from memc.proc.pagescan import HELD_NS, let_go
from memc.proc.root import Opened

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.proc.files import ProcessFiles


class RegionList(Opened):
    """The open file maps or smaps of a process; `name` says which."""

    __slots__ = ("_is_copy", "longest_read_ns")

    def __init__(self, files: ProcessFiles, name: str) -> None:
        super().__init__(files.open(name), name)
        self.longest_read_ns = 0
        self._is_copy = files.is_copy

    def read(self, *, gentle: bool = False) -> bytes:
        """Return the text.  Raises OSError.

        `gentle` lets the process have its lock now and then.

        A short read is not the end: the kernel stops before a record that does not fit
        into the buffer.
        """
        chunks: list[bytes] = []
        total = line = 0
        let_go_ns = time.monotonic_ns()
        try:
            while chunk := self._read_once():
                chunks.append(chunk)
                total += len(chunk)
                end = chunk.rfind(b"\n")
                line = line + len(chunk) if end < 0 else len(chunk) - end - 1
                if self._is_copy and (line > MAX_LINE or total > MAX_SIZE):
                    raise too_large()
                if gentle and time.monotonic_ns() - let_go_ns > HELD_NS:
                    let_go()
                    let_go_ns = time.monotonic_ns()
        except ProcessLookupError:
            if not chunks:
                raise
        return b"".join(chunks)

    def _read_once(self) -> bytes:
        began_ns = time.monotonic_ns()
        chunk = os.read(self.fd, READ_SIZE)
        took_ns = time.monotonic_ns() - began_ns
        self.longest_read_ns = max(self.longest_read_ns, took_ns)
        return chunk

    def is_still_there(self) -> bool:
        """Tell whether the process still has the memory that it had at the opening.

        If the process ended or called exec, the text ends early without an error, and
        nothing can be read any more.
        """
        try:
            return os.pread(self.fd, 1, 0) != b""
        except OSError:
            return False
