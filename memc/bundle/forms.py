"""The forms of the texts that may stand in a bundle: patterns over whole texts.

They are told apart from the rules that make such texts, with the same lists of words.
"""

from __future__ import annotations

import re

from memc.bundle import vocabulary as words
from memc.bundle.rules import MEMORY_STARTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "ADDRESS",
    "ANY_PART",
    "COUNTERS",
    "GROUP",
    "NAME",
    "PATH",
    "PROCESS",
    "RELEASE",
    "SYSTEM",
    "THREADS",
    "VERSION",
]


def any_of(texts: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(texts, key=lambda text: (-len(text), text))))


MARK = r"p-[a-z2-7]{8}"
WORD = rf"(?:-(?:{any_of((*words.MARKED_WORDS, 'word'))}))*"
END = words.ENDINGS.pattern.removesuffix(r"\Z")
NUMBER = words.NUMBERS.pattern
KNOWN_PART = rf"(?:{any_of(words.WORDS)}|{NUMBER})(?i:{END})?"
PART = rf"(?:{KNOWN_PART}|(?:(?:{any_of(words.STARTS)})-?)?{MARK}(?i:{END})?)?"
FOLDER = rf"(?:{KNOWN_PART}|(?:(?:{any_of(words.FOLDER_STARTS)})-?)?{MARK}(?i:{END})?)?"
# In these each folder is a user's.
OWN = rf"(?!.*/(?:{any_of(words.OWN_FOLDERS)})/+"
OWN += rf"(?!(?:(?:{any_of(words.FOLDER_STARTS)})-?)?{MARK}|\.|/|\Z| \(deleted\)\Z))"
DEVICE = (
    rf"/dev/(?:(?:{any_of(words.DEVICE_STARTS)})-?)?{MARK}"
    rf"(?:-jit(?:-guard-word)?)?(?i:{END})?"
)
GONE = r"(?: \(deleted\))?"
NAME = re.compile(
    rf"(?:{any_of(words.KERNEL_NAMES)}|{any_of(words.KERNEL_OBJECTS)}"
    r"|\[stack:\d{1,7}\]|/SYSV[0-9a-f]{8}|(?:socket:|pipe:)\[\d{1,9}\]"
    rf"|anon_inode:(?:{words.ANON_INODES.pattern})"
    rf"|anon_inode:(?:(?:{any_of(words.ANON_INODE_STARTS)})-?)?{MARK}|/dmabuf:{MARK}"
    rf"|\[anon:(?:{words.ANON.pattern})\]"
    rf"|\[anon(?:_shmem)?:(?:(?:{any_of(MEMORY_STARTS)})-?)?{MARK}{WORD}"
    r"(?:\.so|\.dll|\.sprx|\.prx|\.dylib)?\]"
    rf"|/memfd:(?:{any_of(words.MEMFDS)}"
    rf"|(?:(?:java_heap|doublemapper)-?)?{MARK}{WORD}(?i:{END})?)"
    rf"|{words.DEVICES.pattern}|{DEVICE}|\[{MARK}\]|{MARK}"
    rf"|/.*/hsperfdata_{MARK}(?i:{END})?/0"
    rf"){GONE}",
    re.ASCII,
)
PATH = re.compile(rf"{OWN}(?:/{FOLDER})*/{PART}{GONE}", re.ASCII)
COUNTERS = re.compile(
    rf"{OWN}((?:/{FOLDER})*/hsperfdata_{MARK}(?i:{END})?)/0{GONE}", re.ASCII
)
ANY_PART = re.compile(PART, re.ASCII)
# A file of the distribution: of plain letters, with nothing that tells who.
SYSTEM = re.compile(
    r"(?!.*/\.{1,2}(?:/|\Z))(?!.*(?:@|\d{6}|[0-9a-fA-F]{16}))"
    r"/(?:(?:usr/(?:bin|sbin|lib|lib32|lib64|libx32|libexec|share|games|include))"
    r"|lib|lib32|lib64|libx32|bin|sbin)/[\x20-\x7e]+",
    re.ASCII,
)
THREADS = re.compile(r"(?:\d{1,7}(?: \d{1,7})*)?", re.ASCII)
PROCESS = re.compile(rf"{any_of(words.PROGRAMS)}|{NUMBER}|{MARK}|kworker", re.ASCII)
GROUP = re.compile(
    rf"(?:{any_of(words.CGROUPS)}"
    r"|(?:(?:cri-containerd-|docker-|crio-|libpod-|session-|user-|user@|app-|run-"
    rf"|machine-|pod))?{MARK}(?:\.(?:service|scope|slice|mount|socket|swap))?)?"
)
ADDRESS = re.compile(r"0x[0-9a-f]{1,16}")
VERSION = re.compile(r"\d{1,3}(?:\.\d{1,3}){1,2}(?:[.+a-z]{1,5}\d{0,6}){0,2}", re.ASCII)
RELEASE = re.compile(
    r"\d{1,4}(?:\.\d{1,6}){1,3}"
    rf"(?:[-.+_](?:\d{{1,6}}|(?:rc|el|fc|amzn|android)\d{{1,4}}(?:_\d{{1,2}})?"
    rf"|{any_of(words.KERNELS)}))*\+?",
    re.ASCII,
)
