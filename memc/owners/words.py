"""Tests that go by the names that programs give to memory, for the rules of owners.

Each test returns the label of the owner, or None if the region does not match.  A name
"[anon:NAME]" comes from PR_SET_VMA_ANON_NAME.
"""

from __future__ import annotations

from memc.owners.kinds import EXEC, PRIVATE, WRITE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from memc.owners.layout import Layout

GLIBC_STACKS = (" glibc: pthread stack: ", " glibc: pthread user stack: ")
ALLOCATORS = (
    *(" glibc: ", "libc_malloc", "scudo:", "GWP-ASan", "bionic_alloc", "tcmalloc"),
    *("snmalloc", "rpmalloc", "musl", "hardened_malloc", "WebKit Malloc", "bmalloc"),
)
PHP = ("zend", "php", "PHP")
RUNTIMES = (
    *("OCaml", "ocaml", "js-gc", "JSC", "JavaScriptCore", "Gigacage", "hermes"),
    *("lua", "LuaJIT", "erts", "BEAM", "mono", "sbcl", "guile", "perl", "Racket"),
)
TEXTS = ("huge_code_pages", "nodejs Large Page", "huge_text", "hugify")
LIBRARIES = (".so", ".dll", ".sprx", ".prx", ".dylib")
NUMBERED = (*GLIBC_STACKS, "stack_and_tls:")  # the number of a thread follows these


def runtime_code(layout: Layout, i: int) -> str | None:
    """Match executable memory that a runtime with a compiler gave its name to."""
    name = layout.name[i][len("[anon:") : -1]
    is_runtime = name.startswith(("v8", "V8", "js-exec", *RUNTIMES))
    return name if layout.perm[i] & EXEC and is_runtime else None


def guard(layout: Layout, i: int) -> str | None:
    """Match memory without access that is named a guard, or as a thread's stack."""
    name = layout.name[i][len("[anon:") : -1]
    is_closed = layout.perm[i] == PRIVATE
    if is_closed and (name.endswith("guard") or name.startswith(NUMBERED)):
        return name.strip()
    return None


def named(*starts: str) -> Callable[[Layout, int], str | None]:
    """Make a test for "[anon:NAME]"; the label is NAME, or the thread in it."""

    def test(layout: Layout, i: int) -> str | None:
        name = layout.name[i][len("[anon:") : -1]
        if not name.startswith(starts):
            return None
        for start in NUMBERED:
            name = name.removeprefix(start)
        return name.strip()

    return test


def word(*words: str, without: str = "signal") -> Callable[[Layout, int], str | None]:
    """Make a test for "[anon:NAME]" with all of these words in it, in any case."""

    def test(layout: Layout, i: int) -> str | None:
        name = layout.name[i][len("[anon:") : -1]
        low = name.lower()
        has_all = all(part in low for part in words) and without not in low
        return name if has_all else None

    return test


def named_text(layout: Layout, i: int) -> str | None:
    """Match a program's code on huge pages, by the name that programs give to it."""
    name = layout.name[i][len("[anon:") : -1]
    is_code = layout.perm[i] & EXEC and not layout.perm[i] & WRITE
    return name if is_code and name.startswith(TEXTS) else None


def named_library(layout: Layout, i: int) -> str | None:
    """Match code that an emulator named after the library it comes from."""
    name = layout.name[i][len("[anon:") : -1]
    return name if layout.perm[i] & EXEC and name.endswith(LIBRARIES) else None
