"""Bars in plain text, and lengths of time."""

import pytest

from memc.human.lengths import length
from memc.human.spark import spark

LINES = [  # what is shown, the values, and why
    ("", [], "nothing"),
    ("▁", [5], "one value"),
    ("▁▁▁", [0, 0, 0], "all the same"),
    ("▁█", [1, 2], "the lowest and the highest"),
    ("▁▂▃▄▅▆▇█", [0, 1, 2, 3, 4, 5, 6, 7], "every bar"),
    ("█▁", [100, -100], "an amount that shrinks"),
    ("··", [None, None], "nothing is known"),
    ("▁·█", [0, None, 9], "a gap"),
]
LENGTHS = [  # what is shown, and ms
    ("0 s", 0),
    ("0.25 s", 250),
    ("17 s", 17_000),
    ("119 s", 119_000),
    ("2 min", 120_000),
    ("59 min", 59 * 60_000),
    ("3.5 h", 210 * 60_000),
    ("12 d", 12 * 86_400_000),
    ("400 d", 400 * 86_400_000),
]


@pytest.mark.parametrize(("line", "values"), [case[:2] for case in LINES])
def test_bars_go_from_the_lowest_to_the_highest(line, values):
    assert spark(values) == line


@pytest.mark.parametrize(("words", "ms"), LENGTHS)
def test_a_length_has_the_unit_that_fits(words, ms):
    assert length(ms) == words
