"""Processes whose memory memc may not read: what everybody may read of them."""

from __future__ import annotations

import os

from memc.errors import AccessDenied, MemcError, ProcessError
from memc.proc.files import ProcessFiles
from memc.proc.rights import field
from memc.proc.root import open_root
from memc.pure.rows import make_table
from memc.table.snapshot import Reading, Snapshot
from memc.targets.target import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.proc.root import Opened
    from memc.targets.target import Found

__all__ = ["add_others", "read_others"]

# The amounts in status, which everybody may read unless hidepid hides the process.
STATUS = {
    "rss_kb": b"VmRSS:",
    "size_kb": b"VmSize:",
    "rss_anon_kb": b"RssAnon:",
    "rss_file_kb": b"RssFile:",
    "rss_shmem_kb": b"RssShmem:",
    "hugetlb_kb": b"HugetlbPages:",
    "swap_kb": b"VmSwap:",
    "page_tables_kb": b"VmPTE:",
    "peak_rss_kb": b"VmHWM:",
}
UNKNOWN = ("pss_kb", "uss_kb")


def add_others(found: Found, proc: str) -> None:
    """Add a target for each live process that was found and may not be read.

    Such a process stays among those that were skipped, or an error if it was named.
    """
    names: dict[int, str] = {}
    for error in found.errors:
        if isinstance(error, AccessDenied) and error.pid is not None:
            names[error.pid] = ""
    names |= {s.pid: s.name for s in found.skipped if s.reason == "denied"}
    others = read_others(names, proc)
    if others:
        _read_threads([t for t in found.targets if t.file is None], proc)
    found.targets += others


def _read_threads(targets: list[Target], proc: str) -> None:
    """Read of these processes, too, how many threads they have."""
    try:
        with open_root(proc) as root:
            for target in targets:
                try:
                    with ProcessFiles(root, target.pid or 0) as files:
                        status = files.read("status")
                except (OSError, ProcessError):
                    continue
                target.facts.threads = _number(status, b"Threads:")
    except MemcError:
        return


def read_others(names: dict[int, str], proc: str) -> list[Target]:
    """Return targets of these processes, but not of those that have no memory."""
    if not names:
        return []
    try:
        with open_root(proc) as root:
            others = [_read(root, pid, names[pid], proc) for pid in sorted(names)]
    except MemcError:
        return []
    return [target for target in others if target is not None]


def _read(root: Opened, pid: int, name: str, proc: str) -> Target | None:
    """Return what everybody may read; None if the process ended or has no memory."""
    status = b""
    started = uid = None
    try:
        with ProcessFiles(root, pid) as files:
            told, started = files.identity()
            name = told or name
            uid = files.uid()
            try:
                status = files.read("status")
            except OSError:
                uid = os.stat(".", dir_fd=files.fd).st_uid
    except (OSError, ProcessError):
        pass  # hidden: nothing is known
    amounts = {key: _number(status, word) for key, word in STATUS.items()}
    if status and amounts["size_kb"] is None:
        return None  # a kernel thread or a zombie
    target = Target(_snapshot(pid, amounts), pid, name, proc=proc, file=None)
    target.started = started
    target.is_sum = target.is_other = True
    target.facts.uid = uid
    target.facts.threads = _number(status, b"Threads:")
    return target


def _number(status: bytes, key: bytes) -> int | None:
    digits = field(status, key)[:18]
    return int(digits) if digits.isdigit() else None


def _snapshot(pid: int, amounts: dict[str, int | None]) -> Snapshot:
    reading = Reading(pid, "totals")
    reading.total_rss_kb = amounts.pop("rss_kb")
    reading.total_vsize_kb = amounts.pop("size_kb")
    reading.totals = amounts | dict.fromkeys(UNKNOWN)
    return Snapshot(make_table([], (), (), live=False), reading)
