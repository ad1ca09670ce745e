"""Growth is not judged if one of two samples does not tell pages of hugetlb."""

import json

import pytest
from support.cases import cases
from support.readers import PURE

from memc.limits.gate import Gate
from memc.limits.limits import GrowthLimit
from memc.targets.choice import Choice


def sample(at_ms, *, rss, hugetlb):
    """Make the totals of a process, as memc 1.0.0 or this one writes them."""
    known = {} if hugetlb is None else {"hugetlb_kb": hugetlb}
    return {
        "pid": 7,
        "timestamp_ms": at_ms,
        "total_rss_kb": rss,
        "total_vsize_kb": 9000,
        "rss_anon_kb": rss,
        "rss_file_kb": 0,
        "rss_shmem_kb": 0,
        **known,
        "swap_kb": 0,
        "threads": 1,
        "pss_kb": rss,
        "uss_kb": rss,
    }


# RSS and hugetlb before and after, whether growth is over 1 kB, None if not judged, why
CASES = [
    ((64, None), (64, 2048), None, "the first does not tell"),
    ((64, 2048), (64, None), None, "the last does not tell"),
    ((64, None), (99, None), True, "neither tells"),
    ((64, None), (64, 0), False, "there are none"),
    ((64, 0), (64, None), False, "there were none"),
    ((64, 2048), (64, 4096), True, "both tell"),
    ((64, 4096), (64, 4096), False, "both tell the same"),
]


@pytest.mark.parametrize("total", [False, True])
@pytest.mark.parametrize("what", ["rss", "pss", "uss", "swap"])
@cases(CASES, why=3)
def test_unknown_hugetlb_is_no_growth(tmp_path, case, what, total):
    before, after, expected, _ = case
    path = tmp_path / "stream.ndjson"
    lines = [
        sample(1000 + i, rss=rss, hugetlb=hugetlb)
        for i, (rss, hugetlb) in enumerate((before, after))
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    choice = Choice()
    choice.paths = [str(path)]
    gate = Gate(choice, [GrowthLimit(what, 0, 1)], PURE)
    gate.run(apart_s=1, total=total)
    if what == "swap":
        assert [checked.is_over for checked in gate.checked] == [False]
        return
    judged = [checked.is_over for checked in gate.checked]
    assert judged == ([] if expected is None else [expected])
    texts = [error.text for error in gate.errors]
    assert ["does not tell pages of hugetlb" in text for text in texts] == (
        [True] if expected is None else []
    )
