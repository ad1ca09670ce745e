"""The arrows of the architecture: who may use whom, in C and in Python.

Data moves from the source to the outputs, never back.  The files of csrc lie in rooms,
and a room may use the rooms before it.  A new module of memc, or a new arrow between
modules, is written down here first.
"""

import ast
import re
from graphlib import TopologicalSorter

import pytest
from support.corpus import CHECKOUT as ROOT

# A room of csrc may use the rooms before it; json and arrow do not know each other.
# main.c and _ffi_prelude.c come last and know `include` alone, as other callers do.
C_ROOMS = ("include", "base", "table", "parse", "proc", "json", "arrow")
STRANGERS = {"json": "arrow", "arrow": "json"}

SHAPES = {"memc.columns", "memc.errors", "memc.fields", "memc.region", "memc.snapshot"}
OUTPUT = {"memc.cli.options", "memc.cli.output"}
PYTHON = {
    "memc": {
        *("memc.columns", "memc.errors", "memc.region", "memc.snapshot"),
        *("memc._version", "memc.fallback", "memc.fast"),
        *("memc.collector", "memc.differences", "memc.loading", "memc.sampler"),
    },
    "memc.__main__": {"memc.cli"},
    "memc._version": set(),
    # What a table and a snapshot are.
    "memc.columns": set(),
    "memc.errors": set(),
    "memc.fields": set(),
    "memc.region": {"memc._arrow", "memc.columns", "memc.fields"},
    "memc.snapshot": {
        *("memc._arrow", "memc._backend", "memc.document"),
        *("memc.errors", "memc.fields", "memc.region"),
    },
    "memc._arrow": {"memc._native", *SHAPES},
    "memc.document": SHAPES - {"memc.errors"},
    # The backends.
    "memc._backend": {"memc._native", "memc._pure", *SHAPES},
    "memc._native": {"memc._memc", *SHAPES},
    "memc.fast": {"memc._native", "memc.region", "memc.snapshot"},
    "memc._grammar": {"memc.fields"},
    "memc._classify": {"memc.fields"},
    "memc._notes": {"memc.errors", "memc.region"},
    "memc._table": {"memc._classify", "memc._grammar", *SHAPES - {"memc.snapshot"}},
    "memc._text": {
        *("memc._grammar", "memc._notes", "memc._table"),
        *(SHAPES - {"memc.snapshot"}),
    },
    "memc._procfs": {"memc._notes", "memc.errors"},
    "memc._region_list": {"memc._procfs"},
    "memc._identity": {"memc._procfs", "memc.errors"},
    "memc._pagemap": set(),
    "memc._pages": {
        *("memc._notes", "memc._pagemap", "memc._procfs", "memc._table"),
        *("memc.columns", "memc.region"),
    },
    "memc._totals": {"memc._grammar", "memc._notes", "memc._procfs", *SHAPES},
    "memc._pure": {
        *("memc._notes", "memc._pages", "memc._procfs", "memc._region_list"),
        *("memc._text", "memc._totals", *SHAPES),
    },
    "memc.fallback": {"memc._pure", "memc.region", "memc.snapshot"},
    # Files in.
    "memc._json_in": SHAPES,
    "memc.loading": {"memc._backend", "memc._json_in", *SHAPES},
    # Sampling.
    "memc.schedule": set(),
    "memc.sampler": {"memc._backend", "memc._identity", "memc.schedule", *SHAPES},
    "memc.collector": {"memc.sampler", "memc.snapshot"},
    "memc._signals": set(),
    "memc.atomic": {"memc._signals"},
    # Answers: what memory is for, of whom, and how much of it.
    "memc._layout": {"memc._classify", "memc.region"},
    "memc._names": {"memc._layout"},
    "memc._shapes": {"memc._layout"},
    "memc.owners": {"memc._layout", "memc._names", "memc._shapes", "memc.region"},
    "memc.threads": {"memc._procfs"},
    "memc.targets": {
        *("memc._backend", "memc._procfs", "memc._select", "memc.loading"),
        *("memc.errors", "memc.owners", "memc.region", "memc.snapshot", "memc.threads"),
    },
    "memc._select": {"memc._procfs", "memc.errors", "memc.snapshot", "memc.targets"},
    "memc._amounts": {"memc.region"},
    "memc.groups": {"memc._amounts", "memc.owners", "memc.region", "memc.targets"},
    "memc.limits": {"memc._amounts", "memc.region", "memc.snapshot", "memc.targets"},
    "memc.gate": {
        *("memc._backend", "memc._identity", "memc.errors", "memc.limits"),
        *("memc.snapshot", "memc.targets"),
    },
    "memc.table_text": set(),
    # What became of it.
    "memc._match": {"memc.region"},
    "memc._pair": {
        *("memc._amounts", "memc._match", "memc.columns", "memc.region"),
        "memc.targets",
    },
    "memc.growth": {"memc._pair", "memc.groups", "memc.owners"},
    "memc.differences": {
        *("memc._amounts", "memc._pair", "memc.fields", "memc.groups", "memc.growth"),
        *("memc.owners", "memc.region", "memc.snapshot", "memc.targets"),
    },
    "memc._units": set(),
    # In tests.
    "memc.meter": {
        *("memc._amounts", "memc._identity", "memc._units", "memc.differences"),
        *("memc.errors", "memc.limits", "memc.targets"),
    },
    "memc.meter_text": {"memc.differences", "memc.meter", "memc.table_text"},
    "memc.pytest_plugin": {
        *("memc.differences", "memc.errors", "memc.meter", "memc.meter_text"),
    },
    # The command.
    "memc.cli": {
        *("memc._version", "memc.cli.collect", "memc.cli.commands", "memc.cli.help"),
        *("memc.errors", *OUTPUT),
    },
    "memc.cli.commands": {"memc.cli.choose", "memc.cli.options"},
    "memc.cli.choose": {
        *("memc._backend", "memc.cli.progress", "memc.errors", "memc.snapshot"),
        *("memc.targets", *OUTPUT),
    },
    "memc.cli.form": {"memc.cli.choose", "memc.errors", "memc.groups"},
    "memc.cli.twice": {
        *("memc._identity", "memc._procfs", "memc.cli.amounts", "memc.cli.choose"),
        *("memc._pair", "memc.cli.output", "memc.errors", "memc.snapshot"),
        "memc.targets",
    },
    "memc.cli.show": {
        *("memc.cli.choose", "memc.cli.form", "memc.cli.show_data"),
        "memc.cli.show_text",
        *("memc.cli.twice", "memc.differences", "memc.groups"),
        *("memc.growth", "memc.targets", *OUTPUT),
    },
    "memc.cli.show_data": {
        *("memc.document", "memc.groups", "memc.owners", "memc.snapshot"),
        "memc.targets",
    },
    "memc.cli.sheet": {
        *("memc.cli.output", "memc.groups", "memc.table_text", "memc.targets"),
    },
    "memc.cli.amounts": {"memc._units"},
    "memc.cli.check": {
        *("memc._backend", "memc.cli.amounts", "memc.cli.check_text"),
        *("memc.cli.choose", "memc.errors", "memc.gate", "memc.limits"),
        *("memc.targets", *OUTPUT),
    },
    "memc.cli.check_text": {
        *("memc.cli.amounts", "memc.cli.show_data", "memc.document", "memc.gate"),
        *("memc.limits", "memc.table_text"),
    },
    "memc.cli.show_text": {"memc.cli.sheet", "memc.groups"},
    "memc.cli.diff": {
        *("memc.cli.choose", "memc.cli.diff_data", "memc.cli.diff_text"),
        "memc.cli.form",
        *("memc.cli.twice", "memc.differences", "memc.errors", "memc.groups"),
        *("memc.growth", "memc.targets", *OUTPUT),
    },
    "memc.cli.diff_data": {
        *("memc._pair", "memc.cli.show_data", "memc.cli.twice", "memc.document"),
        *("memc.groups", "memc.growth", "memc.targets"),
    },
    "memc.cli.diff_text": {
        *("memc._pair", "memc.cli.output", "memc.cli.sheet", "memc.groups"),
        *("memc.growth", "memc.table_text", "memc.targets"),
    },
    "memc.cli.collect": {
        *("memc._backend", "memc.cli.file", "memc.cli.progress", "memc.cli.stream"),
        *("memc.snapshot", *OUTPUT),
    },
    "memc.cli.file": {"memc.atomic", "memc.cli.collect", "memc.errors", *OUTPUT},
    "memc.cli.sections": set(),
    "memc.cli.help": {
        *("memc.cli.commands", "memc.cli.options", "memc.cli.sections"),
    },
    "memc.cli.man": {
        *("memc._version", "memc.cli.choose", "memc.cli.commands"),
        *("memc.cli.sections", *OUTPUT),
    },
    "memc.cli.options": {"memc.cli.values"},
    "memc.cli.output": {
        *("memc.cli.options", "memc.document", "memc.errors", "memc.snapshot"),
    },
    "memc.cli.progress": {
        *("memc._backend", "memc._notes", "memc._procfs"),
        *("memc.cli.output", "memc.errors", "memc.snapshot"),
    },
    "memc.cli.values": set(),
    "memc.cli.stream": {
        *("memc._identity", "memc._signals", "memc.cli.collect", "memc.errors"),
        *("memc.schedule", "memc.snapshot", *OUTPUT),
    },
}

# Imported inside a function, so that an arrow may lead back.
LAZY = {
    "memc.targets": {"memc._select"},
    "memc.region": {"memc._arrow"},
    "memc.snapshot": {"memc._arrow", "memc._backend", "memc.document"},
    "memc.cli.collect": {"memc.cli.file", "memc.cli.stream"},
}

CALLS = """
close execv fdopendir getenv geteuid ioctl isatty kill mmap open openat
opendir pread prctl ptrace read readdir readlink socket syscall write"""
MAY_CALL = {
    "base/block.c": {"mmap"},  # memory for large columns
    "proc/pids.c": {"close", "fdopendir", "openat", "readdir"},
    "proc/rights.c": {"syscall"},
    "proc/source.c": {"close", "geteuid", "kill", "open", "openat", "pread", "read"},
    "proc/pagescan.c": {"ioctl", "pread"},
    "json/writer.c": {"write"},  # the function of the API that writes to a file
    "main.c": {"close", "execv", "getenv", "isatty", "readlink"},
}


def c_files():
    return sorted((ROOT / "csrc").rglob("*.[ch]"))


def path_of(path):
    return str(path.relative_to(ROOT / "csrc"))


def includes(path):
    """Name the files of csrc that the file includes, as path_of() names them."""
    found = re.findall(r'^#include "(.+)"', path.read_text(), re.MULTILINE)
    return [f"include/{name}" if name.startswith("memc/") else name for name in found]


def modules():
    return sorted((ROOT / "memc").rglob("*.py"))


def name_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path):
    """Name the modules that the file imports, wherever and for whatever."""
    known = {name_of(other) for other in modules()}
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            yield from (whole & known) or {node.module}


@pytest.mark.parametrize("path", c_files(), ids=path_of)
def test_c_file_includes_only_rooms_before_its_own(path):
    room = path_of(path).split("/")[0]
    allowed = C_ROOMS[: C_ROOMS.index(room) + 1] if room in C_ROOMS else ("include",)
    used = {name.split("/")[0] for name in includes(path)}
    assert used - {*allowed} == set()
    assert STRANGERS.get(room) not in used


@pytest.mark.parametrize("path", c_files(), ids=path_of)
def test_only_the_source_and_the_command_make_system_calls(path):
    code = re.sub(r'/\*.*?\*/|"(?:\\.|[^"\\])*"', "", path.read_text(), flags=re.DOTALL)
    found = {
        name for name in CALLS.split() if re.search(rf"(?<![\w>.])\b{name}\(", code)
    }
    assert found - MAY_CALL.get(path_of(path), set()) == set()


@pytest.mark.parametrize("path", c_files(), ids=path_of)
def test_no_c_file_has_static_data_that_changes(path):
    lines = [
        line for line in path.read_text().split("\n") if line.startswith("static ")
    ]
    variables = [
        line for line in lines if "=" in line.split("(")[0] or line.endswith(";")
    ]
    assert [line for line in variables if "const" not in line and "(" not in line] == []


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_module_imports_only_what_its_layer_allows(path):
    ours = {name for name in imports(path) if name.split(".")[0] == "memc"}
    assert ours - PYTHON[name_of(path)] == set()


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_argparse_belongs_to_the_command_and_cffi_to_nobody(path):
    found = set(imports(path))
    assert "cffi" not in found
    assert "argparse" not in found or "cli" in path.parts


def test_what_the_tables_name_exists():
    files = {path_of(path) for path in c_files()} | {
        name_of(path) for path in modules()
    }
    named = {*PYTHON, *(name for allowed in PYTHON.values() for name in allowed)}
    assert {*named, *MAY_CALL} <= files | {"memc._memc"}


def test_no_include_leads_back():
    """A .c file and its header are one."""
    arrows = {}
    for path in c_files():
        part = path_of(path)[:-2]
        arrows.setdefault(part, set()).update(name[:-2] for name in includes(path))
        arrows[part] -= {part}
    assert list(TopologicalSorter(arrows).static_order())


def test_no_import_leads_back():
    """The package and its lazy names are one."""
    arrows = {
        name: allowed - {name} - LAZY.get(name, set())
        for name, allowed in PYTHON.items()
    }
    assert list(TopologicalSorter(arrows).static_order())
