"""Options for the time of a recording: both parsers, and what does not fit."""

import pytest
from support import recorded_hour
from support.commands import COMMANDS

from memc.cli import commands
from memc.cli.common import quick

ONCE = COMMANDS["python"]
WORDS = [  # the words, and the attributes
    ("--at -2s", {"at": "-2s"}),
    ("--at=-2s", {"at": "-2s"}),
    ("--at +5s", {"at": "+5s"}),
    ("--at 14:03:05", {"at": "14:03:05"}),
    ("--from -10m --to -5m", {"begin": "-10m", "end": "-5m"}),
    ("--from 1795694400 --to 2026-11-26T14:03", {"begin": "1795694400"}),
    ("--since 1h", {"since": "-1h"}),
    ("--since 90", {"since": "-90s"}),
]
WRONG = [  # a command and its options with a recording, what it says, and why
    ("show --at x", "--at: expected a time such as", "no time"),
    ("show --at", "expected one argument", "no value"),
    ("show --at=", "expected a time: 14:03", "an empty value"),
    ("show --since -1h", "expected how long before the end", "no length"),
    ("show --since 14:03", "(--from takes a time)", "a time for a length"),
    ("show --at -1m --since 1h", "--at is one time, and --since is", "two times"),
    ("show --from 1 --since 1h", "--since 1h is --from -1h", "two begins"),
    ("show --after 3s", "--from and --to are of a recording", "live only"),
    ("show --sort growth", "since when? --since 10m", "no span"),
    ("show --freed", "is a file, and only processes can end", "live only"),
    ("show --sort freed", "is a file, and only processes can end", "live only"),
    ("show --risk", "tells no limits: live only", "live only"),
    ("show --detail rss", "memc record --detail said", "how to read"),
    ("show --strict", "--strict is for texts", "of texts"),
    ("show --proc /tmp", "memc record --proc takes it", "live only"),
    ("diff --at -1m", "--at is one time: --from and --to", "one time"),
    ("diff --after 3s", "--after reads processes", "live only"),
    ("diff --sort growth", "every amount of memc diff is a growth", "as ever"),
    ("check --max-pss 1G", "a recording tells rss, swap and size", "not kept"),
    ("check --max-uss 1G", "a recording tells rss, swap and size", "not kept"),
    ("check --max-peak 1G", "a recording tells rss, swap and size", "not kept"),
    ("check --max-page-tables 1G", "a recording tells rss", "not kept"),
    ("check --max-regions 9", "a recording tells rss", "not kept"),
    ("check --max-rss 80%", "no limit of a control group", "not kept"),
    ("check --min-headroom 1G", "live only", "live only"),
    ("check --max-growth 1M/h --for 3s", "--for: a file has its own times", "live"),
    ("check --max-growth 1M/h --growth-of pss", "--growth-of pss", "not kept"),
    ("check --max-growth 1M/h --at -1m", "is of a span: --since", "one time"),
    ("check --max-rss 1G --by path", "tells processes and owners", "not kept"),
    ("check --max-rss 1G --by owner --since 5m", "now and then", "owners are old"),
]
OTHERS = [  # what is no recording, and what is said
    ("show 1 --at -2s", "--at: live processes have no past: memc record makes one"),
    ("diff 1 --since 1h", "--since: live processes have no past"),
    ("check --all --max-rss 1G --from -1h", "--from: live processes have no past"),
    ("show {text} --at -2s", "maps.txt is no recording: memc record makes one"),
    ("diff {text} --since 1h", "maps.txt is no recording"),
    ("diff {text} {text} --to -1s", "maps.txt is no recording"),
    ("check {text} --max-rss 1G --at -1s", "maps.txt is no recording"),
    ("show {file} {text} --at -2s", "maps.txt is no recording"),
    ("show {file} {text} 100", "beside a recording a pid is one of it"),
    ("diff {file} {file} --since 1m", "are of one recording: give one file"),
    ("check {file} {text} --max-rss 1G --since 1m", "maps.txt is no recording"),
]


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return recorded_hour.make(tmp_path_factory.mktemp("times") / "hour.memc")


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "maps.txt"
    path.write_text("00400000-00401000 r-xp 00000000 00:00 0 \n")
    return str(path)


@pytest.mark.parametrize("name", ["show", "diff", "check"])
@pytest.mark.parametrize(("words", "expected"), WORDS)
def test_times_are_read_with_and_without_argparse(name, words, expected):
    parser = commands.COMMANDS[name].module().parser()
    argv = parser._in_our_words(["a.memc", *words.split()])
    for found in (quick.read(parser.options, argv), parser.full().read(argv)):
        assert {key: getattr(found, key) for key in expected} == expected


@pytest.mark.parametrize(
    ("line", "words"), [case[:2] for case in WRONG], ids=[case[0] for case in WRONG]
)
def test_what_a_recording_cannot_tell_is_a_usage_error(file, line, words):
    command, *options = line.split()
    result = ONCE(command, file, *options)
    assert words in result.err.decode()
    assert (result.status, result.out) == (2, b"")


@pytest.mark.parametrize(("line", "words"), OTHERS)
def test_a_time_needs_a_recording(file, text, line, words):
    result = ONCE(*(word.format(file=file, text=text) for word in line.split()))
    assert words in result.err.decode()
    assert (result.status, result.out) == (2, b"")


@pytest.mark.parametrize(
    ("line", "status"),
    [("show {} --at -2s", 1), ("diff {} --since 1h", 2), ("diff {} {} --at -1s", 2)],
)
def test_a_file_that_cannot_be_read_is_not_said_to_be_no_recording(
    tmp_path, line, status
):
    path = str(tmp_path / "nothing.memc")
    result = ONCE(*line.format(path, path).split())
    assert (result.status, result.out) == (status, b"")
    assert result.err.decode() == f"memc: {path}: No such file or directory\n"


def test_a_negative_word_after_another_option_is_no_time():
    result = ONCE("show", "1", "--top", "-2")
    assert result.status == 2
    assert b"--top: expected a positive number, not '-2'" in result.err
