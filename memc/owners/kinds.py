"""The kind of each region, by its name and by how its file is mapped.

The rules of owners are tried by kind.  A nameless region is open if it may be read,
written or executed, and closed if not.
"""

from __future__ import annotations

from memc.pure.classify import is_shared_lib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.owners.layout import Layout

READ, WRITE, EXEC, PRIVATE = 1, 2, 4, 16
ACCESS = READ | WRITE | EXEC
RW_PRIVATE = READ | WRITE | PRIVATE

# Kinds are numbers, so that those of all regions are bytes.
NAMELESS = 0  # the kind of a name alone; its regions are open or closed
OPEN, CLOSED, NAMED, KERNEL, OBJECT = range(1, 6)
SPECIAL, LIBRARY, PROGRAM, FILE = range(6, 10)

# Files in memory: a program can be executed from them.
MEMORY_STARTS = ("/memfd:", "/dev/shm/", "/dev/ashmem/")  # noqa: S108 - only compared
# Names that look like paths but are no files, and folders of files with one purpose.
SPECIAL_STARTS = (
    "/memfd:",
    "/SYSV",
    "/dev/",
    "/anon_hugepage",
    "/[aio]",
    "/i915",
    "/drm mm object",
    "/dmabuf:",
    "/secretmem",
    "/sys/devices/",
)
# Files with code that a runtime loads, not the kernel.
CODE_FILES = (
    *(".oat", ".odex", ".dex", ".vdex", ".art", ".apk", ".jar"),
    *(".dll", ".sys", ".drv", ".ocx", ".cpl", ".acm", ".ax", ".winmd", ".pyd"),
    *(".node", ".oct", ".eln", ".mex", ".cmxs", ".dylib", ".bundle", ".sprx", ".prx"),
)
# Ends of names that programs have; any other word behind a dot is a plug-in's.
PROGRAM_ENDS = {
    *("exe", "bin", "out", "elf", "run", "appimage", "real", "wrapped", "orig"),
    *("x86_64", "amd64", "i386", "i686", "aarch64", "arm64", "arm", "riscv64"),
    *("static", "debug", "old", "new"),
}
DELETED = " (deleted)"
NAMED_BSS = "[anon:.bss]"  # belongs to the file before it
FAR, FAR_32 = 1 << 40, 1 << 29  # from a program to the libraries' part of memory
PARTS = 16  # of one program
PIECES = 16  # of text on huge pages, side by side


def find_kinds(layout: Layout) -> dict[str, int]:
    """Return the kind of the regions with each name."""
    code = _find_code(layout)
    program = _find_program(layout, code)
    guests = _find_guests(layout, program)
    return {
        name: PROGRAM if name in guests else _kind_of(layout, name, code, program)
        for name in layout.names()
    }


def kind_of(kind: int, perm: int) -> int:
    """Return the kind of a region, from that of its name and from its permissions."""
    return kind or (OPEN if perm & ACCESS else CLOSED)


def bare_name(path: str) -> str:
    """Return the last part of a path, without " (deleted)"."""
    return path.removesuffix(DELETED).rpartition("/")[2]


def file_around(layout: Layout, i: int) -> str | None:
    """Return the file whose parts lie on both sides of code that has no file.

    Programs move their code to huge pages so.  Several regions may lie side by side.
    """
    below = above = i
    while layout.touches(below) and i - below < PIECES and _is_loose(layout, below):
        below -= 1
    while layout.touches(above + 1) and above - i < PIECES and _is_loose(layout, above):
        above += 1
    name = layout.name[below]
    is_file = name.startswith("/") and layout.name[above] == name
    return name if is_file and not layout.perm[below] & WRITE else None


def _is_loose(layout: Layout, i: int) -> bool:
    name = layout.name[i]
    return not name or name.startswith("[anon:")


def _find_code(layout: Layout) -> dict[str, int]:
    """Return the files that are mapped as programs are, with their first code."""
    code: dict[str, int] = {}
    in_memory = False
    for i in layout.with_perm(EXEC.__and__):
        name = layout.name[i]
        if _is_loose(layout, i) and not layout.perm[i] & WRITE:
            name = file_around(layout, i) or ""
        if name.startswith("/"):
            code.setdefault(name, i)
            in_memory = in_memory or name.startswith(MEMORY_STARTS)
    layout.code = set(code)
    if in_memory:
        code = {
            name: i
            for name, i in code.items()
            if not name.startswith(SPECIAL_STARTS) or _is_elf(layout, name)
        }
    return {
        name: i
        for name, i in code.items()
        if not name.startswith(SPECIAL_STARTS) or name.startswith(MEMORY_STARTS)
    }


def _is_elf(layout: Layout, name: str) -> bool:
    """Tell whether a file is mapped as a program is: private, from its start, in parts.

    JIT code in a memfd is mapped shared, or not from the start.
    """
    if not name.startswith(MEMORY_STARTS) or "jit" in name.lower():
        return False
    looks = layout.looks
    rows = looks.rows(layout.name[i] == name for i in looks.first)
    perms = [layout.perm[i] for i in rows]
    if not 2 <= len(rows) <= PARTS or not all(perm & PRIVATE for perm in perms):
        return False
    is_start = layout.offset is None or layout.offset[rows[0]] == 0
    if perms[0] & WRITE or not is_start:
        return False
    return any(perm & EXEC and not perm & WRITE for perm in perms)


def _find_program(layout: Layout, code: dict[str, int]) -> str | None:
    """Return the file of the program: the heap that brk gives begins above it."""
    rows = {name: i for name, i in code.items() if not _is_library(name)}
    heap = layout.first("[heap]")
    if heap is not None:
        below = [name for name, i in rows.items() if i < heap]
        if below:
            return max(below, key=rows.__getitem__)
    plain = [name for name in rows if not _is_plugin(name)]
    return min(plain or rows, key=rows.__getitem__, default=None)


def _find_guests(layout: Layout, program: str | None) -> set[str]:
    """Return the programs that qemu emulates: it maps them without execution."""
    name = bare_name(program or "")
    if not name.startswith("qemu-") or name.startswith("qemu-system"):
        return set()
    starts, data = set(), set()
    for i in range(len(layout.perm)):
        file = layout.name[i]
        if not file.startswith("/") or not layout.perm[i] & PRIVATE:
            continue
        if layout.perm[i] & WRITE:
            data.add(file)
        elif layout.offset is None or layout.offset[i] == 0:
            starts.add(file)
    return {
        file
        for file in starts & data
        if not _is_library(file) and not file.startswith(SPECIAL_STARTS)
    }


def _kind_of(
    layout: Layout, name: str, code: dict[str, int], program: str | None
) -> int:
    """Return the kind of the regions with a name."""
    if name.startswith("/"):
        return _kind_of_file(layout, name, code.get(name), program)
    if name.startswith(("[anon:", "[anon_shmem:")):
        return NAMED
    if name.startswith("["):
        return KERNEL
    return OBJECT if name else NAMELESS


def _kind_of_file(
    layout: Layout, name: str, row: int | None, program: str | None
) -> int:
    """Return the kind of a file, whose first code is in region `row`."""
    if row is None:
        if name.startswith(SPECIAL_STARTS):
            return SPECIAL
        return LIBRARY if _is_shared(name) else FILE
    if _is_library(name):
        return LIBRARY
    if name != program and (_is_plugin(name) or _is_far(layout, row, program)):
        return LIBRARY
    return PROGRAM


def _is_shared(name: str) -> bool:
    return is_shared_lib(name.removesuffix(DELETED).encode("utf-8", "surrogateescape"))


def _is_library(name: str) -> bool:
    return name.removesuffix(DELETED).lower().endswith(CODE_FILES) or _is_shared(name)


def _is_plugin(name: str) -> bool:
    """Tell whether a word follows the last dot, as in the names of plug-ins."""
    if name.startswith("/memfd:"):
        return False
    _, dot, end = bare_name(name).lower().rpartition(".")
    return bool(dot) and end[:1].isalpha() and end not in PROGRAM_ENDS


def _is_far(layout: Layout, row: int, program: str | None) -> bool:
    """Tell whether code lies far above the program, where libraries are."""
    if program is None or program.lower().endswith(".exe"):  # Wine's loader is above
        return False
    first = layout.first(program) or 0
    far = layout.texts.far[row, first] = layout.is_far(row, first)
    return far
