"""The wheels of a release: each asks of a machine what its name says, and no more."""

import subprocess
import zipfile

import pytest
from support.elf import needs

MOST_BYTES = 1_500_000  # of a wheel; nine tenths are Python's
MOST_COMPILED = 500_000  # of the library and the command in it, as they lie on a disk
GLIBC = {"libc.so.6", "libpthread.so.0", "librt.so.1", "libdl.so.2"}
LOADERS = {"ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}


def wheel_for(made, platform):
    (found,) = made.glob(f"memc-*-cp311-abi3-{platform}.whl")
    return found


def members(made, platform):
    """Give what is in it by name, without the version in the names."""
    with zipfile.ZipFile(wheel_for(made, platform)) as wheel:
        version = wheel.filename.split("/")[-1].split("-")[1]
        return {
            name.removeprefix(f"memc-{version}."): wheel.read(name)
            for name in wheel.namelist()
        }


@pytest.fixture
def library(made, platform):
    return members(made, platform)["memc/ffi/_memc.abi3.so"]


@pytest.fixture
def command(made, platform):
    return members(made, platform)["data/scripts/memc"]


def test_there_is_one_wheel_for_each_platform_and_nothing_else(made):
    assert len(list(made.glob("*.whl"))) == 4
    assert len(list(made.glob("memc-linux-*"))) == 2
    assert len(list(made.iterdir())) == 8, "and the sdist, and SHA256SUMS"


def test_a_wheel_is_small(made, platform):
    assert wheel_for(made, platform).stat().st_size <= MOST_BYTES


def test_what_is_compiled_is_small(library, command):
    assert len(library) + len(command) <= MOST_COMPILED


def test_all_wheels_have_the_same_files_and_the_same_python(made, platform):
    own, first = members(made, platform), members(made, "manylinux_2_17_x86_64")
    assert own.keys() == first.keys()
    compiled = {"memc/ffi/_memc.abi3.so", "data/scripts/memc"}
    named = {"dist-info/RECORD", "dist-info/WHEEL"}
    differ = {name for name in own if own[name] != first[name]}
    assert differ <= compiled | named


def test_manuals_and_completion_are_in_it(made, platform):
    names = members(made, platform).keys()
    assert "data/data/share/man/man1/memc.1" in names
    assert "data/data/share/man/man1/memc-show.1" in names
    assert "data/data/share/bash-completion/completions/memc" in names
    assert "data/data/share/zsh/site-functions/_memc" in names
    assert "data/data/share/fish/vendor_completions.d/memc.fish" in names
    assert "data/scripts/memc-py" in names


def test_the_library_asks_for_what_the_platform_has(library, platform):
    asked = needs(library)
    assert platform.endswith(asked.machine)
    assert not asked.searched
    if platform.startswith("musl"):
        assert asked.libraries <= {"libc.so"}
        assert asked.glibc == ()
    else:
        assert asked.libraries <= GLIBC | LOADERS
        assert asked.glibc <= (2, 17)


def test_the_command_asks_for_no_more(command, platform):
    asked = needs(command)
    assert platform.endswith(asked.machine)
    assert not asked.searched
    if platform.startswith("musl"):
        assert asked.loader is None
        assert asked.libraries == frozenset()
    else:
        assert asked.libraries <= GLIBC | LOADERS
        assert asked.glibc <= (2, 17)


LOAD = """
#include <dlfcn.h>
#include <stdio.h>
int main(int argc, char **argv)
{
    void *library = argc == 2 ? dlopen(argv[1], RTLD_NOW) : NULL;
    if (!library || !dlsym(library, "PyInit__memc"))
        printf("%s\\n", dlerror());
    return !library;
}
"""


def test_musl_finds_every_name_that_is_not_pythons(made, tmp_path):
    """There is no Python for musl here: a program says that it has Python's names."""
    library = members(made, "musllinux_1_2_x86_64")["memc/ffi/_memc.abi3.so"]
    python = sorted(
        name for name in needs(library).undefined if name.startswith(("Py", "_Py"))
    )
    assert python
    (tmp_path / "_memc.so").write_bytes(library)
    source = LOAD + "".join(f"char {name}[64];\n" for name in python)
    (tmp_path / "load.c").write_text(source)
    argv = ["musl-gcc", "-rdynamic", "-o", tmp_path / "load", tmp_path / "load.c"]
    subprocess.run(argv, check=True)
    argv = [tmp_path / "load", tmp_path / "_memc.so"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
