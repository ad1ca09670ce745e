"""A shell that completes, for each of the three."""

import pytest
from support.shells import SHELLS, Shell


@pytest.fixture(scope="session", params=SHELLS)
def shell(request, tmp_path_factory):
    return Shell(request.param, tmp_path_factory.mktemp(request.param))
