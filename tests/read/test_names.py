"""Names that a process chooses: they decide nothing about the text around them."""

import pytest
from support.text import header

pytestmark = pytest.mark.kernel


def lines(count, end, first=0):
    """Give region lines with a name that has this end."""
    return b"".join(
        header(0x1000 * n, 0x1000 * (n + 1), name=b"/tmp/%d" % n + end)
        for n in range(first + 1, first + count + 1)
    )


TEXTS = {
    "every name ends in CR": lines(50, b"\r"),
    "every name of the first reads": lines(3000, b"\r") + lines(9, b"", 3000),
}


@pytest.mark.parametrize("why", TEXTS)
@pytest.mark.parametrize("detail", ["maps", "smaps"])
def test_names_that_end_in_cr_are_names(backend, tree, detail, why):
    """As a text that was given, it would be one that was changed on its way."""
    text = TEXTS[why]
    tree.add(5, **{detail: text})
    snap = backend.collect(5, detail, str(tree))
    names = [line[73:].decode() for line in text.split(b"\n")][:-1]
    assert [region.pathname for region in snap] == names
    assert [note.code for note in snap.notes] == []
