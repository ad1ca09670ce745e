"""The static native command: one file, which needs nothing on a host."""

import json
import os
import subprocess

import pytest
from support.static_command import built, static

import memc

PT_INTERP = 3


@pytest.fixture(scope="module")
def command(tmp_path_factory):
    return static(tmp_path_factory.mktemp("static"))


def program_headers(data):
    """Give the type of each program header of a 64-bit file, as elf(5) has them."""
    order = "little" if data[5] == 1 else "big"
    first = int.from_bytes(data[32:40], order)
    size, count = (int.from_bytes(data[i : i + 2], order) for i in (54, 56))
    starts = range(first, first + size * count, size)
    return {int.from_bytes(data[i : i + 4], order) for i in starts}


def test_it_names_no_interpreter_and_no_library(command):
    assert PT_INTERP not in program_headers(command.read_bytes())


@pytest.mark.parametrize(
    ("sanitizers", "is_static"),
    [
        pytest.param("", True, id="glibc of Debian allows it"),
        pytest.param("address", False, id="a sanitizer is a library"),
    ],
)
def test_pip_links_it_statically_where_it_can(tmp_path, sanitizers, is_static):
    made = built(tmp_path, "AUTO", "gcc", f"-DMEMC_SANITIZE={sanitizers}")
    assert (PT_INTERP not in program_headers(made.read_bytes())) == is_static
    assert subprocess.check_output([made, "--version"]).startswith(b"memc ")


def test_it_is_small(command):
    assert command.stat().st_size < 2 << 20


def test_it_tells_what_memc_tells(command, tmp_path):
    argv = [command, str(os.getpid()), "--smaps", "--compact"]
    done = subprocess.run(argv, capture_output=True, check=True, env={})
    (tmp_path / "told.json").write_bytes(done.stdout)
    loaded = memc.load(tmp_path / "told.json")
    assert loaded.pid == os.getpid()
    assert loaded.total_rss_kb > 0
    own = json.loads(memc.snapshot(os.getpid(), detail="smaps").to_json())
    assert {*json.loads(done.stdout)} == {*own}


def test_its_words_are_english_in_every_locale(command):
    argv = [command, "--all", "--proc", "/nowhere"]
    for locale in ("C", "de_DE.UTF-8"):
        done = subprocess.run(
            argv, capture_output=True, text=True, check=False, env={"LC_ALL": locale}
        )
        assert done.returncode == 1
        assert "/nowhere: No such file or directory" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may change its root")
def test_it_runs_where_there_is_nothing_else(command, tmp_path):
    empty = tmp_path / "empty"
    (empty / "proc").mkdir(parents=True)
    script = (
        'mount -t proc none "$0/proc" && cp "$1" "$0/memc" && exec chroot "$0" /memc '
        "1 --smaps --compact"
    )
    unshare = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
    argv = [*unshare, "sh", "-c", script, empty, command]
    done = subprocess.run(argv, capture_output=True, check=True)
    assert json.loads(done.stdout)["pid"] == 1
