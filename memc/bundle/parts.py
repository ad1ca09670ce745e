"""What becomes of one part of a path: a word that is known stays, others are hidden."""

from __future__ import annotations

import re

from memc.bundle.vocabulary import ENDINGS, MARKED_WORDS, NUMBERS, PLUGIN, STARTS, WORDS
from memc.owners.kinds import PROGRAM_ENDS
from memc.pure.classify import is_shared_lib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.bundle.pseudonyms import Pseudonyms

__all__ = ["hide_part", "hide_word", "is_known", "looks_secret"]

# What nobody gives to a file of a distribution: addresses of mail and of networks,
# digests, tokens, and letters that are not ASCII.
SECRET = re.compile(
    r".*([@\\]|[^\x20-\x7e]|[0-9a-fA-F]{16}|\d{6}"
    r"|[0-9a-f]{8}-[0-9a-f]{4}-|passw|secret|token|credential"
    r"|(?<!\d)\d{1,3}(?:[.]\d{1,3}){3}|(?<!\d)\d{1,3}(?:-\d{1,3}){3}"
    r"|[0-9a-f]{1,4}:[0-9a-f]{0,4}:|gh[oprsu]_[0-9a-z]{8}|github_pat_|glpat-|xox[a-z]-"
    r"|A[KS]IA[0-9A-Z]{12}|eyJ[0-9a-z]{8}|(?<![a-z])sk-[0-9a-z]{8}|(?:[a-z]+\d+){5})",
    re.ASCII | re.DOTALL | re.IGNORECASE,
)
LIBRARY_ENDS = (".so", ".dll", ".sprx", ".prx", ".dylib")
NUMBERED = re.compile(r"( glibc: pthread (?:user )?stack: |stack_and_tls:)")


def looks_secret(text: str) -> bool:
    """Tell whether a text has what names of files seldom have, but secrets do."""
    return SECRET.match(text) is not None


def is_known(part: str) -> bool:
    """Tell whether a part of a path is a word that memc knows, or a version."""
    if part in WORDS or NUMBERS.fullmatch(part):
        return True
    stem, end = split(part)
    return bool(end) and (stem in WORDS or NUMBERS.fullmatch(stem) is not None)


def hide_part(
    part: str,
    pseudonyms: Pseudonyms,
    kind: str = "path",
    starts: tuple[str, ...] = STARTS,
) -> str:
    """Return what stands for a part of a path.

    What rules of owners look for stays: a known start, a known ending, and whether
    there is an ending at all.
    """
    stem, end = split(part)
    low = part.lower()
    start = next((start for start in starts if low.startswith(start)), "")
    return joined(start, pseudonyms.mark(kind, stem)) + end


def split(part: str) -> tuple[str, str]:
    """Return a part without its ending, and the ending as it may stand in a bundle."""
    match = ENDINGS.search(part)
    if match is not None and match.start():
        return part[: match.start()], match[0].lower()
    if is_shared_lib(part.encode("utf-8", "surrogatepass")):
        return part, ".so"
    _, dot, end = part.lower().rpartition(".")
    is_plugin = bool(dot) and end[:1].isalpha() and end not in PROGRAM_ENDS
    return part, PLUGIN if is_plugin else ""


def hide_word(name: str, starts: tuple[str, ...], pseudonyms: Pseudonyms) -> str:
    """Return what stands for a name that a program gave to its memory.

    The words stay that rules of owners look for, and where they look for them.
    """
    start = next((start for start in starts if name.startswith(start)), "")
    low = name.lower()
    words = [word for word in MARKED_WORDS if word in low[len(start) :]]
    end = next((end for end in LIBRARY_ENDS if name.endswith(end)), "")
    is_guard = name.endswith("guard")
    if "guard" in words:
        words.remove("guard")
        words.insert(len(words) if is_guard else 0, "guard")
    if words and words[-1] == "guard" and not is_guard:
        words.append("word")
    marked = "-".join((pseudonyms.mark("memory", name), *words))
    return joined(start, marked) + ("" if is_guard else end)


def joined(start: str, mark: str) -> str:
    """Return a start with a mark behind it."""
    return start + ("" if not start or start[-1] in "-_./: [" else "-") + mark
