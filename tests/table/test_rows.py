"""Named tuples of some attributes say what the attributes of each region say."""

import pytest
from support.cases import cases
from support.text import record

SMAPS = b"".join(
    [
        record(4096, 8192, b"Rss: 4 kB", b"X: 1 kB", name=b"/a"),
        record(8192, 12288, b"Rss: 0 kB", b"Shared_Hugetlb: 4 kB"),
        record(12288, 16384, b"VmFlags: rd", perm="r-xp", name=b"/\xff"),
    ]
)


@pytest.fixture
def regions(backend):
    return backend.parse_text(SMAPS, "smaps", strict=True)


@cases(
    [
        (("start", "pathname", "rss_kb"), "numbers, texts, a missing value"),
        (("perm", "type", "vm_flags"), "stored numbers that stand for words"),
        (("pss_kb",), "a counter that the text does not have"),
        (("hugetlb_kb",), "a sum of two columns"),
        (("x_kb",), "a counter that memc does not know"),
        (("owner",), "no column"),
        ((), "nothing"),
    ],
    why=1,
)
def test_rows_are_what_regions_say(case, regions):
    names, _ = case
    found = list(regions.rows(*names))
    expected = [tuple(getattr(r, name) for name in names) for r in regions]
    assert found == (expected if names else [])
    assert all(row._fields == names for row in found)


def test_a_name_that_no_region_has_is_an_error(regions):
    with pytest.raises(AttributeError, match="no 'rss'"):
        regions.rows("start", "rss")
