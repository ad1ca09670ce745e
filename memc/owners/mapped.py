"""Whose code is mapped: the languages and allocators that may have anonymous memory.

That says nothing of a region, so it is never wrong.
"""

from __future__ import annotations

from itertools import compress

from memc.owners.kinds import EXEC, bare_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from memc.owners.owner import Owner
    from memc.table.region import Table

__all__ = ["mapped_runtimes"]

# The word, and the starts of the last parts of paths, in lower case.
FILES = (
    ("CPython", ("python", "libpython")),
    ("PyPy", ("pypy", "libpypy")),
    ("Java", ("libjvm.so",)),
    ("OpenJ9", ("libj9vm",)),
    ("V8", ("node", "libnode", "electron", "deno", "libv8")),
    ("Chromium", ("chrome", "chromium", "brave", "msedge", "vivaldi", "opera")),
    ("JavaScriptCore", ("libjavascriptcore", "bun")),
    ("SpiderMonkey", ("libmozjs", "libxul")),
    (".NET", ("libcoreclr", "libclrjit")),
    ("Mono", ("mono", "libmono")),
    ("Ruby", ("ruby", "libruby")),
    ("PHP", ("php", "libphp")),
    ("Perl", ("perl", "libperl")),
    ("LuaJIT", ("luajit", "libluajit")),
    ("Lua", ("lua5", "liblua5", "liblua.")),
    ("Erlang", ("beam.",)),
    ("OCaml", ("ocaml", "libasmrun", "libcamlrun")),
    ("Haskell", ("libhsrts",)),
    ("SBCL", ("sbcl",)),
    ("Guile", ("guile", "libguile")),
    ("R", ("libr.so",)),
    ("Julia", ("libjulia",)),
    ("Octave", ("liboctave", "liboctinterp")),
    ("Tcl", ("libtcl", "tclsh")),
    ("Boehm's collector", ("libgc.so",)),
    ("jemalloc", ("libjemalloc", "redis-server")),
    ("mimalloc", ("libmimalloc",)),
    ("tcmalloc", ("libtcmalloc",)),
    ("Scudo", ("libscudo",)),
    ("OpenBLAS", ("libopenblas", "libscipy_openblas", "openblas")),
    ("MKL", ("libmkl_",)),
    ("PyTorch", ("libtorch",)),
    ("TensorFlow", ("libtensorflow",)),
    ("Arrow", ("libarrow.",)),
    ("CUDA", ("libcuda.", "libcudart")),
    ("qemu", ("qemu-",)),
    ("WebAssembly", ("libwasmtime", "wasmtime", "libwasmer", "libiwasm")),
)
# Folders of packages in a path.
FOLDERS = (
    ("numpy (malloc blocks ≥ 128 KiB)", "/numpy/"),
    ("pandas", "/pandas/"),
    ("polars", "/polars/"),
)
OWNED = (("Go", "Go heap"),)  # programs in which no file tells the language
ORDER = (
    *(word for word, _ in FILES[:2]),
    *(word for word, _ in FOLDERS),
    *(word for word, _ in FILES[2:]),
    *(word for word, _ in OWNED),
)
IS_CODE = bytes(perm & EXEC for perm in range(256))  # by the permissions
COUNT_MAX = 1024
_words: dict[str, tuple[str, ...]] = {}  # most processes map the same libraries


def mapped_runtimes(table: Table, owners: Iterable[Owner] | None = None) -> list[str]:
    """Return the languages and allocators whose code is mapped, in words.

    `owners` are those of the table, if they are known already.
    """
    names, perms = table.columns["pathname"], table.columns["perm"].values
    code = set(compress(names.values.tolist(), perms.tobytes().translate(IS_CODE)))
    decode = names.decode or str
    found = {word for name in code for word in _words_of(str(decode(name)))}
    told = {owner.owner for owner in set(owners or table.find_owners())}
    found |= {word for word, owner in OWNED if owner in told}
    return sorted(found, key=ORDER.index)


def _words_of(path: str) -> tuple[str, ...]:
    """Return the languages and allocators that a file of code is of."""
    found = _words.get(path)
    if found is None:
        if len(_words) >= COUNT_MAX:
            _words.clear()
        bare = bare_name(path).lower() if path.startswith("/") else ""
        found = _words[path] = (
            *(word for word, starts in FILES if bare.startswith(starts)),
            *(word for word, part in FOLDERS if part in path),
        )
    return found
