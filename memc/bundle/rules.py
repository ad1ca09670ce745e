"""The rules for the names of regions: what may stay, and what becomes of the others.

The first rule that matches decides, and the last two match everything: what no rule
knows is hidden.  A rule sees the name without " (deleted)".
"""

from __future__ import annotations

import re

from memc.bundle import vocabulary as words
from memc.bundle.parts import hide_part, hide_word, is_known, joined, looks_secret
from memc.owners import names as _names, words as _words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from memc.bundle.pseudonyms import Pseudonyms

    Become: TypeAlias = Callable[["Hiding", re.Match[str]], str]

__all__ = ["RULES", "Hiding", "Rule"]

MEMORY_STARTS = tuple(
    sorted(
        (
            *(*_words.GLIBC_STACKS, " glibc: malloc arena", *_words.ALLOCATORS),
            *(" Go: heap", "Go: heap", " Go: ", "Go: ", "jemalloc", "je_", "mimalloc"),
            *("stack_and_tls:", "dalvik-", "cpython:", "Ruby:", "ruby", "v8", "V8"),
            *(*_words.PHP, *_words.RUNTIMES, "js-exec", *_words.TEXTS),
        ),
        key=len,
        reverse=True,
    )
)
MEMFD_STARTS = ("java_heap", "doublemapper")


class Hiding:
    """What rules need to hide a name.

    `tells_who` tells whether a text holds the name of a user or of the machine, and
    `people` are those names that are words too, such as "julia".
    """

    __slots__ = ("people", "pseudonyms", "strict", "tells_who")

    def __init__(
        self,
        pseudonyms: Pseudonyms,
        tells_who: Callable[[str], bool],
        *,
        strict: bool = False,
        people: frozenset[str] = frozenset(),
    ) -> None:
        self.pseudonyms = pseudonyms
        self.tells_who = tells_who
        self.strict = strict
        self.people = people

    def part(self, part: str) -> str:
        """Return a part of a path if it is known, or what stands for it."""
        return part if not part or is_known(part) else hide_part(part, self.pseudonyms)

    def folder(self, part: str, above: str) -> str:
        """Return a folder if it is known and nobody's own, or what stands for it."""
        is_own = above in words.OWN_FOLDERS and not part.startswith(".")
        is_own = is_own or part.lower() in self.people
        if not part or (is_known(part) and not is_own):
            return part
        return hide_part(part, self.pseudonyms, starts=words.FOLDER_STARTS)

    def wholly(self, part: str, kind: str) -> str:
        """Return what stands for a part of a path, even for one that is known."""
        return hide_part(part, self.pseudonyms, kind)

    def system_part(self, part: str) -> str:
        """Return a part of the path of a distribution's file, or what stands for it."""
        if self.strict or looks_secret(part) or self.tells_who(part):
            return self.part(part)
        return part


class Rule:
    """A rule: why a name stays or goes, the names, and what becomes of them."""

    __slots__ = ("become", "pattern", "why")

    def __init__(self, why: str, pattern: str, become: Become) -> None:
        self.why = why
        self.pattern = re.compile(pattern, re.ASCII | re.DOTALL)
        self.become = become

    @property
    def is_system(self) -> bool:
        """Whether it is for files of the distribution."""
        return self.become is system_file

    def __repr__(self) -> str:
        """Show why."""
        return f"<Rule {self.why}>"


def one_of(names: frozenset[str]) -> str:
    return "|".join(map(re.escape, sorted(names)))


def keep(_: Hiding, match: re.Match[str]) -> str:
    return match[0]


def memory(hiding: Hiding, match: re.Match[str]) -> str:
    return f"{match[1]}{hide_word(match[2], MEMORY_STARTS, hiding.pseudonyms)}]"


def memfd(hiding: Hiding, match: re.Match[str]) -> str:
    name = hide_word(match[1], MEMFD_STARTS, hiding.pseudonyms)
    end = words.ENDINGS.search(match[1])
    is_ended = end is None or name.endswith(end[0].lower())
    return f"/memfd:{name}" + ("" if is_ended or end is None else end[0].lower())


def system_v(hiding: Hiding, match: re.Match[str]) -> str:
    return "/SYSV" + hiding.pseudonyms.digits("System V", match[0])


def numbered(hiding: Hiding, match: re.Match[str]) -> str:
    return f"{match[1]}[{hiding.pseudonyms.rank('inode', match[0])}]"


def object_of(hiding: Hiding, match: re.Match[str]) -> str:
    name = match[2].strip("[]")
    starts = words.ANON_INODE_STARTS
    start = next((start for start in starts if match[2].startswith(start)), "")
    return match[1] + joined(start, hiding.pseudonyms.mark("object", name))


def device(hiding: Hiding, match: re.Match[str]) -> str:
    name = match[1]
    start = next((s for s in words.DEVICE_STARTS if name.startswith(s)), "")
    jit = "-jit" if "jit" in name.lower() else ""
    if jit and any(word in name.lower() for word in ("thread", "worker", "guard")):
        jit = "-jit-guard-word"
    end = words.ENDINGS.search(name)
    tail = "" if end is None else end[0].lower()
    mark = hiding.pseudonyms.mark("device", name)
    return "/dev/" + joined(start, mark) + jit + tail


def system_file(hiding: Hiding, match: re.Match[str]) -> str:
    parts = match[0].split("/")
    below = next((i for i, p in enumerate(parts, 1) if p in words.SYSTEM_FOLDERS), None)
    shown = [*map(hiding.system_part, parts[:below])]
    return "/".join([*shown, *folders(hiding, parts, len(shown))])


def folders(hiding: Hiding, parts: list[str], first: int = 0) -> list[str]:
    """Return what becomes of the parts of a path, from the `first` to the last."""
    if first == len(parts):
        return []
    found = []
    above = parts[first - 1] if first else ""
    for part in parts[first:-1]:
        found.append(hiding.folder(part, above))
        above = part or above
    is_own = above in words.OWN_FOLDERS
    hide = hiding.folder(parts[-1], above) if is_own else hiding.part(parts[-1])
    return [*found, hide]


def counters(hiding: Hiding, match: re.Match[str]) -> str:
    """Hide the user in the path of a JVM's counters, and the number of the process."""
    return "/".join(folders(hiding, [*match[1].split("/"), "0"]))


def path(hiding: Hiding, match: re.Match[str]) -> str:
    return "/".join(folders(hiding, match[0].split("/")))


def bracketed(hiding: Hiding, match: re.Match[str]) -> str:
    return f"[{hiding.pseudonyms.mark('name', match[0])}]"


def other(hiding: Hiding, match: re.Match[str]) -> str:
    return hiding.pseudonyms.mark("name", match[0])


def constant(text: str) -> Become:
    return lambda _hiding, _match: text


RULES = (
    # Names that the kernel gives.
    Rule("pages of the kernel", one_of(words.KERNEL_NAMES), keep),
    Rule("objects of the kernel", one_of(words.KERNEL_OBJECTS), keep),
    Rule("a thread's stack", r"\[stack:\d{1,7}\]", keep),
    Rule("a stack", r"\[stack.*", constant("[stack:0]")),
    Rule("System V, private", "/SYSV00000000", keep),
    Rule("a key of System V", "/SYSV.*", system_v),
    Rule("a socket or pipe", r"(socket:|pipe:).*", numbered),
    Rule("a known object", f"anon_inode:(?:{words.ANON_INODES.pattern})", keep),
    Rule("an object", "(anon_inode:)(.*)", object_of),
    Rule("a buffer of a device", "(/dmabuf:)(.*)", object_of),
    # Names that programs give to memory.
    Rule("a runtime's memory", rf"\[anon:(?:{words.ANON.pattern})\]", keep),
    Rule("named memory", r"(\[anon(?:_shmem)?:)(.*?)\]?", memory),
    Rule("a known memfd", f"/memfd:(?:{one_of(words.MEMFDS)})", keep),
    Rule("a memfd", "/memfd:(.*)", memfd),
    # Devices and files.
    Rule("a known device", words.DEVICES.pattern, keep),
    Rule("a file in /dev", "/dev/(?:shm|hugepages|mqueue)/.*", path),
    Rule("a device", "/dev/(.+)", device),
    Rule("counters of Java", rf"(/.*/{_names.JAVA_COUNTERS}[^/]*)/\d+", counters),
    Rule("a file of the distribution", words.SYSTEM.pattern, system_file),
    Rule("a file", "/.*", path),
    # All else.
    Rule("a name of the kernel that memc does not know", r"\[.*\]", bracketed),
    Rule("any other name", ".*", other),
)
