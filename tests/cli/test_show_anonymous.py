"""``memc show`` names once whose code is mapped where memory is anonymous."""

import pytest
from support.family import document
from support.layouts import smaps_text

BLOCK = "7f9000001000-7f9000201000 rw-p # rd wr ac # Rss 8, Pss 8"
PYTHON = "400000-800000 r-xp /usr/bin/python3.11 # rd ex # Rss 4, Pss 4"
NUMPY = "7f0000000000-7f0000100000 r-xp /v/numpy/_core/_multiarray.so # rd ex # Rss 4"
BLAS = "7f1000000000-7f1000100000 r-xp /v/numpy.libs/libscipy_openblas.so # rd ex"
NODE = "400000-800000 r-xp /usr/bin/node # rd ex # Rss 4, Pss 4"
DASH = "anonymous — "


@pytest.fixture
def files(tmp_path):
    """Give a function: the paths of files with these layouts."""

    def write(*layouts):
        paths = []
        for n, lines in enumerate(layouts):
            paths.append(tmp_path / f"{n}.txt")
            paths[-1].write_bytes(smaps_text("\n".join(lines)))
        return paths

    return write


def told(done):
    return [line for line in done.out.decode().splitlines() if line.startswith(DASH)]


def test_runtimes_are_named_once(memc, files):
    paths = files([PYTHON, NUMPY, BLAS, BLOCK])
    line = f"{DASH}CPython, numpy (malloc blocks ≥ 128 KiB), OpenBLAS"
    assert told(memc("show", *paths)) == [line]
    found = document(memc("show", *paths, "--json"))
    assert ", ".join(found["runtimes"]) == line.removeprefix(DASH)


def test_of_several_processes_it_tells_in_how_many(memc, files):
    paths = files([PYTHON, BLOCK], [PYTHON, BLOCK], [NODE, BLOCK], [PYTHON])
    assert told(memc("show", *paths)) == [f"{DASH}CPython in 2, V8 in 1"]
    found = document(memc("show", *paths, "--json"))
    assert found["runtimes"] == ["CPython", "V8"]


@pytest.mark.parametrize("layout", [[PYTHON], [BLOCK]], ids=["all known", "no runtime"])
def test_nothing_is_told_where_there_is_nothing(memc, files, layout):
    paths = files(layout)
    assert told(memc("show", *paths)) == []
    assert "runtimes" not in document(memc("show", *paths, "--json"))


@pytest.mark.parametrize("by", ["type", "path", "region", "process"])
def test_only_tables_by_owner_name_them(memc, files, by):
    paths = files([PYTHON, BLOCK])
    assert told(memc("show", *paths, "--by", by)) == []
    assert "runtimes" not in document(memc("show", *paths, "--by", by, "--json"))


def test_many_fit_in_80_columns(memc, files):
    names = "ruby perl php luajit node mono guile sbcl libjulia.so liboctave.so"
    code = [
        f"7f{n:02x}00000000-7f{n:02x}00001000 r-xp /usr/lib/{name} # rd ex"
        for n, name in enumerate(f"{names} libtorch.so libmkl_core.so".split())
    ]
    paths = files([*code, BLOCK])
    (line,) = told(memc("show", *paths))
    assert len(line) <= 80
    assert line.endswith(" more")
    assert len(document(memc("show", *paths, "--json"))["runtimes"]) == 12
