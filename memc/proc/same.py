"""Find processes that have one memory in common.

A child between vfork and exec has that of its parent, and so has what clone() made with
CLONE_VM.
"""

from __future__ import annotations

import os

from memc.errors import ProcessError
from memc.proc import stat
from memc.proc.files import ProcessFiles
from memc.proc.root import is_copy, is_ours

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from functools import cmp_to_key

    from memc.proc.root import Opened
    from memc.table.snapshot import Process, Snapshot
else:
    from _functools import cmp_to_key  # the C part of functools, which is dear

__all__ = ["are_same", "find_same", "find_same_live", "find_same_texts", "share"]

KCMP = {"x86_64": 312, "i386": 349, "i686": 349, "ppc64le": 354, "s390x": 343}
KCMP_ANY = 272  # of the machines that came later: arm64, riscv64, loongarch64
KCMP_VM = 1
ASKER: list[Callable[[int, int], int]] = []  # one, found when it is needed


class Holder:
    """A process, and what tells of its memory."""

    __slots__ = ("key", "parent", "pid", "started")

    def __init__(self, pid: int, fields: list[bytes]) -> None:
        self.pid = pid
        self.parent = stat.number(fields, stat.PARENT)
        self.started = stat.number(fields, stat.STARTED)
        self.key = () if stat.hides_places(fields) else tuple(stat.places(fields))


def share(root: Opened, processes: list[Process]) -> list[Process]:
    """Leave a memory that several processes have to the one that started first.

    The others get empty snapshots, which name that one.
    """
    snaps = {process.pid: process.snapshot for process in processes}
    found = find_same(root, snaps)
    return [
        process.shared_with(found[process.pid]) if process.pid in found else process
        for process in processes
    ]


def find_same(root: Opened, snaps: Mapping[int, Snapshot]) -> dict[int, int]:
    """Return by pid the process whose memory it has too: the one that started first.

    Where the kernel may not be asked, a child has the memory of its parent if what was
    read of the two is equal; a forked one has fewer page tables.
    """
    pids = [pid for pid, snap in snaps.items() if _may_share(snap)]
    return _find(root, pids, lambda a, b: _are_equal(snaps[a], snaps[b]))


def find_same_live(
    root: Opened, stats: Mapping[int, list[bytes]], snaps: Mapping[int, Snapshot]
) -> dict[int, int]:
    """Return the same as `find_same`; `stats` are the fields of stat, read before.

    What is found is checked with stat of now: the processes may have ended since.
    """
    holders = [Holder(pid, stats[pid]) for pid in snaps]
    if _find_among(root, holders, lambda a, b: _are_equal(snaps[a], snaps[b])):
        return find_same(root, snaps)
    return {}


def find_same_texts(root: Opened, texts: Mapping[int, bytes]) -> dict[int, int]:
    """Return the same as `find_same`, of processes of which a text was read."""
    return _find(root, texts, lambda a, b: texts[a] == texts[b])


def _find(
    root: Opened, pids: Iterable[int], are_equal: Callable[[int, int], bool]
) -> dict[int, int]:
    holders = (_read(root, pid) for pid in pids)
    return _find_among(root, filter(None, holders), are_equal)


def _find_among(
    root: Opened, several: Iterable[Holder], are_equal: Callable[[int, int], bool]
) -> dict[int, int]:
    may_ask = _may_ask(root)
    holders = {one.pid: one for one in several}
    by_key: dict[tuple[bytes, ...], list[Holder]] = {}
    for holder in holders.values():
        by_key.setdefault(holder.key, []).append(holder)
    found: dict[int, int] = {}
    for some in by_key.values():
        if len(some) > 1 and may_ask:
            asked = _ask(some)
            if asked is None:
                continue
            found |= asked
        for holder in some:
            parent = holders.get(holder.parent)
            if (
                parent is not None
                and holder.pid not in found
                and parent.key == holder.key
                and not (may_ask and _compare(parent, holder) >= 0)
                and are_equal(parent.pid, holder.pid)
            ):
                found[holder.pid] = found.get(parent.pid, parent.pid)
    return found


def are_same(root: Opened, pid: int, other: int) -> bool:
    """Tell whether two live processes have one memory; False if it is not known."""
    a, b = (_read(root, one) for one in (pid, other))
    if a is None or b is None or a.key != b.key or not _may_ask(root):
        return False
    return _compare(a, b) == 0


def _may_ask(root: Opened) -> bool:
    """Tell whether the kernel knows the processes by the pids of this root."""
    return not is_copy(root) and is_ours(root)


def _may_share(snap: Snapshot) -> bool:
    return bool(snap.total_vsize_kb)


def _are_equal(a: Snapshot, b: Snapshot) -> bool:
    """Tell whether two snapshots tell the same regions and amounts."""
    if (a.total_rss_kb, a.total_vsize_kb) != (b.total_rss_kb, b.total_vsize_kb):
        return False
    totals = [{**snap.totals, "threads": None} for snap in (a, b)]
    return totals[0] == totals[1] and all(
        a.columns[name].values == b.columns[name].values
        for name in ("start", "end", "perm")
    )


def _read(root: Opened, pid: int) -> Holder | None:
    """Read stat; None if it cannot be read, or if the first thread has ended.

    kcmp(2) finds that all such processes have no memory, which looks like one.
    """
    try:
        with ProcessFiles(root, pid) as files:
            fields = files.stat()[1]
            if not fields or fields[stat.STATE] in (b"Z", b"X"):
                return None
            return Holder(pid, fields)
    except (OSError, ProcessError):
        return None


def _ask(some: list[Holder]) -> dict[int, int] | None:
    """Ask the kernel about those with one key: forked processes have it too.

    Return None if it has told that all memories differ.
    """
    found: dict[int, int] = {}
    answers: set[int] = set()
    compare = _asker()

    def order(a: int, b: int) -> int:  # _compare() in one, for it is called often
        answer = compare(a, b)
        answers.add(answer)
        return -1 if answer == 1 else 1 if answer == 2 else a - b

    by_pid = {holder.pid: holder for holder in some}
    pids = sorted(by_pid, key=cmp_to_key(order))
    if answers <= {1, 2}:  # sorting compares each with the next
        return None
    ordered = [by_pid[pid] for pid in pids]
    start = 0
    for end in range(1, len(ordered) + 1):
        if end < len(ordered) and _compare(ordered[start], ordered[end]) == 0:
            continue
        group = ordered[start:end]
        first = min(group, key=lambda holder: (holder.started, holder.pid))
        found |= {one.pid: first.pid for one in group if one is not first}
        start = end
    return found


def _compare(a: Holder, b: Holder) -> int:
    """Compare the memories of two live processes by kcmp(2).

    0 if they are one, 1 or 2 for their order, -1 if that is not allowed or not known.
    """
    order = _asker()(a.pid, b.pid)
    return order if order <= 2 else -1


def _asker() -> Callable[[int, int], int]:
    """Return what asks the kernel about two pids."""
    if not ASKER:
        ASKER.append(_find_asker())
    return ASKER[0]


def _find_asker() -> Callable[[int, int], int]:
    if os.environ.get("MEMC_BACKEND") != "pure":
        try:
            from memc.ffi.memories import compare_memory
        except ImportError:
            pass
        else:
            return compare_memory
    import ctypes  # dear

    syscall: Callable[..., int] = ctypes.CDLL(None).syscall
    number = KCMP.get(os.uname().machine, KCMP_ANY)
    return lambda a, b: syscall(number, a, b, KCMP_VM, 0, 0)
