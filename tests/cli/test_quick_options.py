"""Options are read without argparse where that says the same."""

import pytest
from hypothesis import given, strategies as st

from memc.cli.commands import COMMANDS
from memc.cli.common import quick
from memc.cli.usage import UsageError
from memc.human.amounts import Rate

WORDS = (
    *("1", "1234", "0", "-1", "-", "--", "", "x", "a=b", "smaps.txt", "10M", "5%/min"),
    *("80%", "2s", "user,name", "rss", "private", "pss", "smaps", "maps", "always"),
    *("--x", "-v", "-vv", "-h", "--help", "=", "--rss", "--private", "--rss=1", "["),
    *("--max-private", "--max-private=1G"),
)

USUAL = [  # these must not need argparse
    ("show", "1234"),
    ("show", "1234 --json"),
    ("show", "--all --by process --top 10"),
    ("show", "1234 --rss --no-legend"),
    ("show", "--name ^nginx --tree 1 --tree=2  --sort=pss"),
    ("diff", "1234 --after 10s"),
    ("diff", "a.json b.json"),
    ("check", "1234 --max-rss 2G -v"),
    ("check", "--all --max-growth=5%/min --for 30s"),
    ("check", "--all --max-private 1G"),
    ("machine", ""),
    ("machine", "--cgroup a --cgroup b --json"),
]
UNUSUAL = [
    ("show", "--help", "prints the help"),
    ("show", "1 --all 2", "two places for targets"),
    ("show", "1 -- 2", "the end of options"),
    ("show", "- --all", "a dash alone"),
    ("show", "1 --json --csv", "one of the two only"),
    ("show", "1 --al", "no name of an option"),
    ("show", "1 --top", "no value"),
    ("show", "1 --top --all", "an option in place of a value"),
    ("show", "1 --top=", "an empty value"),
    ("show", "1 --all=1", "a value that is not taken"),
    ("show", "1 --top x", "a wrong value"),
    ("show", "1 --color red", "no choice"),
    ("check", "1 -vv", "short options together"),
    ("machine", "1", "no targets"),
]


ENDED = [  # what follows "--" are targets, also behind an option
    ("show", "--json -- 1", ["1"]),
    ("show", "--json -- --full", ["--full"]),
    ("show", "--json --", []),
    ("lake", "add --host h -- -lake f", ["add", "-lake", "f"]),
    ("diff", "--json -- a b", ["a", "b"]),
]


@pytest.mark.parametrize(("command", "words", "targets"), ENDED)
def test_what_follows_the_end_of_options_are_targets(command, words, targets):
    assert parser(command).read(words.split()).targets == targets


def parser(command):
    return COMMANDS[command].module().parser()


def plain(args):
    return {
        name: (value.most, value.per_s) if isinstance(value, Rate) else value
        for name, value in vars(args).items()
    }


@pytest.mark.parametrize(("command", "words"), USUAL)
def test_usual_command_lines_need_no_argparse(command, words):
    made = parser(command)
    argv = made._in_our_words(words.split())
    found = quick.read(made.options, argv)
    assert found is not None
    assert plain(found) == plain(made.full().read(argv))


@pytest.mark.parametrize(
    ("command", "words"),
    [case[:2] for case in UNUSUAL],
    ids=[why for *_, why in UNUSUAL],
)
def test_argparse_tells_of_what_is_unusual(command, words):
    assert quick.read(parser(command).options, words.split()) is None


@st.composite
def command_lines(draw):
    command = draw(st.sampled_from([*COMMANDS]))
    names = [name for option in parser(command).options for name in option.names]
    options = st.sampled_from([name for name in names if name.startswith("-")])
    word = st.one_of(
        options,
        options,
        st.sampled_from(WORDS),
        st.builds("{}={}".format, options, st.sampled_from(WORDS)),
        st.text("-=av1 %", max_size=4),
    )
    return command, draw(st.lists(word, max_size=6))


@given(command_lines())
def test_both_say_the_same(line):
    command, words = line
    made = parser(command)
    argv = made._in_our_words(words)
    found = quick.read(made.options, argv)
    if found is not None:
        assert plain(found) == plain(made.full().read(argv))


@given(command_lines())
def test_what_is_wrong_is_left_to_argparse(line):
    command, words = line
    made = parser(command)
    argv = made._in_our_words(words)
    try:
        made.full().read(argv)
    except UsageError:
        assert quick.read(made.options, argv) is None
    except SystemExit:  # the help
        assert quick.read(made.options, argv) is None
