"""The plan of the house: a room may import only rooms named before it.

A room is a folder of ``csrc/`` or ``memc/``, or a module in the hall of ``memc/``.
The imports are read from the code: a lazy one counts, one for type checkers does not.
"""

import re
from graphlib import TopologicalSorter

import pytest
from support.corpus import CHECKOUT as ROOT
from support.imports import imported

C_ROOMS = """
include base table parse proc json arrow tell options python main _ffi_prelude"""
APART = {("json", "arrow"), ("arrow", "json"), ("_ffi_prelude", "main")}
ROOMS = """
errors _built _version human ffi table proc pure read fast fallback files sampling
owners cgroups targets freeing accounts analysis risks limits pytest_plugin record serve
report top fleet bundle export cli"""
FACE = ("memc", "memc.__main__")  # these may name any room, lazily
PUBLIC = ("owners", "serve", "fleet")  # rooms whose __init__ holds their public names
FFI = "memc.ffi._memc"

CALLS = """
close execv fdopendir getenv geteuid ioctl isatty kill mmap open openat opendir pread
prctl ptrace read readdir readlink sched_getaffinity socket syscall write"""
CALLERS = (
    "base/block.c",
    "json/writer.c",
    "main.c",
    "python.c",
)  # mmap, write; command


def c_files():
    return sorted((ROOT / "csrc").rglob("*.[ch]"))


def modules():
    return sorted((ROOT / "memc").rglob("*.py"))


def short(path):
    return str(path.relative_to(ROOT / "csrc"))


def name_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {name_of(path) for path in modules()} | {FFI}


def room_of(module):
    return module.split(".")[1] if "." in module else module


def imports(path):
    """Name the modules that a file imports, at its top or in a function."""
    for module, names in imported(path):
        if not names:
            yield module
        for name in names:
            whole = f"{module}.{name}"
            yield whole if whole in NAMES else module


def ours(path):
    return {name for name in imports(path) if name.split(".")[0] == "memc"}


def test_every_room_has_a_place_in_the_list():
    assert {room_of(name) for name in NAMES - {*FACE}} <= {*ROOMS.split()}
    assert {short(path).split("/")[0].split(".")[0] for path in c_files()} <= {
        *C_ROOMS.split()
    }


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_a_module_imports_only_rooms_named_before_its_own(path):
    name = name_of(path)
    if name in FACE:
        return
    rooms = ROOMS.split()
    before = {*rooms[: rooms.index(room_of(name)) + 1], "memc"}
    assert {other for other in ours(path) if room_of(other) not in before} == set()


@pytest.mark.parametrize("path", c_files(), ids=short)
def test_a_c_file_includes_only_rooms_named_before_its_own(path):
    room = short(path).split("/")[0].split(".")[0]
    found = re.findall(r'^#include "(?:(.+)/)?.+"', path.read_text(), re.MULTILINE)
    rooms = {(other or "include").split("/")[0] for other in found}
    rooms = {"include" if other == "memc" else other for other in rooms}
    allowed = C_ROOMS.split()
    assert rooms <= {*allowed[: allowed.index(room) + 1]}
    assert not {(room, other) for other in rooms} & APART


@pytest.mark.parametrize("arrows", ["memc", "csrc"])
def test_no_files_import_each_other_in_a_circle(arrows):
    """The face is left out: a document goes through it to rooms that come later."""
    if arrows == "memc":
        graph = {
            name_of(p): ours(p) - {*FACE} for p in modules() if name_of(p) != "memc"
        }
    else:
        graph = {}
        for path in c_files():  # a .c file and its header are one
            found = re.findall(r'^#include "(.+)\.h"', path.read_text(), re.MULTILINE)
            stem = short(path)[:-2]
            graph.setdefault(stem, set()).update({*found} - {stem})
    assert list(TopologicalSorter(graph).static_order())


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_a_library_has_one_room(path):
    name, found = name_of(path), set(imports(path))
    assert "cffi" not in found
    assert FFI not in found or room_of(name) == "ffi"
    assert not {"memc.ffi.lib"} & found or name.startswith(
        ("memc.ffi", "memc.read.native")
    )
    assert "argparse" not in found or room_of(name) == "cli"


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_no_module_is_named_in_a_string(path):
    """A room is imported by a statement, which this file can see."""
    if name_of(path) in (*FACE, "memc.cli.commands", "memc.cli.lean"):
        return
    assert "importlib" not in {name.split(".")[0] for name in imports(path)}
    assert "__import__" not in path.read_text()


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_an_init_is_empty_and_no_file_is_long(path):
    text = path.read_text()
    assert len(text.splitlines()) <= 400
    if path.name == "__init__.py" and path.parent != ROOT / "memc":
        room = ".".join(path.relative_to(ROOT / "memc").parts[:-1])
        assert not text if room not in PUBLIC else len(text) < 1000


@pytest.mark.parametrize("path", c_files(), ids=short)
def test_only_proc_and_the_command_make_system_calls(path):
    code = re.sub(r'/\*.*?\*/|"(?:\\.|[^"\\])*"', "", path.read_text(), flags=re.DOTALL)
    found = [
        name for name in CALLS.split() if re.search(rf"(?<![\w>.])\b{name}\(", code)
    ]
    assert not found or short(path).startswith(("proc/", *CALLERS))


@pytest.mark.parametrize("path", c_files(), ids=short)
def test_no_c_file_has_static_data_that_changes(path):
    lines = [x for x in path.read_text().split("\n") if x.startswith("static ")]
    data = [x for x in lines if "=" in x.split("(")[0] or x.endswith(";")]
    assert [x for x in data if "const" not in x and "(" not in x] == []


def test_tests_are_in_a_folder_a_room_and_no_two_have_one_name():
    files = [path.relative_to(ROOT) for path in ROOT.glob("tests/**/test_*.py")]
    rooms = {*ROOMS.split(), *C_ROOMS.split(), "house", "clib", "engines", "wheels"}
    assert {path.parts[1] for path in files} <= rooms
    assert [path for path in files if len(path.parts) != 3] == []
    assert len({path.name for path in files}) == len(files)
