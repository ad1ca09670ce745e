"""The type of a region, by its name and permissions.  The first rule that fits decides.

A name that starts with "/" is that of a file, whatever else is in the name.  Names that
start with a bracket are the kernel's own.
"""

from __future__ import annotations

from memc.table.fields import TYPES

SPECIAL = {
    b"[heap]": "heap",
    b"[vdso]": "vdso",
    b"[vvar]": "vvar",
    b"[vvar_vclock]": "vvar",
    b"[vsyscall]": "vsyscall",
}
# Names of memory without a file on disk: whole names, and starts of names.
ANONYMOUS = (b"/dev/zero", b"/anon_hugepage")
ANONYMOUS_STARTS = (b"[anon:", b"[anon_shmem:", b"/memfd:", b"/SYSV")


def classify(name: bytes, *, executable: bool) -> int:
    """Return the type of a region, as an index into ``memc.table.fields.TYPES``."""
    return TYPES.index(_type(name, executable=executable))


def _type(name: bytes, *, executable: bool) -> str:
    special = SPECIAL.get(name)
    if special is not None:
        return special
    if name.startswith(b"[stack"):  # [stack:TID] on Linux 3.4 to 4.4
        return "stack"
    bare = name.removesuffix(b" (deleted)")
    is_file = name.startswith(b"/")
    if is_file and is_shared_lib(bare):
        return "shared_lib"
    if executable and (is_file or not name or name.startswith(b"[anon")):
        return "code"
    if not name or bare in ANONYMOUS or name.startswith(ANONYMOUS_STARTS):
        return "anonymous"
    return "mapped_file" if is_file else "unknown"


def is_shared_lib(path: bytes) -> bool:
    """Tell whether a path is a library: libx.so or libx.so.6, but not ld.so.cache."""
    name = path.rpartition(b"/")[2]
    if b".so" not in name:
        return False
    _, *rest = name.split(b".so")
    return not rest[-1] or any(r[:1] == b"." and r[1:2].isdigit() for r in rest)
