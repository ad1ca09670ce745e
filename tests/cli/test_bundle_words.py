"""``memc bundle``: what its command line takes, and what is said of the rest."""

import os

import pytest
from support import zips
from support.cases import cases
from support.commands import COMMANDS
from support.recordings import NOON, Made
from support.text import page

MEMC = COMMANDS["python"]


@pytest.fixture
def files(tmp_path):
    """Give a folder with one file of each kind."""
    (tmp_path / "maps.txt").write_bytes(page(1))
    (tmp_path / "bug.zip").write_bytes(zips.zipped())
    made = Made(tmp_path / "day.memc")
    made.run(NOON)
    made.close(NOON)
    return tmp_path


# the words, what is said, why
WRONG = [
    (["1"], "where to? give a file: -o bug.zip", "no output"),
    (["-o", "x.zip"], "which process? give a pid", "nobody"),
    (["1", "maps.txt", "-o", "x.zip"], "make a bundle of each", "live and a file"),
    (["--all", "maps.txt", "-o", "x.zip"], "make a bundle of each", "all and a file"),
    (["maps.txt", "bug.zip", "-o", "x.zip"], "one file makes a bundle", "two files"),
    (["maps.txt", "-o", "maps.txt"], "maps.txt would be replaced", "onto itself"),
    (["maps.txt", "--count", "2", "-o", "x.zip"], "--count is for live", "count"),
    (["maps.txt", "--interval", "2s", "-o", "x.zip"], "--interval is for live", "pace"),
    (["maps.txt", "--max-stall", "9", "-o", "x.zip"], "--max-stall is for", "stall"),
    (["1", "--interval", "2s", "-o", "x.zip"], "give --count 2 or more", "one sample"),
    (["1", "--max-stall", "9", "--rss", "-o", "x.zip"], "--detail smaps", "no stall"),
    (["1", "--count", "0", "-o", "x.zip"], "--count", "no sample"),
    (["1", "--count", "x", "-o", "x.zip"], "--count", "no number"),
    (["1", "--keep", "", "-o", "x.zip"], "--keep", "an empty pattern"),
    (["1", "--redact", " ", "-o", "x.zip"], "--redact", "a blank one"),
    (["1", "--plain", "--strict", "-o", "x.zip"], "--plain hides nothing", "both"),
    (["1", "--plain", "--keep", "*", "-o", "x.zip"], "--plain hides nothing", "keep"),
    (["1", "--plain", "--key", "k", "-o", "x.zip"], "--plain hides nothing", "a key"),
    (["1", "--plain", "--keep-names", "-o", "x.zip"], "--plain hides", "names"),
    (["--check", "bug.zip", "--strict"], "only reads a bundle: without --strict", "it"),
    (["--show", "bug.zip", "--key", "k"], "reads a bundle: without --key", "a key"),
    (["--show", "bug.zip", "--keep", "*"], "a bundle: without --keep", "a pattern"),
    (["--show", "bug.zip", "--count", "2"], "a bundle: without --count", "a count"),
    (["1", "--key", "x.zip", "-o", "x.zip"], "x.zip is the key", "the key replaced"),
    (["1", "--json", "-o", "x.zip"], "--json goes with --show or --check", "--json"),
    (["--check", "bug.zip", "--show", "bug.zip"], "give one of them", "both looks"),
    (["--check", "bug.zip", "1"], "reads one bundle and writes none", "and a pid"),
    (["--show", "bug.zip", "-o", "x.zip"], "without -o", "and an output"),
    (["1", "--at", "14:00", "-o", "x.zip"], "live processes have no past", "a time"),
    (["maps.txt", "--at", "14:00", "-o", "x.zip"], "is no recording", "a time"),
    (["1", "--output", "", "-o", ""], "output", "an empty output"),
    (["1", "--what", "-o", "x.zip"], "unknown option '--what'", "an option"),
]


@cases(WRONG, why=2)
def test_a_wrong_command_line_is_told_and_writes_nothing(files, case):
    words, said, _ = case
    before = sorted(os.listdir(files))
    result = MEMC("bundle", *words, prefix=("env", "-C", files))
    assert (result.status, result.out) == (2, b""), result.err
    assert said in result.err.decode(), result.err
    assert result.err.startswith(b"memc: ")
    assert b"memc bundle --help" in result.err
    assert sorted(os.listdir(files)) == before


# the words, what is said, why
FAILED = [
    (["4194303", "-o", "x.zip"], "4194303: no such process", "nobody has this pid"),
    (["--name", "^no-such-name$", "-o", "x.zip"], "no process", "nobody has this name"),
    (["no.txt", "-o", "x.zip"], "no.txt: No such file", "no such file"),
    (["maps.txt", "-o", "no/x.zip"], "cannot write to no/x.zip", "no such folder"),
    (["maps.txt", "-o", "."], "cannot write to .", "a folder"),
    (["maps.txt", "--key", "maps.txt", "-o", "x.zip"], "others may read", "a key"),
    (["maps.txt", "--name", "x", "-o", "x.zip"], "tells no names", "a test"),
    (["--check", "no.zip"], "no.zip: No such file", "no bundle"),
    (["--check", "maps.txt"], "expected a bundle", "a text"),
    (["--show", "maps.txt"], "expected a bundle", "a text"),
    (["--show", "day.memc"], "expected a bundle", "a recording"),
    (["--show", "."], "expected a regular file", "a folder"),
    (["day.memc", "-o", "x.zip"], "", "a recording of nothing"),
]


@cases(FAILED, why=2)
def test_a_failure_is_told_and_writes_nothing(files, case):
    words, said, _ = case
    before = sorted(os.listdir(files))
    (files / "maps.txt").chmod(0o644)
    result = MEMC("bundle", *words, prefix=("env", "-C", files))
    assert (result.status, result.out) == (1, b""), result.err
    assert said in result.err.decode(), result.err
    assert result.err.startswith(b"memc: ")
    assert b"Traceback" not in result.err
    assert sorted(os.listdir(files)) == before


@pytest.mark.parametrize("name", ["native", "python", "pure"])
def test_the_help_says_what_is_never_taken(name):
    result = COMMANDS[name]("bundle", "--help")
    assert result.status == 0
    assert b"Never taken: memory, command lines, environments" in result.out


NESTED = b'{"format": 1, "x": ' + b"[" * 1000 + b"]" * 1000 + b"}"
OBJECTS = b'{"format": 1, "x": ' + b'{"a":' * 1000 + b"1" + b"}" * 1001


@pytest.mark.parametrize("member", ["manifest.json", "machine.json", "samples.ndjson"])
@pytest.mark.parametrize("data", [NESTED, OBJECTS], ids=["lists", "objects"])
@pytest.mark.parametrize("option", ["--show", "--check"])
def test_what_is_nested_deeply_is_refused_or_told(tmp_path, option, data, member):
    path = tmp_path / "deep.zip"
    path.write_bytes(zips.zipped(zips.MEMBERS | {member: data}))
    result = MEMC("bundle", option, path)
    assert result.status in (0, 1)
    assert b"Traceback" not in result.err
    assert result.out or result.err.startswith(b"memc: ")
