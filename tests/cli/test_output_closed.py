"""``--output`` where some of stdin, stdout and stderr are closed."""

import itertools

import pytest
from support.streams import documents, fill

pytestmark = pytest.mark.kernel

OLD = b'{"old": true}\n'
CLOSED = ["".join(c) for n in (1, 2, 3) for c in itertools.combinations("012", n)]
FORMS = [(5,), ("--all",), (5, "--count", 2, "--interval", 1)]


def closing(numbers):
    """Start a command with those descriptors closed."""
    redirections = " ".join(f"{n}<&-" for n in numbers)
    return ("sh", "-c", f'exec "$@" {redirections}', "sh")


@pytest.mark.parametrize("closed", CLOSED)
@pytest.mark.parametrize("form", FORMS, ids=str)
def test_no_message_lands_in_the_file(memc, tree, tmp_path, form, closed):
    fill(tree, 5, 30)
    file = tmp_path / "file"
    file.write_bytes(OLD)
    options = ("--proc", tree, "--compact", "--output", file)
    result = memc(*form, *options, prefix=closing(closed))
    assert result.status == 0
    found = documents(file.read_bytes())
    assert len(found) == (2 if "--count" in form else 1)
    assert not any("old" in d for d in found)


@pytest.mark.parametrize("closed", CLOSED)
def test_closed_stdout_is_still_an_error(memc, tree, closed):
    fill(tree, 5, 30)
    result = memc(5, "--proc", tree, prefix=closing(closed))
    expected = b"memc: cannot write to stdout: Bad file descriptor\n"
    if "1" not in closed:
        assert (result.status, result.out[:1]) == (0, b"{")
        return
    assert (result.status, result.out) == (1, b"")
    assert result.err == (b"" if "2" in closed else expected)
