"""Tables of cases: one behaviour a table, one case a row, a reason in each row."""

import pytest


def cases(table, *, why):
    """Run a test for each row, as `case`; the reason at index `why` is its name."""
    assert all(row[why] for row in table)
    return pytest.mark.parametrize("case", table, ids=[row[why] for row in table])
