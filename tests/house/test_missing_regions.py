"""What no reader of maps can know is said wherever a reader of memc looks."""

import re
from pathlib import Path

import pytest

from memc.cli.manual import help as manual

ROOT = Path(__file__).parents[2]
PLACES = [
    *("docs/details.md", "docs/security.md", "docs/python.md"),
    *("csrc/include/memc/memc_api.h", "help"),
]
SAID = re.compile(
    r"replace\w*[^.]*while[^.]*missing.{0,150}(?:without a|No) note", re.IGNORECASE
)


@pytest.mark.parametrize("place", PLACES)
def test_region_that_is_replaced_meanwhile_can_be_missing(place):
    text = manual.text() if place == "help" else (ROOT / place).read_text()
    text = re.sub(r"\s+\*?\s*", " ", text)
    assert SAID.search(text)
