"""Read stat and status of many processes again and again, by the C core.

``memc.pure.stats`` has the same class and function in pure Python.
"""

from __future__ import annotations

from memc.ffi.lib import ffi, lib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal, TypeAlias

    from memc.ffi.lib import CData
    from memc.proc.stat import Told

    Amounts: TypeAlias = tuple[int | None, ...]

__all__ = ["Stats", "amounts"]

WIDTH = 1 + lib.MEMC_AMOUNTS
# Numbers of 64 bits: how many a stat has, and where its values are.
SIZE = ffi.sizeof("struct memc_stat") // 8
FIRST = ffi.offsetof("struct memc_stat", "values") // 8
END = FIRST + lib.MEMC_STAT_VALUES
FEW = 64


class Stats:
    """The stat of processes in an open root, as it was read last."""

    def __init__(self, root: int) -> None:
        self._root = root
        self._places: dict[int, int] = {}
        self._names: dict[int, bytes] = {}
        self._one = ffi.new("struct memc_stat *")
        self._one_view = _view(self._one, "Q")
        self._count = ffi.new("uint32_t[1]")
        self._make(FEW)

    def _make(self, room: int) -> None:
        self._room = room
        self._stats: CData = ffi.new("struct memc_stat[]", room)
        self._changed: CData = ffi.new("uint32_t[]", room)
        self._view = _view(self._stats, "Q")
        self._places_view = _view(self._changed, "I")

    def add(self, pid: int, fd: int) -> Told | None:
        """Look at a process from now on; return what its stat tells, None if it ended.

        `fd` is the open stat; with -1 the file is opened for each look.
        """
        told = self._read(pid, fd)
        if told is not None:
            place = len(self._places)
            if place == self._room:
                before = self._stats
                self._make(2 * place)
                ffi.memmove(self._stats, before, ffi.sizeof(before))
            self._stats[place] = self._one[0]
            self._places[pid], self._names[pid] = place, told[0]
        return told

    def drop(self, pid: int) -> None:
        """Look at a process no more."""
        place, last = self._places.pop(pid), len(self._places)
        del self._names[pid]
        if place != last:
            moved = self._stats[last]
            self._stats[place] = moved
            self._places[moved.pid] = place

    def look(self) -> list[tuple[int, Told | None]]:
        """Read all; return the pids of those that changed, and what stat tells.

        That is None if the process ended.  Those whose first thread has ended, while
        others live, are always returned: of their memory stat tells nothing.
        """
        stats, changed = self._stats, self._changed
        count = lib.memc_stat_all(self._root, stats, len(self._places), changed)
        names, view = self._names, self._view
        found: list[tuple[int, Told | None]] = []
        for place in self._places_view[:count].tolist():
            stat = stats[place]
            pid = stat.pid
            if not stat.len:
                found.append((pid, None))
                continue
            if stat.is_renamed:
                names[pid] = _name(stat)
            first = place * SIZE
            numbers = tuple(view[first + FIRST : first + END].tolist())
            found.append((pid, (names[pid], numbers)))
        return found

    def again(self, pid: int) -> Told | None:
        """Return what stat of a process tells now, which is no look."""
        return self._read(pid, self._stats[self._places[pid]].fd)

    def _read(self, pid: int, fd: int) -> Told | None:
        one = self._one
        one.pid, one.fd, one.len = pid, fd, 0
        lib.memc_stat_all(self._root, one, 1, self._count)
        if not one.len:
            return None
        return _name(one), tuple(self._one_view[FIRST:END].tolist())


def _view(data: CData, kind: Literal["I", "Q", "q"]) -> memoryview[int]:
    """Return a view of numbers; a cffi unpack takes three times as long."""
    return memoryview(ffi.buffer(data)).cast("B").cast(kind)


def _name(stat: CData) -> bytes:
    return bytes(ffi.buffer(stat.text + stat.name_at, stat.name_len))


def amounts(files: Sequence[int]) -> list[Amounts | None]:
    """Return the amounts of open files of status, in the order of `AMOUNTS`, in kB.

    One that status does not tell is None, and so are all if the process ended.
    """
    count = len(files)
    told = ffi.new("struct memc_status_amounts[]", count)
    lib.memc_status_all(files, count, told)
    flat = _view(told, "q").tolist() if count else []
    rows = [flat[at : at + WIDTH] for at in range(0, WIDTH * count, WIDTH)]
    return [
        tuple([None if v < 0 else v for v in row[1:]]) if row[0] else None
        for row in rows
    ]
