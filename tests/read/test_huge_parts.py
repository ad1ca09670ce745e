"""USS of a huge page of which another process has a part, and Private_* of smaps.

For a huge page that a process maps as a whole, pagemap tells of each page what holds
for the first one.  smaps looks at each page.  So the two differ if and only if others
map some of its pages, but not all.  Row A7 of the trials of truth.
"""

import pytest
from support import children
from support.cases import cases
from support.pages import transparent_pages

pytestmark = pytest.mark.kernel

HUGE_KB, PAGE_KB = 2048, 4
LAST = HUGE_KB // PAGE_KB - 1

# What the child does, with which page, Private_* of smaps, USS, why.
CASES = [
    (("none", 0), HUGE_KB, HUGE_KB, "no child"),
    (("has", 0), 0, 0, "the child has all of it"),
    (("split", 0), HUGE_KB - PAGE_KB, HUGE_KB - PAGE_KB, "small pages: the first"),
    (("split", 9), HUGE_KB - PAGE_KB, HUGE_KB - PAGE_KB, "small pages: another"),
    (("keeps", 0), HUGE_KB - PAGE_KB, 0, "the child keeps the first"),
    (("keeps", 9), HUGE_KB - PAGE_KB, HUGE_KB, "the child keeps another"),
    (("keeps", LAST), HUGE_KB - PAGE_KB, HUGE_KB, "the child keeps the last"),
    (("writes", 0), PAGE_KB, HUGE_KB, "the child has a copy of the first"),
    (("writes", 9), PAGE_KB, 0, "the child has a copy of another"),
]


@pytest.fixture(scope="module", autouse=True)
def permitted():
    with transparent_pages() as there:
        if not there:
            pytest.skip("this machine gives no huge pages")
        yield


@cases(CASES, why=3)
def test_uss_is_private_unless_others_have_a_part_of_a_huge_page(backend, case):
    (word, page), private_kb, uss_kb, _ = case
    with children.script("huge", word, page) as child:
        at = int(child.stdout.readline())
        snaps = [backend.collect(child.pid, d, "/proc") for d in ("smaps", "uss")]
        smaps, uss = (next(r for r in s if r.start <= at < r.end) for s in snaps)
    if smaps.anon_huge_pages_kb == 0 and word != "split":
        pytest.skip("no huge page is free")
    told = smaps.private_clean_kb + smaps.private_dirty_kb
    assert uss.anon_huge_pages_kb == smaps.anon_huge_pages_kb
    assert told == private_kb
    # A kernel that looks at each page in pagemap too makes them equal.
    assert uss.uss_kb in (uss_kb, told)
    if word in ("none", "has", "split"):
        assert uss.uss_kb == told
    else:
        assert abs(uss.uss_kb - told) <= uss.anon_huge_pages_kb
