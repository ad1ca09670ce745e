"""Whose code is mapped: what may have the memory that no rule explains."""

import pytest
from support.cases import cases
from support.layouts import maps_text
from support.readers import PURE

from memc.owners import mapped_runtimes
from memc.owners.mapped import ORDER

NUMPY = "numpy (malloc blocks ≥ 128 KiB)"
SITE = "/usr/lib/python3/dist-packages/numpy"
# the words, the files with code, why
MAPPED = [
    (["CPython"], ["/usr/bin/python3.11"], "a program"),
    (["CPython"], ["/usr/sbin/uwsgi", "/usr/lib/libpython3.12.so.1.0"], "embedded"),
    (["CPython", NUMPY, "OpenBLAS"],
     ["/usr/bin/python3.11", f"{SITE}/core/_multiarray.so",
      f"{SITE}.libs/libscipy_openblas64_-ff65.so"], "the case of the design"),
    (["Java"], ["/opt/jre/bin/java", "/opt/jre/lib/server/libjvm.so"], "a library"),
    (["V8"], ["/usr/bin/node"], "Node.js"),
    (["Chromium"], ["/usr/lib/chromium/chromium (deleted)"], "updated meanwhile"),
    (["PHP", "jemalloc"], ["/usr/bin/php8.2", "/lib/libjemalloc.so.2"], "preloaded"),
    (["Erlang"], ["/usr/lib/erlang/erts-13/bin/beam.smp"], "a name with a dot"),
    ([], ["/srv/app", "/lib/libc.so.6"], "none of them"),
    ([], ["/home/python/app", "/srv/node/run"], "only a folder's name"),
    ([], [], "no file"),
]  # fmt: skip


def layout(files, perm="r-xp"):
    places = [(0x10000 + (n << 20), name) for n, name in enumerate(files)]
    text = "\n".join(f"{p:x}-{p + 4096:x} {perm} {name}" for p, name in places)
    return PURE.parse_text(maps_text(text), "maps", strict=True)


@cases(MAPPED, why=2)
def test_code_tells_the_runtimes(case):
    words, files, _ = case
    assert mapped_runtimes(layout(files)) == words


@pytest.mark.parametrize("perm", ["r--p", "rw-s"])
def test_files_without_code_tell_nothing(perm):
    assert mapped_runtimes(layout(["/usr/bin/python3.11"], perm)) == []


def test_go_is_told_by_its_heap():
    text = """
        400000-600000 r-xp /srv/app
        c000000000-c000400000 rw-p
        c000400000-c004000000 ---p"""
    table = PURE.parse_text(maps_text(text), "maps", strict=True)
    assert mapped_runtimes(table) == ["Go"]
    assert mapped_runtimes(table, table.owners()) == ["Go"]


def test_words_are_told_once_and_in_one_order():
    assert len({*ORDER}) == len(ORDER)
    files = ["/usr/bin/ruby", "/usr/bin/python3", "/lib/libpython3.11.so"]
    assert mapped_runtimes(layout(files)) == ["CPython", "Ruby"]


def test_owners_that_are_known_are_not_looked_for_again(monkeypatch):
    table = layout(["/usr/bin/python3"])
    known = table.owners()
    again = layout(["/usr/bin/python3"])
    monkeypatch.setattr("memc.owners.owners", None)  # a call would fail
    assert mapped_runtimes(again, known) == ["CPython"]
