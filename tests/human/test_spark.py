"""Bars in plain text, and lengths of time."""

import pytest

from memc.human.lengths import length
from memc.human.spark import spark
from memc.human.units import figure

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
    ("1235 d", 1_234_567 * 86_400),
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


@pytest.mark.parametrize(
    ("shown", "value", "digits"),
    [
        ("0", 0, 2),
        ("0.0025", 0.0025, 2),
        ("5.3", 5.31, 2),
        ("99", 99.4, 2),
        ("100", 99.6, 2),
        ("147", 147.2, 2),
        ("12346", 12345.6, 3),
    ],
)
def test_numbers_are_never_powers_of_ten(shown, value, digits):
    assert figure(value, digits) == shown
