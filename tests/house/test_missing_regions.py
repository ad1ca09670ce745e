"""What no reader of maps can know is said wherever a reader of memc looks."""

import re
from pathlib import Path

import pytest

from memc.cli.manual import help as manual

ROOT = Path(__file__).parents[2]
PLACES = {
    "details": lambda: (ROOT / "docs/details.md").read_text(),
    "security": lambda: (ROOT / "docs/security.md").read_text(),
    "python": lambda: (ROOT / "docs/python.md").read_text(),
    "C": lambda: (ROOT / "csrc/include/memc/memc_api.h").read_text(),
    "help": manual.text,
}
SAID = re.compile(
    r"replace\w*[^.]*while[^.]*missing.{0,150}(?:without a|No) note", re.IGNORECASE
)


@pytest.mark.parametrize("place", PLACES)
def test_region_that_is_replaced_meanwhile_can_be_missing(place):
    text = re.sub(r"\s+\*?\s*", " ", PLACES[place]())
    assert SAID.search(text)
