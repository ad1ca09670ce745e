"""Samples of a process that does nothing, taken by the C core at fixed times."""

from __future__ import annotations

from memc.ffi.lib import ffi, lib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from memc.ffi.lib import CData
    from memc.read.options import Options
    from memc.table.snapshot import Snapshot

__all__ = ["Repeat"]


class Repeat:
    """The last reading with `options`, told again every `interval_ns`.

    `wrap` makes a snapshot of a handle in C.  One thread runs it, without the GIL.  Any
    thread may take what was told, or end it.
    """

    __slots__ = (
        "_due_ns",
        "_handle",
        "_interval_ns",
        "_late",
        "_options",
        "_pid",
        "_wrap",
    )

    def __init__(
        self,
        pid: int,
        options: Options,
        interval_ns: int,
        wrap: Callable[[CData], Snapshot],
    ) -> None:
        made = lib.memc_repeat_create()
        if not made:
            raise MemoryError
        self._handle: CData = ffi.gc(made, lib.memc_repeat_destroy)
        self._pid = pid
        self._options = options
        self._interval_ns = interval_ns
        self._wrap = wrap
        self._due_ns = ffi.new("uint64_t *")
        self._late = ffi.new("uint64_t *")

    def run(self, late: int, due_ns: int) -> tuple[int, int]:
        """Tell the last reading again, from `due_ns` on, until a reading is needed.

        `late` is how many samples were left out before.  Returns how many were left out
        before the next sample, and when it is due.
        """
        after, made = self._options.after, self._options.held[0]
        made.late, made.after = late, after._handle  # type: ignore[union-attr]  # C's
        self._due_ns[0] = due_ns
        late = lib.memc_repeat_run(
            self._handle, self._pid, made, self._interval_ns, self._due_ns
        )
        return late, self._due_ns[0]

    def take(self) -> tuple[Snapshot, int] | None:
        """Return the next snapshot, and how many samples were left out before it."""
        told = lib.memc_repeat_take(self._handle, self._late)
        if not told:
            return None
        return self._wrap(ffi.gc(told, lib.memc_snapshot_destroy)), self._late[0]

    def end(self) -> None:
        """Let `run` return, and tell nothing from now on."""
        lib.memc_repeat_end(self._handle)
