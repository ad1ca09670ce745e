"""Whether the mount option hidepid hides the processes of other users."""

from __future__ import annotations

import os

from memc.proc.rights import capabilities

__all__ = ["hides_others", "unlists_others"]

OFF = ("0", "off")
LISTED = (*OFF, "1", "noaccess")  # others are there, and closed
BY_RIGHT = ("4", "ptraceable")  # this one heeds no gid= (has_pid_permissions())
CAP_SYS_PTRACE = 1 << 19


def hides_others(proc: str) -> bool:
    """Tell whether a mount of proc at this path hides what others run from memc."""
    return _option(proc) not in OFF


def unlists_others(proc: str) -> bool:
    """Tell whether the processes of others are not even listed there."""
    return _option(proc) not in LISTED


def _option(proc: str) -> str:
    """Return the option as it holds for memc: "0" if it may see everything.

    It is that of the last mount at the path: "24 30 0:22 / /proc rw - proc proc
    rw,hidepid=invisible" (show_mountinfo() in fs/proc_namespace.c).
    """
    options: dict[str, str] = {}
    point = os.path.realpath(proc)
    for line in _read("/proc/self/mountinfo").split("\n"):
        words, _, rest = line.partition(" - ")
        if words.split(" ")[4:5] == [point]:
            kind, _, told = rest.partition(" ")
            pairs = (word.partition("=") for word in told.rpartition(" ")[2].split(","))
            options = {key: value for key, _, value in pairs} if kind == "proc" else {}
    option = options.get("hidepid", OFF[0])
    groups = {str(gid) for gid in (os.getegid(), *os.getgroups())}
    is_shown = option not in BY_RIGHT and options.get("gid") in groups
    return OFF[0] if option in OFF or is_shown or _has_right() else option


def _has_right() -> bool:
    return capabilities() & CAP_SYS_PTRACE != 0


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except OSError:
        return ""
