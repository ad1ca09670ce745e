"""The fields of /proc/PID/stat: "pid (comm) state ppid ..."."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    # The name, and the numbers of TOLD.
    Told: TypeAlias = tuple[bytes, tuple[int, ...]]

__all__ = [
    "FLAGS",
    "PARENT",
    "PF_EXITING",
    "PF_KTHREAD",
    "STARTED",
    "STATE",
    "THREADS",
    "VSIZE",
    "has_lost_first",
    "hides_places",
    "number",
    "places",
    "split",
    "started_of",
    "told",
]

# Indexes after the name: fields 3, 4, 9, 20, 22, 23 and 28 of proc(5).
STATE, PARENT, FLAGS, THREADS, STARTED, VSIZE, STACK = 0, 1, 6, 17, 19, 20, 25
CODE, DATA = slice(23, 26), slice(42, 49)  # fields 26 to 28, and 45 to 51 (Linux 3.5)
# What is read again and again, as enum memc_stat_value has it, after the state: parent,
# threads, start time, vsize, rss, minflt, majflt, code and stack.
TOLD = PARENT, THREADS, STARTED, VSIZE, 21, 7, 9, 23, STACK
ENDED = b"ZX"
PF_EXITING, PF_KTHREAD = 0x4, 0x200000  # include/linux/sched.h


def split(text: bytes) -> tuple[bytes | None, list[bytes]]:
    """Return the name in stat, None if the text is no stat, and the fields after it.

    The name may hold blanks, brackets and newlines: it ends at the last bracket
    (do_task_stat() in fs/proc/array.c).
    """
    before, bracket, after = text.rpartition(b")")
    _, is_open, name = before.partition(b"(")
    return (name, after.split(b" ")[1:]) if bracket and is_open else (None, [])


def told(text: bytes) -> Told | None:
    """Return what stat tells that may change; None if it is not the whole of that.

    A number that is none, or too large for 64 bits, is 0.
    """
    name, fields = split(text)
    if name is None or len(fields) <= STACK:
        return None
    numbers = [int(f) if f.isdigit() else 0 for f in map(fields.__getitem__, TOLD)]
    state = fields[STATE][0] if fields[STATE] else 0
    return name, (state, *[n if n < 1 << 64 else 0 for n in numbers])


def started_of(told: Told) -> int:
    """Return when a process began, in ticks since boot."""
    return told[1][3]


def has_lost_first(told: Told) -> bool:
    """Tell whether the first thread has ended while others live."""
    numbers = told[1]
    return numbers[0] in ENDED and numbers[2] > 1


def number(fields: list[bytes], index: int, default: int = 0) -> int:
    """Return a field that is a number, or `default` if it is none or not there."""
    digits = fields[index] if index < len(fields) else b""
    return int(digits) if digits.isdigit() and len(digits) <= 20 else default


def places(fields: list[bytes]) -> list[bytes]:
    """Return where the memory has its code, stack, data and arguments.

    exec chooses these places, and forked processes have the same.
    """
    return [*fields[CODE], *fields[DATA]]


def hides_places(fields: list[bytes]) -> bool:
    """Tell whether the kernel hides the places.

    It does so without the right to trace the process, also from CAP_PERFMON
    (do_task_stat() in fs/proc/array.c).  gVisor always does.
    """
    return fields[STACK : STACK + 1] == [b"0"]
