"""Each shell offers every command, option and choice of the parsers, and no other."""

import pytest
from support.trees import Tree

from memc.cli.commands import COMMANDS, parser_of
from memc.cli.completion.forms import forms

FORMS = {form.name: form for form in forms()}


@pytest.fixture(scope="session")
def nobody(tmp_path_factory):
    """Give a folder with a root without processes, and nothing else."""
    folder = tmp_path_factory.mktemp("nobody")
    Tree(folder / "proc")
    return {"cwd": folder / "proc", "MEMC_PROC": str(folder / "proc")}


def test_forms_are_those_of_the_parsers():
    for name in COMMANDS:
        told = [row.names for row in FORMS[name].rows]
        actions = [action.option_strings for action in parser_of(name)._actions]
        assert told == [names for names in actions if names]


def test_every_command_is_offered(shell, nobody):
    assert shell.offers("memc ", "memc l", "memc zz", **nobody) == [
        {*COMMANDS},
        {name for name in COMMANDS if name.startswith("l")},
        set(),
    ]


def test_a_command_is_the_first_word_alone(shell, nobody):
    assert shell.offers("memc 1 sh", "memc show ", "memc --all l", **nobody) == [
        set(),
        set(),
        set(),
    ]


@pytest.mark.parametrize("name", FORMS)
def test_every_option_is_offered(shell, nobody, name):
    names = {name for row in FORMS[name].rows for name in row.names}
    (found,) = shell.offers(f"memc {name} -".replace("  ", " "), **nobody)
    # fish also offers --unit=, as the value of --unit may be left out.
    assert {word.removesuffix("=") for word in found} == names


def of_words():
    """Give the command, the option and its value, where words are to choose from."""
    for form in FORMS.values():
        for row in form.rows:
            for value in row.values[:1]:
                if value.words and not value.kinds:
                    for name in row.names:
                        yield form.name, name, value


def test_every_choice_is_offered(shell, nobody):
    lines, expected = [], []
    for command, name, value in of_words():
        start = f"memc {command} {name}".replace("  ", " ")
        # With its value left out, an option may be followed by other words, too.
        lines += [f"{start}=", f"{start} ", f"{start}={value.words[0][:1]}"]
        head = value.words[0][:1]
        expected += [{*value.words}, {*value.words}]
        expected += [{word for word in value.words if word.startswith(head)}]
    assert len(lines) > 90
    found = shell.offers(*lines, **nobody)
    pairs = zip(lines, expected, found, strict=True)
    assert [pair for pair in pairs if pair[1] != pair[2]] == []


def test_words_of_a_list_are_offered_once(shell, nobody):
    lines, expected = [], []
    for command, name, value in of_words():
        if value.several:
            first, *rest = value.words
            lines += [
                f"memc {command} {name} {first},",
                f"memc {command} {name}={first},",
            ]
            expected += [{f"{first},{word}" for word in rest}] * 2
    assert len(lines) >= 12
    found = [
        {word if "," in word else f"{line.split()[-1].rpartition('=')[2]}{word}"
         for word in words}
        for line, words in zip(lines, shell.offers(*lines, **nobody), strict=True)
    ]  # fmt: skip
    assert found == expected


def test_nothing_is_offered_for_what_only_the_user_knows(shell, nobody):
    lines = [
        f"memc {form.name} {name} ".replace("  ", " ")
        for form in FORMS.values()
        for row in form.rows
        for value in row.values[:1]
        for name in row.names
        if not value.words and not value.kinds
    ]
    assert len(lines) > 80
    found = shell.offers(*lines, **nobody)
    assert [pair for pair in zip(lines, found, strict=True) if pair[1]] == []
