"""The file of the public CI: what it runs is here, and it may do little else."""

import re
import subprocess

import pytest
import yaml
from support.corpus import CHECKOUT

FILE = CHECKOUT / ".github/workflows/release.yml"
JOBS = yaml.safe_load(FILE.read_text())["jobs"]
STEPS = [(name, step) for name, job in JOBS.items() for step in job["steps"]]
TESTING = ("glibc", "musl")
# What a job may do beyond reading, and why.
MAY = {
    "pypi": {"id-token": "write"},  # trusted publishing
    "commands": {  # a release with attested files
        "attestations": "write",
        "contents": "write",
        "id-token": "write",
    },
}


def test_what_it_runs_of_this_tree_is_here():
    text = FILE.read_text()
    paths = set(re.findall(r"(?<![\w/.-])(?:\.ci|tests)/\w+", text))
    assert {".ci/wheels", "tests/parse"} <= paths
    assert [path for path in sorted(paths) if not (CHECKOUT / path).exists()] == []


def test_it_only_reads_but_to_publish():
    assert yaml.safe_load(FILE.read_text())["permissions"] == {"contents": "read"}
    assert {n: j["permissions"] for n, j in JOBS.items() if "permissions" in j} == MAY


def test_it_publishes_a_tag_that_passed_and_nothing_else():
    assert JOBS["pypi"]["if"] == "startsWith(github.ref, 'refs/tags/v')"
    assert set(JOBS["pypi"]["needs"]) == set(TESTING)
    assert JOBS["commands"]["needs"] == "pypi"


def test_it_has_no_secret():
    assert "secrets." not in FILE.read_text()


@pytest.mark.parametrize("uses", sorted({s["uses"] for _, s in STEPS if "uses" in s}))
def test_an_action_has_a_version(uses):
    assert re.search(r"@(release/)?v\d+$|@[0-9a-f]{40}$", uses)


@pytest.mark.parametrize("job", TESTING)
def test_it_tests_each_python_and_both_architectures(job):
    matrix = JOBS[job]["strategy"]["matrix"]
    assert matrix["python"] == ["3.11", "3.12", "3.13", "3.14"]
    assert matrix["runner"] == ["ubuntu-24.04", "ubuntu-24.04-arm"]


def test_the_shell_reads_each_step():
    for _, step in STEPS:
        if "run" in step:
            subprocess.run(["bash", "-n"], input=step["run"], text=True, check=True)


def test_the_shell_reads_the_scripts():
    for name in ("run", "wheels"):
        subprocess.run(["bash", "-n", CHECKOUT / ".ci" / name], check=True)
