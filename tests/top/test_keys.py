"""The keys of memc top: one table."""

from collections import Counter

import pytest
from support.cases import cases
from support.corpus import CHECKOUT

from memc.top.keys import KEYS, LIVE, REPLAY, keys_of

WORDS = [
    ("find", "F3 /", "as htop and less"),
    ("filter", "F4 \\", "as htop"),
    ("tree", "F5 t", "as htop: t and F5"),
    ("minute", "]", "a name of textual is no key for people"),
    ("page_up", "PgUp", "as it stands on the key"),
    ("quit", "q F10 Ctrl-C", "three ways out"),
]


@pytest.mark.parametrize("is_live", [True, False])
def test_no_key_does_two_things(is_live):
    counts = Counter(key for each in keys_of(is_live=is_live) for key in each.keys)
    assert [key for key, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("is_live", [True, False])
def test_time_is_moved_in_a_recording_alone(is_live):
    actions = {key.action for key in keys_of(is_live=is_live)}
    assert ("tick" in actions) is not is_live
    assert {"up", "filter", "mark", "quit"} <= actions


def test_every_key_has_words_that_end_without_a_full_stop():
    assert [key.action for key in KEYS if not key.help or key.help[-1] == "."] == []
    assert {key.only for key in KEYS} == {"", LIVE, REPLAY}


def test_no_key_sends_a_signal():
    """Who looks at memory must not end a process by a slip of the hand."""
    words = " ".join(f"{key.action} {key.help}" for key in KEYS)
    assert "kill" not in words
    assert "signal" not in words


@cases(WORDS, why=2)
def test_keys_are_shown_as_they_are_on_a_keyboard(case):
    action, shown, _ = case
    keys = [key for key in KEYS if key.action == action]
    assert keys[0].shown() == shown


def test_the_docs_have_every_key():
    text = (CHECKOUT / "docs/top.md").read_text()
    section = text.partition("## Keys\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    assert rows == [
        "| {} | {}{} |".format(
            " ".join(f"`{word}`" for word in key.shown().split()),
            key.help.replace("|", "\\|"),
            ", in a recording" if key.only == REPLAY else "",
        )
        for key in KEYS
    ]
