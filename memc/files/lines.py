"""The lines of a pasted text: what people added, and what belongs to a region.

::

    $ cat /proc/7/smaps          added: a prompt, which names the process
    ==> /proc/7/smaps <==        added: a heading of head and tail
    VmRSS:     1234 kB           a line of status: no counter of the region above
"""

from __future__ import annotations

import re

__all__ = ["BREAK", "HEAD", "Records", "is_added", "joins", "source_of"]

FENCE = re.compile(rb"(?:```+[^`]*|~~~+.*)\Z")
# "$ cat ...", "root@host:~# cat ...", "[ann@host ~]$", "PS C:\> type ...".
PROMPT = re.compile(
    rb"(?:|.*[^ 0-9])[$#%>](?: .*)?\Z|(?:|.* )(?:\xe2\x9d\xaf|\xe2\x9e\x9c)"
)
# "==> FILE <==", "FILE:" of more, "=== 7 ===", "pid 7:", and fences of other markup.
HEADING = re.compile(
    rb"==> .* <==\Z|:{4,}\Z|/proc/[^ ]*:?\Z"
    rb"|[=#*-]{2,} *(?:pid *)?[0-9]+ *[=#*:-]*\Z|(?i:pid)\b[ =:#]*[0-9]+[ :]*\Z"
    rb"|\{(?:noformat|code)[^{}]*\}\Z|\[/?code[^\[\]]*\]\Z"
    rb"|</?(?:details|summary)>.*\Z"
)
# Behind these, another file may begin.
BREAK = re.compile(rb"(?!```|~~~|\{|\[/?code|<)")
# The start of a line of maps, smaps or pmap, which is no prompt, whatever its name is.
DATA = re.compile(rb"[0-9a-f]+-[0-9a-f]+ |[A-Z][A-Za-z0-9_]*:|[0-9a-f]{8,16}\s|[0-9]+:")
HEAD = re.compile(rb"([0-9a-f]{1,16})-([0-9a-f]{1,16}) [rwxsSp-]{4} ")
PID = re.compile(
    rb"/proc/([0-9]{1,10})/|(?:[=#*-]{2,} *|(?i:pid)\b[ =:#]*)([0-9]{1,10})\b"
)
COUNTER = re.compile(rb"([A-Z][A-Za-z0-9_]*):[ \t]*([0-9]*)")
# Keys of status and of meminfo; a file of them goes on to the next region.
OTHER_KEYS = {
    *(b"Umask State Tgid Ngid Pid PPid TracerPid Uid Gid FDSize Groups NStgid").split(),
    *(b"VmPeak VmSize VmLck VmPin VmHWM VmRSS RssAnon RssFile RssShmem VmData").split(),
    *(b"VmStk VmExe VmLib VmPTE VmSwap HugetlbPages Threads SigQ").split(),
    *(b"MemTotal MemFree MemAvailable Buffers Cached SwapCached Active").split(),
    *(b"Inactive SwapTotal SwapFree CommitLimit Committed_AS HugePages_Total").split(),
}
NAMELESS = re.compile(
    rb"[0-9a-f]+-[0-9a-f]+ [rwxsSp-]{4} [0-9a-f]+ [0-9a-f]+:[0-9a-f]+ ([0-9]+) *\Z"
)
FLAGS = re.compile(rb"(?:[a-z0-9?]{2} ?)+\Z")
LONGEST = 4200  # bytes of a line that a mailer wrapped: a path has at most 4,096


def is_added(line: bytes) -> bool:
    """Tell whether a line is a fence, a prompt or a heading."""
    if HEADING.match(line):
        return True
    if DATA.match(line):
        return False
    return FENCE.match(line) is not None or PROMPT.match(line) is not None


def source_of(line: bytes) -> bytes | None:
    """Return the pid that a prompt or a heading names."""
    match = PID.search(line)
    return (match[1] or match[2]) if match else None


def joins(before: bytes, line: bytes) -> bool:
    """Tell whether a line is the rest of the one before, which a mailer wrapped."""
    if len(before) > LONGEST:  # or many lines would be copied again and again
        return False
    nameless = NAMELESS.match(before)
    if nameless:
        own = line[:1] == b"[" and line[-1:] == b"]"
        return (line[:1] == b"/" or own) if nameless[1] == b"0" else line[:1] == b"/"
    if HEAD.match(before):
        return line == b"(deleted)"
    return before.startswith(b"VmFlags:") and FLAGS.match(line) is not None


class Records:
    """Finds the counters that cannot be those of the region above them."""

    def __init__(self) -> None:
        self._size: int | None = None
        self._keys: set[bytes] = set()
        self._is_wrong = False

    def wrong(self, line: bytes, *, is_after_break: bool) -> str | None:
        """Return None for a line to keep; else what was expected, "" if said before."""
        head = HEAD.match(line)
        if head:
            self._size = (int(head[2], 16) - int(head[1], 16)) // 1024
            self._keys = set()
            self._is_wrong = False
            return None
        match = COUNTER.match(line)
        if match is None or (self._size is None and match[1] not in OTHER_KEYS):
            return None
        if self._is_wrong:
            return ""
        what = self._look(match[1], match[2], is_after_break=is_after_break)
        self._is_wrong = what is not None
        return what

    def _look(self, key: bytes, number: bytes, *, is_after_break: bool) -> str | None:
        if key in OTHER_KEYS:
            return "a counter of smaps, not of another file"
        if is_after_break:
            return "a region before its counters"
        if key in self._keys:
            return "a region before counters that are told again"
        self._keys.add(key)
        if key == b"Size" and number and int(number[:21]) != self._size:
            return f"counters of a size of {self._size} kB, as the region above has"
        return None
