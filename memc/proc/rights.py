"""What this process may read of others, and the words for what it may not."""

from __future__ import annotations

import errno
import os

__all__ = ["REFUSED", "capabilities", "denied", "field", "is_privileged", "words_of"]

# The capabilities that open the memory of another user's process: CAP_SYS_PTRACE,
# CAP_SYS_ADMIN and CAP_PERFMON (mm_access() and proc_mem_open() in fs/proc/base.c).
CAPABILITIES = 1 << 19 | 1 << 21 | 1 << 38


REFUSED = "not permitted (EPERM): a security module or a sandbox refuses it"
# The errors that say nothing of the process or file, and what helps.
WORDS = {
    errno.EMFILE: "too many open files: raise ulimit -n",
    errno.ENFILE: "too many open files on this machine: raise fs.file-max",
    errno.ENOMEM: "the kernel is out of memory",
    errno.ENOSYS: "not offered by this kernel, or refused by a sandbox",
    errno.EIO: "the kernel could not read it (input/output error)",
}


def words_of(error: OSError) -> str:
    """Return the words for an error of a system call, and what helps.

    An error may have words of its own: these are kept.
    """
    words = error.strerror or str(error)
    is_plain = error.errno is not None and words == os.strerror(error.errno)
    return WORDS.get(error.errno or 0, words) if is_plain else words


def denied(*, same_user: bool) -> str:
    """Return the words for a denied access: the reason, and the right that it needs."""
    from memc.table.notes import NEEDS

    if is_privileged():
        reason = "a security module or a sandbox refuses it"
        return f"permission denied although privileged: {reason}"
    if same_user:
        reason = f"it is not dumpable; needs {NEEDS}"
        return f"permission denied although it is the same user: {reason}"
    return f"permission denied: needs the same user or {NEEDS}"


def is_privileged() -> bool:
    """Tell whether this process may open the memory of other users' processes."""
    return capabilities() & CAPABILITIES != 0


def capabilities() -> int:
    """Return the effective capabilities of this process; 0 if they are not known."""
    try:
        with open("/proc/self/status", "rb") as file:
            return int(field(file.read(), b"CapEff:"), 16)
    except (OSError, ValueError):
        return 0


def field(status: bytes, key: bytes, word: int = 1) -> bytes:
    """Return a word after `key` in the text of status; the first word is 1.

    b"" if there is no such word.
    """
    for line in status.split(b"\n"):
        if line.startswith(key):
            words = line[len(key) :].split()
            return words[word - 1] if word <= len(words) else b""
    return b""
