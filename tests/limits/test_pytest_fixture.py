"""The fixture of pytest, what reports have, and the example of docs/tests.md."""

import xml.etree.ElementTree as ET

import pytest
from support.manual import blocks

pytestmark = pytest.mark.kernel

FIXTURE = """
def leak(size):
    kept.append(b"x" * size)

def test_block_that_leaks(memc):
    with memc.growth(max_growth="1M"):
        leak(4 << 20)

def test_block_that_tells(memc):
    with memc.growth() as seen:
        leak(4 << 20)
    assert 3 << 10 <= seen.growth_kb <= 5 << 10
    assert any(change.growth("private") >= 3 << 10 for change in seen.diff)

def test_block_that_has_not_ended(memc):
    with memc.growth() as seen, pytest.raises(RuntimeError, match="end of the block"):
        seen.growth_kb

def test_function_that_leaks(memc):
    memc.check(leak, 1 << 20, max_growth="2M", rounds=4)

def test_function_that_may(memc):
    grown = memc.check(leak, 1 << 20, max_growth="6M", rounds=4)
    assert 3 << 10 <= grown.growth_kb <= 5 << 10

def test_what_a_function_returns_is_not_kept(memc):
    memc.check(bytes, 8 << 20, max_growth="0")

def test_bad_words(memc):
    with pytest.raises(ValueError, match="rounds: expected a number from 1, not 0"):
        memc.check(leak, 1, rounds=0)
    with pytest.raises(ValueError, match="of: expected 'uss'"):
        memc.growth(of="ram")
"""


def test_the_fixture_measures_blocks_and_functions(run_pytest):
    done = run_pytest(FIXTURE)
    done.assert_outcomes(failed=2, passed=5)
    done.stdout.fnmatch_lines(
        [
            '>*with memc.growth(max_growth="1M"):',
            "E*memc: USS grew by * MiB, more than 1.00 MiB",
            ">*memc.check(leak, 1 << 20, *",
            "E*memc: USS grew by * MiB in 4 rounds *, more than 2.00 MiB",
        ]
    )
    assert "memc/pytest_plugin.py" not in done.stdout.str()


def test_the_growth_is_in_the_report(run_pytest, pytester):
    run_pytest(FIXTURE, "--junitxml=report.xml", "-o", "junit_family=xunit1")
    report = ET.parse(pytester.path / "report.xml")
    found = {
        case.get("name"): [int(p.get("value")) for p in case.iter("property")]
        for case in report.iter("testcase")
    }
    assert found["test_function_that_leaks"][0] >= 3 << 10
    assert found["test_bad_words"] == []
    assert {p.get("name") for p in report.iter("property")} == {"memc_growth_kb"}


def test_the_marker_and_the_fixture_are_documented(pytester):
    done = pytester.runpytest_subprocess("--markers")
    done.stdout.fnmatch_lines(["@pytest.mark.memc(max_growth=*): run a test *"])
    done = pytester.runpytest_subprocess("--fixtures")
    done.stdout.fnmatch_lines(["memc -- *pytest_plugin.py*", "*Measure by how much*"])


def test_the_example_of_the_page_fails_where_it_says(pytester):
    (code,) = blocks("docs/tests.md", "py")
    pytester.makepyfile(code)
    done = pytester.runpytest_subprocess("-W", "error", "--strict-markers")
    done.assert_outcomes(failed=1, passed=1)
    for line in ("memc: USS grew by *, more than 512 KiB", "*malloc main heap *"):
        done.stdout.fnmatch_lines([line])
