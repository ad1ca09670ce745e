"""docs/glossary.md has a line for every word of the code's lists, and no other."""

import pytest
from support.cases import cases
from support.manual import rows, section, words

from memc.analysis.kinds import KINDS
from memc.cli.show.command import OTHERS
from memc.limits.limits import AMOUNTS
from memc.owners.rules import RULES
from memc.table import fields
from memc.table.amounts import MAIN
from memc.table.fields import REASONS
from memc.table.notes import CODES

PAGE = "docs/glossary.md"
COLUMNS = (*fields.CORE, *(name for _, name, _ in fields.FIELDS), *fields.PAGES)

# The section, the first cell of its table's head, the code's list, why.
LISTS = [
    ("Owners", "owner", {rule.owner for rule in RULES}, "what rules can say"),
    ("Types", "type", fields.TYPES, "types of regions"),
    (
        "Amounts",
        "amount",
        {*MAIN, *AMOUNTS, *OTHERS},
        "amounts that are sorted by",
    ),
    ("Columns", "column", COLUMNS, "columns of regions"),
    ("Totals", "total", {name for name, _ in fields.TOTALS}, "totals of a process"),
    ("Details", "detail", fields.DETAILS, "details"),
    ("Notes", "code", CODES, "codes of notes"),
    ("Reasons", "reason", REASONS, "reasons to skip a process"),
    ("Changes", "kind", KINDS, "kinds of change"),
]


def table(title, head):
    """Give the rows of a section's table by the word in the first cell."""
    found = [(*words(row[0]), *row) for row in rows(section(PAGE, title), head)]
    assert len({row[0] for row in found}) == len(found)
    return {row[0]: row[2:] for row in found}


@cases(LISTS, why=3)
def test_every_word_of_the_code_has_a_line_and_no_other(case):
    title, head, listed, _ = case
    assert set(table(title, head)) == set(listed)


@cases(LISTS, why=3)
def test_every_line_says_something(case):
    title, head, _, _ = case
    for word, cells in table(title, head).items():
        if (title, word) != ("Owners", "unknown"):
            assert all(cells), word


# The section, the first cell of its table's head, and the keys of the kernel by name.
SOURCES = [
    ("Columns", "column", {name: key for key, name, _ in fields.FIELDS}),
    ("Totals", "total", {name: key for name, key in fields.TOTALS if key}),
]


@pytest.mark.parametrize("case", SOURCES, ids=lambda case: case[0])
def test_keys_of_the_kernel_are_named(case):
    title, head, expected = case
    found = table(title, head)
    for name, key in expected.items():
        source = found[name][1]
        assert source.partition(": ")[2].partition(";")[0] == key


@pytest.mark.parametrize("name", [name for _, name, is_kb in fields.FIELDS if is_kb])
def test_amounts_are_in_kb(name):
    assert table("Columns", "column")[name][0] == "kB"
