"""The commands that read and write JSON, with orjson hidden: the same bytes."""

import re

import pytest
from support.commands import COMMANDS
from support.machines import fill
from support.recordings import NOON, Made
from support.without_orjson import HIDDEN

# What two runs print differently: when they were.
WHEN = re.compile(rb'("\w+_ms": ?|"cost_ns": ?|_seconds(?:_total)? |_bytes )[-+.e0-9]+')


@pytest.fixture(scope="module")
def files(world, tmp_path_factory):
    """Give a folder with documents, damaged ones, and a recording."""
    folder = tmp_path_factory.mktemp("files")
    take = COMMANDS["native"]
    whole = take("--all", "--smaps", "--full", "--proc", world).out
    (folder / "all.json").write_bytes(whole)
    one = take(20, "--smaps", "--compact", "--proc", world).out
    (folder / "one.json").write_bytes(one)
    (folder / "more.json").write_bytes(one + one[:77] + b"\n" + one)
    (folder / "cut.json").write_bytes(one[: len(one) // 2])
    (folder / "bad.json").write_bytes(b'{"pid": NaN}')
    made = Made(folder / "run.memc")
    made.run(NOON)
    leak = made.start(NOON, 100, b"le\xffak", cmdline="leak --fast")
    for second in range(9):
        held = {leak: {"malloc main heap": 1000 + second}}
        usage = {leak: {"rss_kb": 1024 * (second + 1)}}
        made.tick(NOON + second * 1000, usage, held=held)
    made.close()
    return folder


# The words; PROC and MACHINE are made-up /procs, and what has a dot is a file.
WORDS = """
20 --smaps --full --proc PROC
--all --uss --compact --proc PROC
show one.json --json
show all.json --by process --json
show all.json --csv
show more.json --json
show more.json --strict
show cut.json
show cut.json --strict
show bad.json
show --all --proc PROC --json
diff one.json all.json --json
diff one.json cut.json
diff one.json bad.json
check all.json --max-rss 1k --json
check more.json --max-growth 1k/s --json
check run.memc --max-rss 1M --json
machine --proc MACHINE --json
query run.memc --json
query run.memc --rss 100 --json
query run.memc --events --json
replay run.memc --at=+5s
replay run.memc --compact
top --once run.memc
serve --once --proc PROC --owners
serve --dashboard
"""


def told(result):
    return result.status, WHEN.sub(rb"\1N", result.out), result.err


@pytest.mark.parametrize("words", WORDS.strip().splitlines())
@pytest.mark.parametrize("form", ["native", "python", "pure"])
def test_a_command_prints_the_same_bytes(world, tree, files, words, form):
    memc = COMMANDS[form]
    trees = {"PROC": world, "MACHINE": fill(tree)}
    argv = [
        trees.get(word, files / word if "." in word else word) for word in words.split()
    ]
    with_orjson = memc(*argv)
    assert with_orjson.out + with_orjson.err
    assert b"Traceback" not in with_orjson.err
    assert told(memc(*argv, env=HIDDEN)) == told(with_orjson)


def test_a_recording_is_made_and_a_page_is_written(world, files, tmp_path):
    memc = COMMANDS["native"]
    made, page = tmp_path / "run.memc", tmp_path / "page.html"
    record = ("record", "-o", made, "--count", "2", "--interval", "50ms", "--quiet")
    result = memc(*record, "--proc", world, env=HIDDEN)
    assert (result.status, result.err) == (0, b"")
    result = memc("report", files / "all.json", "-o", page, env=HIDDEN)
    assert (result.status, result.out) == (0, b"")
    assert page.read_bytes().startswith(b"<!doctype html>")


def test_a_bundle_is_the_same_and_is_read(files, tmp_path):
    memc = COMMANDS["native"]
    made = []
    for name, env in (("with.zip", {}), ("without.zip", HIDDEN)):
        key = ("--key", tmp_path / "key")
        words = ("bundle", files / "all.json", "-o", tmp_path / name, *key)
        result = memc(*words, env=env)
        assert (result.status, b"Traceback" in result.err) == (0, False), result.err
        made.append((tmp_path / name).read_bytes())
    assert made[0] == made[1]
    for words in ("bundle --check", "bundle --show", "show --json", "show"):
        told_with = told(memc(*words.split(), tmp_path / "with.zip"))
        told_without = told(memc(*words.split(), tmp_path / "with.zip", env=HIDDEN))
        assert told_without == told_with
        assert told_with[0] == 0
