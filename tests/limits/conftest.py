"""Fixtures of limits: test files that run apart."""

import pytest
from support import leaks


@pytest.fixture
def run_pytest(pytester):
    """Give a function that runs tests, as text, in a process of their own."""

    def run(code, *args):
        pytester.makepyfile(leaks.HEAD + code)
        strict = ("-W", "error", "--strict-markers", "-p", "no:cacheprovider")
        return pytester.runpytest_subprocess(*strict, *args)

    return run
