"""The pages that the tests of this folder look at in a browser."""

from contextlib import ExitStack

import pytest
from support.browser import Shown, chromium
from support.report_documents import DOCUMENTS

from memc.report.page import page


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    for name, document in DOCUMENTS.items():
        (folder / f"{name}.html").write_bytes(page(document))
    return {name: folder / f"{name}.html" for name in DOCUMENTS}


@pytest.fixture(scope="module")
def pages(browser, paths):
    """Give each page, loaded once: a load is most of the time of a test."""
    with ExitStack() as stack:
        shown = {}

        def get(name):
            if name not in shown:
                shown[name] = stack.enter_context(Shown(browser, paths[name]))
            shown[name].home()
            return shown[name]

        yield get
