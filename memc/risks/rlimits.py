"""The limits of setrlimit(2) on memory and files, and what a process has of each.

A line of /proc/PID/limits has the soft limit first (proc_pid_limits() in
fs/proc/base.c): "Max address space         unlimited            unlimited  bytes".
"""

from __future__ import annotations

import os

from memc.proc.rights import words_of
from memc.risks.risk import SHARE, Risk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.proc.files import ProcessFiles

__all__ = ["read_rlimits"]

# The name, words, the title in limits, and the key in status.
AMOUNTS = (
    ("RLIMIT_AS", "address space", b"Max address space", "VmSize"),
    ("RLIMIT_DATA", "data", b"Max data size", "VmData"),
    ("RLIMIT_STACK", "main stack", b"Max stack size", "VmStk"),
    ("RLIMIT_MEMLOCK", "locked memory", b"Max locked memory", "VmLck"),
)
FILES = ("RLIMIT_NOFILE", "open files", b"Max open files")
TITLE = 26  # the limits stand behind so many letters
UNLIMITED = b"unlimited"


def read_rlimits(
    files: ProcessFiles, status: dict[str, int], *, every: bool
) -> list[Risk]:
    """Return a risk for each limit.

    Without `every` only those that might stand out: the open files are not counted
    where their table is smaller than that.
    """
    try:
        text = files.read_record("limits")
    except OSError as error:
        reason = f"limits: {words_of(error)}"
        titles = [(name, words) for name, words, *_ in (*AMOUNTS, FILES)]
        return [Risk(name, words, None, reason=reason) for name, words in titles]
    found = []
    for name, words, title, key in AMOUNTS:
        limit, is_hard = _binding(text, name, title)
        if limit == [UNLIMITED] and not every:
            continue
        risk = Risk(name, words, status.get(key), _limit(limit, 10))
        risk.reason = None if key in status else f"status tells no {key}"
        risk.about = "the hard limit: a soft one of 0 does not bind" * is_hard
        risk = _checked(risk, limit)
        if name == "RLIMIT_MEMLOCK" and (every or risk.stands_out):
            from memc.risks.lifted import lift

            lift(risk, files, status.get("CapEff", 0))
        found.append(risk)
    name, words, title = FILES
    soft, _ = _words(text, title)
    most = _limit(soft, 0)
    if every or (most is not None and status.get("FDSize", most) * 100 >= most * SHARE):
        count, why = _count_files(files)
        risk = Risk(name, words, count, most, is_kb=False, reason=why)
        found.append(_checked(risk, soft))
    return found


def _binding(text: bytes, name: str, title: bytes) -> tuple[list[bytes], bool]:
    """Return the word of the limit that binds, and whether it is the hard one."""
    soft, hard = _words(text, title)
    # may_expand_vm() in mm/vma.c: "Workaround for Valgrind"
    is_hard = name == "RLIMIT_DATA" and soft == [b"0"] and bool(hard)
    return hard if is_hard else soft, is_hard


def _words(text: bytes, title: bytes) -> tuple[list[bytes], list[bytes]]:
    """Return the words of the soft and the hard limit, [] where there is none."""
    place = text.find(title.ljust(TITLE)) + TITLE
    words = text[place : place + 64].split(None, 2) if place >= TITLE else []
    return words[:1], words[1:2]


def _limit(soft: list[bytes], shift: int) -> int | None:
    word = soft[0] if soft else b""
    return int(word) >> shift if word.isdigit() and len(word) <= 20 else None


def _checked(risk: Risk, soft: list[bytes]) -> Risk:
    """Return the risk; its value counts for nothing if the limit is not known."""
    if risk.limit is None and soft != [UNLIMITED]:
        risk.value, risk.reason = None, "limits does not tell it"
    return risk


def _count_files(files: ProcessFiles) -> tuple[int | None, str | None]:
    """Return how many files are open, or why that is not known."""
    try:
        size = os.stat("fd", dir_fd=files.where(), follow_symlinks=False).st_size
        if size and not files.is_copy:  # Linux 6.2: proc_fd_getattr() in fs/proc/fd.c
            return size, None
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
        fd = os.open("fd", flags, dir_fd=files.where())
        try:
            return len(os.listdir(fd)), None
        finally:
            os.close(fd)
    except OSError as error:
        return None, f"fd: {words_of(error)}"
