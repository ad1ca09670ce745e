"""Documents of memc 1.0.0 as targets of show, diff and check."""

import orjson
import pytest
from support.commands import COMMANDS
from support.old_documents import NAMES, path_of, raw

memc = COMMANDS["python"]


def snapshots(name):
    """Give the snapshots of the last sample, as plain JSON."""
    last = raw(name)[-1]
    return [p["snapshot"] for p in last.get("processes", [{"snapshot": last}])]


def total(name, key):
    return sum(snapshot[key] for snapshot in snapshots(name))


@pytest.mark.parametrize("name", NAMES)
def test_show_sums_up_the_regions(name):
    """Totals alone have none: their number is not known, unless nobody has memory."""
    result = memc("show", path_of(name), "--json")
    shown = orjson.loads(result.out)["total"]
    regions = None if "totals" in name else total(name, "region_count")
    expected = regions, total(name, "total_vsize_kb")
    assert (shown["regions"], shown["size_kb"]) == expected
    assert (result.status, shown["processes"]) == (0, len(snapshots(name)))


@pytest.mark.parametrize("name", [name for name in NAMES if "totals" not in name])
def test_diff_finds_that_it_is_the_same_as_itself(name):
    result = memc("diff", path_of(name), path_of(name))
    words = f"the same: {total(name, 'region_count')} region"
    assert (result.status, result.out.decode().startswith(words)) == (0, True)


@pytest.mark.parametrize("name", [name for name in NAMES if "totals" in name])
def test_diff_compares_totals_as_a_whole(name):
    result = memc("diff", path_of(name), path_of(name))
    assert (result.status, result.out) == (0, b"the same: totals\n")


@pytest.mark.parametrize("name", [name for name in NAMES if "stream" in name])
def test_diff_compares_the_samples_of_a_stream(name):
    result = memc("diff", path_of(name))
    assert (result.status, result.out.startswith(b"the same: ")) == (0, True)


@pytest.mark.parametrize("name", NAMES)
def test_check_judges_each_process(name):
    """What is mapped is told by all of them, resident or not."""
    result = memc("check", path_of(name), "--max-size", "10K", "--json")
    checked = orjson.loads(result.out)["checked"]
    expected = [(s["pid"], s["total_vsize_kb"]) for s in snapshots(name)]
    assert [(one["pid"], one["value_kb"]) for one in checked] == expected
    over = [one["pid"] for one in checked if one["over"]]
    assert over == [pid for pid, size_kb in expected if size_kb > 10]
    assert result.status == 1
