"""Amounts, shares, rates and times of the command line."""

import argparse

import pytest
from support.cases import cases

from memc.cli.common.parser import value
from memc.human.amounts import Percent, amount, duration, growth, regions

GIB = 1 << 20


@cases(
    [
        (2 * GIB, "2G", "a letter"),
        (2 * GIB, "2GiB", "the unit's name"),
        (2 * GIB, "2 GiB", "as memc prints it"),
        (2 * GIB, "2g", "a small letter"),
        (512 << 10, "512M", "M"),
        (1 << 30, "1T", "T"),
        (7, "7K", "K"),
        (3 * GIB // 2, "1.5G", "a fraction"),
        (1126, "1.1M", "a fraction that is rounded down"),
        (0, "0", "nothing needs no unit"),
        (0, "0K", "nothing with a unit"),
    ],
    why=2,
)
def test_amount_is_in_kb(case):
    expected, text, _ = case
    assert amount(text) == expected


@cases(
    [
        (50000, "50000", "a number"),
        (0, "0", "none"),
        (Percent(80), "80%", "a share"),
        (Percent(99.5), "99.5 %", "a fraction of a percent"),
        (Percent(100), "100%", "all"),
    ],
    why=2,
)
def test_regions_are_a_number_or_a_share(case):
    expected, text, _ = case
    assert (regions(text), type(regions(text))) == (expected, type(expected))


@cases(
    [
        (5, True, 60, "5%/min", "a share a minute"),
        (10240, False, 3600, "10M/h", "an amount an hour"),
        (0.5, False, 1, "0.5K/s", "a part of a kB a second"),
        (0, False, 86400, "0/d", "no growth at all"),
    ],
    why=4,
)
def test_growth_is_a_rate(case):
    most, is_percent, per_s, text, _ = case
    rate = growth(text)
    assert (rate.most, isinstance(rate.most, Percent)) == (most, is_percent)
    assert rate.per_s == per_s


@cases(
    [
        (10, "10s", "seconds"),
        (0.5, "500ms", "milliseconds"),
        (90, "1.5min", "minutes"),
        (120, "2m", "minutes: nobody waits for months"),
        (10, "10", "as sleep(1) takes it"),
        (7200, "2 h", "hours"),
        (86400, "1d", "a day"),
    ],
    why=2,
)
def test_duration_is_in_seconds(case):
    expected, text, _ = case
    assert duration(text) == expected


BAD = [
    (amount, "512M", "2000", "no unit: bytes, or kB?"),
    (amount, "5G or 5GiB", "5GB", "by 1000, or by 1024?"),
    (amount, "7K or 7KiB", "7kB", "by 1000, or by 1024?"),
    (amount, "512M", "", "nothing"),
    (amount, "512M", "G", "no number"),
    (amount, "512M", "-1G", "less than nothing"),
    (amount, "512M", "1e3M", "another notation"),
    (amount, "512M", "1,5G", "a comma"),
    (amount, "512M", "1G ", "more behind"),
    (amount, "512M", "1G\n", "a newline behind"),
    (amount, "512M", "\u0663G", "a digit of another script"),
    (amount, "512M", "9" * 400 + "G", "no machine has that"),
    (amount, "512M", "80%", "a share: of what?"),
    (regions, "50000", "80K", "an amount"),
    (regions, "50000", "-1", "less than nothing"),
    (regions, "50000", "0%", "a share of nothing"),
    (regions, "50000", "101%", "more than all"),
    (regions, "50000", "", "nothing"),
    (growth, "5%/min", "5%", "in what time?"),
    (growth, "5%/min", "5%/m", "minutes, or months?"),
    (growth, "5%/min", "5%/2min", "two of a unit"),
    (growth, "512M", "5/min", "no unit"),
    (growth, "512M", "/min", "no amount"),
    (duration, "10s", "0s", "no time"),
    (duration, "10s", "0.1ms", "no time to speak of"),
    (duration, "10s", "10x", "no unit"),
    (duration, "10s", "999999d", "nobody waits so long"),
]


@cases(BAD, why=3)
def test_what_is_unclear_is_refused_and_told_what_would_do(case):
    read, expected, text, _ = case
    with pytest.raises(argparse.ArgumentTypeError) as caught:
        value(read)(text)
    assert expected in str(caught.value)
    assert f", not '{text}'" in str(caught.value)
