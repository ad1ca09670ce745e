"""The arrows of the architecture: who may use whom, in C and in Python.

Data moves from the source to the outputs; what is on the right may use what is on its
left, never the reverse.  A new file, or a new arrow, is written down here first.
"""

import re

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
