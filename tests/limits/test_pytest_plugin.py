"""The marker of pytest: tests that leak fail and say where, and others pass."""

import re

import pytest

from memc.pytest_plugin import WORDS

pytestmark = pytest.mark.kernel
LEAKS = """
@pytest.mark.memc("512K")
def test_small_objects():
    kept.extend(bytes(1000) for _ in range(1000))

@pytest.mark.memc(max_growth="1M", rounds=3)
def test_mapping():
    kept.append(mmap.mmap(-1, 1 << 20, flags=mmap.MAP_PRIVATE))
    kept[-1].write(b"x" * (1 << 20))

@pytest.mark.memc("1536K", rounds=1, warmup=0)
def test_process():
    program()

@pytest.mark.memc("0")
class TestOfAClass:
    @pytest.mark.parametrize("size", [1 << 19, 1 << 20])
    def test_method(self, size):
        kept.append(b"x" * size)
"""


def test_what_leaks_fails_and_the_regions_are_told(run_pytest):
    done = run_pytest(LEAKS)
    done.assert_outcomes(failed=5)
    text = done.stdout.str()
    region = r" +[0-9a-f]+-[0-9a-f]+ +"
    for line in (
        r"USS grew by [45]\.\d\d MiB in 5 rounds \(.* a round\), more than 512 KiB",
        rf"\+[45]\.\d\d MiB +grew{region}malloc main heap \[heap\]",
        r"USS grew by [23]\.\d\d MiB in 3 rounds \(.* a round\), more than 1\.00 MiB",
        rf"\+[123]\.\d\d MiB +(grew|appeared|merged){region}(anonymous|Python memory)",
        r"USS grew by [1-9]\.\d\d MiB, more than 1\.50 MiB",
        rf"{region}malloc main heap \[heap\] +\d+ python[\w.]*, new",
    ):
        assert re.search(line, text), line
    assert "hidden" not in text
    assert "Error" not in text


FINE = """
@pytest.mark.memc("0")
def test_nothing():
    pass

@pytest.mark.memc("0")
def test_cache_that_is_filled_when_it_is_warm():
    if not kept:
        kept.append(b"x" * (8 << 20))

@pytest.mark.memc("0", warmup=3)
def test_cache_that_is_filled_later():
    global count
    count += 1
    if count <= 3:
        kept.append(b"x" * (2 << 20))

@pytest.mark.memc("1M")
def test_memory_that_is_given_back():
    used = [b"x" * (64 << 20), [bytes(1000) for _ in range(10_000)]]

@pytest.mark.memc("1M")
def test_rings_of_garbage():
    ring = [b"x" * (4 << 20)]
    ring.append(ring)

@pytest.mark.memc("0")
def test_less_than_the_noise():
    kept.append(b"x" * (20 << 10))

@pytest.mark.memc("0", children=False, rounds=1, warmup=0)
def test_child_that_does_not_count():
    program()

@pytest.mark.memc("0", rounds=2)
def test_child_that_ends():
    subprocess.run(["/bin/true"], check=True)

@pytest.mark.memc(max_growth=None)
def test_anything_goes():
    kept.append(b"x" * (2 << 20))
"""


@pytest.mark.parametrize("options", [(), ("-n2",)], ids=["alone", "xdist"])
def test_what_leaks_not_passes(run_pytest, options):
    run_pytest(FINE, *options).assert_outcomes(passed=9)


def test_the_body_runs_as_often_as_it_says_and_fixtures_once(run_pytest):
    code = """
@pytest.fixture
def made():
    kept.append("made")

@pytest.mark.memc(rounds=3, warmup=2)
def test_counts(made):
    kept.append("ran")

def test_seen():
    assert kept == ["made", *["ran"] * 5]
"""
    run_pytest(code).assert_outcomes(passed=2)


BAD = """
@pytest.mark.memc(round=2)
def test_name(): pass

@pytest.mark.memc("1M", "2M")
def test_values(): pass

@pytest.mark.memc("1MB")
def test_amount(): pass

@pytest.mark.memc
class TestUnit(unittest.TestCase):
    def test_unit(self): pass

@pytest.mark.memc
async def test_coroutine(): pass
"""


def test_a_marker_that_cannot_be_obeyed_fails_with_what_was_expected(run_pytest):
    done = run_pytest(BAD)
    done.assert_outcomes(errors=4, failed=1)
    lines = [line for line in done.outlines if line.startswith("marker memc: ")]
    assert [line.removeprefix("marker memc: ") for line in lines] == [
        f"expected {', '.join(WORDS)}, not 'round'",
        f"expected {', '.join(WORDS)}, not 2 values without a name",
        "max_growth: expected 1M or 1MiB (1024, not 1000), not '1MB'",
        "expected a test function, not a method of a unittest.TestCase",
        "expected no coroutine: measure a block of it by the fixture memc",
    ]


FAILING = """
@pytest.mark.memc
def test_marked():
    assert kept == ["x"], "as ever"

def test_block(memc):
    with memc.growth("0"):
        raise LookupError("as ever")

@pytest.mark.memc
def test_skipped():
    pytest.skip("as ever")

@pytest.mark.memc
@pytest.mark.xfail(strict=True)
def test_expected():
    raise LookupError
"""


def test_what_fails_by_itself_is_told_as_ever(run_pytest):
    done = run_pytest(FAILING)
    done.assert_outcomes(failed=2, skipped=1, xfailed=1)
    assert "memc:" not in done.stdout.str()
    assert "memc/pytest_plugin.py" not in done.stdout.str()
    done.stdout.fnmatch_lines(["E*AssertionError: as ever", "E*LookupError: as ever"])


def test_what_cannot_be_read_fails(run_pytest):
    code = """
@pytest.fixture(autouse=True)
def elsewhere(monkeypatch):
    from memc.targets.choice import Choice
    monkeypatch.setattr(Choice.__init__, "__kwdefaults__", {"proc": "/nowhere"})
    from memc.limits.meter import Plan
    defaults = {**Plan.__init__.__kwdefaults__, "proc": "/nowhere"}
    monkeypatch.setattr(Plan.__init__, "__kwdefaults__", defaults)

@pytest.mark.memc(max_growth=None)
def test_marked():
    pass

def test_block(memc):
    with memc.growth():
        pass
"""
    done = run_pytest(code)
    done.assert_outcomes(failed=2)
    assert done.stdout.str().count("memc: /nowhere: No such file or directory") >= 2
