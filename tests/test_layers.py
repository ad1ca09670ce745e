"""The arrows of the architecture: who may use whom, in C and in Python.

Data moves from the source to the outputs; what is on the right may use what is on its
left, never the reverse.  A new file, or a new arrow, is written down here first.
"""

import ast
import re
from graphlib import TopologicalSorter

import pytest
from support.corpus import CHECKOUT as ROOT

API = {"memc.h"}
C = {
    # The contract, and what all may use: no input or output, no globals.
    "memc_api.h": set(),
    "memc.h": {"memc_api.h", "memc_version.h"},
    "_ffi_prelude.c": API | {"arrow.h"},
    "scan.h": set(),
    "swar.h": set(),
    "utf8.h": set(),
    "utf8.c": {"utf8.h"},
    "clock.h": set(),
    "block.h": set(),
    "block.c": {"block.h"},
    "strpool.h": API,
    "strpool.c": {"strpool.h"},
    "intern.h": {"scan.h", "strpool.h"},
    "intern.c": {"intern.h"},
    "fields.h": API,
    "fields.c": {"fields.h"},
    "table.h": API | {"block.h", "fields.h", "strpool.h"},
    "values.c": {"table.h"},
    "table.c": {"table.h"},
    "snapshot.c": {"table.h"},
    "message.c": {"table.h"},
    # Text to a table.
    "expect.h": {"scan.h"},
    "header.h": {"expect.h"},
    "header.c": {"header.h", "swar.h"},
    "counter.h": {"expect.h", "table.h"},
    "counter.c": {"counter.h", "intern.h"},
    "quick.h": {"header.h", "table.h"},
    "learn.c": {"quick.h", "swar.h"},
    "quick.c": {"intern.h", "quick.h", "swar.h"},
    "parse.h": {"quick.h", "scan.h", "table.h"},
    "parse.c": {"counter.h", "header.h", "intern.h", "parse.h"},
    "keyvals.h": {"scan.h"},
    "keyvals.c": {"keyvals.h"},
    "repair.h": {"table.h"},
    "repair.c": {"repair.h"},
    "classify.h": {"table.h"},
    "classify.c": {"classify.h"},
    "complete.h": {"table.h"},
    "complete.c": {"classify.h", "complete.h", "repair.h"},
    "text.c": {"complete.h", "parse.h"},
    # Files of processes to tables.
    "pids.h": API,
    "pids.c": {"pids.h", "scan.h"},
    "rights.h": set(),
    "rights.c": {"rights.h"},
    "source.h": API,
    "source.c": {"keyvals.h", "pids.h", "rights.h", "source.h"},
    "pagemap.h": {"source.h", "table.h"},
    "pagemap.c": {"pagemap.h", "pagescan.h"},
    "pagescan.h": set(),
    "pagescan.c": {"clock.h", "pagescan.h"},
    "totals.h": {"source.h", "table.h"},
    "totals.c": {"clock.h", "keyvals.h", "totals.h"},
    "budget.h": {"source.h", "table.h"},
    "budget.c": {"budget.h", "totals.h"},
    "collect.h": {"source.h", "table.h"},
    "collect.c": {
        *("budget.h", "clock.h", "collect.h", "complete.h", "pagemap.h"),
        *("parse.h", "repair.h", "totals.h"),
    },
    "owner.h": {"source.h"},
    "owner.c": {"keyvals.h", "owner.h"},
    "system.h": {"collect.h"},
    "system.c": {"clock.h", "owner.h", "system.h"},
    # Tables to documents.
    "json.h": API,
    "json.c": {"json.h", "utf8.h"},
    "regions.h": {"json.h", "table.h"},
    "regions.c": {"regions.h", "scan.h", "utf8.h"},
    "entry.h": {"regions.h"},
    "entry.c": {"entry.h"},
    "processes.h": {"json.h", "system.h"},
    "processes.c": {"entry.h", "processes.h"},
    "document.c": {"entry.h", "processes.h"},
    # Tables to Arrow streams.
    "arrow.h": set(),
    "arrow.c": {"arrow.h", "export.h"},
    "dictionary.h": {"strpool.h"},
    "dictionary.c": {"dictionary.h", "table.h", "utf8.h"},
    "export.h": {"system.h"},
    "export.c": {"export.h", "utf8.h"},
    "export_copy.c": {"export.h"},
    "export_fill.c": {"dictionary.h", "export.h"},
    "main.c": API,
}

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
    "pids.c": {"close", "fdopendir", "openat", "readdir"},
    "rights.c": {"syscall"},
    "source.c": {"close", "geteuid", "kill", "open", "openat", "pread", "read"},
    "block.c": {"mmap"},  # memory for large columns
    "pagemap.c": {"ioctl", "pread"},
    "pagescan.c": {"ioctl", "pread"},
    "json.c": {"write"},  # the function of the API that writes to a file
    "main.c": {"close", "execv", "getenv", "isatty", "readlink"},
}


def c_files():
    return sorted((ROOT / "csrc").glob("*.[ch]"))


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


@pytest.mark.parametrize("path", c_files(), ids=lambda path: path.name)
def test_c_file_includes_only_what_its_layer_allows(path):
    found = set(re.findall(r'^#include "(.+)"', path.read_text(), re.MULTILINE))
    assert found - C[path.name] == set()


@pytest.mark.parametrize("path", c_files(), ids=lambda path: path.name)
def test_only_the_source_and_the_command_make_system_calls(path):
    code = re.sub(r'/\*.*?\*/|"(?:\\.|[^"\\])*"', "", path.read_text(), flags=re.DOTALL)
    found = {
        name for name in CALLS.split() if re.search(rf"(?<![\w>.])\b{name}\(", code)
    }
    assert found - MAY_CALL.get(path.name, set()) == set()


@pytest.mark.parametrize("path", c_files(), ids=lambda path: path.name)
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


@pytest.mark.parametrize("table", [C, PYTHON], ids=["C", "Python"])
def test_what_the_tables_name_exists(table):
    files = {path.name for path in c_files()} | {name_of(path) for path in modules()}
    files |= {"memc_version.h", "memc._memc"}
    assert {*table, *(name for allowed in table.values() for name in allowed)} <= files


@pytest.mark.parametrize("table", [C, PYTHON], ids=["C", "Python"])
def test_no_arrow_leads_back(table):
    """A .c file and its header are one; so are the package and its lazy names."""
    arrows = {}
    for name, allowed in table.items():
        part = name.removesuffix(".h").removesuffix(".c")
        others = {other.removesuffix(".h") for other in allowed} - {part}
        arrows.setdefault(part, set()).update(others - LAZY.get(part, set()))
    assert list(TopologicalSorter(arrows).static_order())
