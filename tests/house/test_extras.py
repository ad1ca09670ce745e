"""Packages of others: which files import them, and that nothing else loads them.

Each has few files, so that it can be replaced, and memc works without those of extras.
"""

import json
import subprocess
import sys
import tomllib

import pytest
from support.corpus import CHECKOUT as ROOT
from support.imports import packages

from memc.cli.commands import COMMANDS

# The package, and the files that may import it.
FILES = {
    "arro3": "memc/table/parquet.py",
    "compression": "memc/files/packed.py",  # of Python itself from 3.14 on
    "dask": "memc/fleet/dask.py",
    "deltalake": "memc/fleet/lake*.py",
    "distributed": "memc/fleet/dask.py",
    "duckdb": "memc/table/parquet.py memc/fleet/*.py",
    "ibis": "memc/fleet/*.py",
    "google": "memc/serve/otlp_*.py",  # comes with it
    "grpc": "memc/serve/otlp_grpc.py",
    "opentelemetry": "memc/serve/otlp*.py",
    "orjson": "memc/table/json_text.py",
    "perfetto": "memc/export/perfetto.py",
    "plotly": "memc/human/chart.py memc/report/page.py memc/cli/report/command.py",
    "prometheus_client": "memc/serve/prom.py",
    "pyarrow": "memc/table/parquet.py memc/fleet/lake*.py",
    "pydantic_core": "memc/table/region.py",
    "pyspark": "memc/fleet/spark.py memc/fleet/engines.py",
    "pytest": "memc/pytest_plugin.py",
    "ray": "memc/fleet/ray.py",
    "requests": "memc/serve/otlp_http.py",
    "rich": "memc/top/lines.py",
    "textual": "memc/top/*.py",
    "uvicorn": "memc/serve/web.py",
}
NEEDED = ("orjson", "cffi")  # the others are of extras, or of those who use memc
# What may be done without any extra.
PLAIN = [
    "import memc.cli.main",
    "import memc, os; memc.snapshot(os.getpid()); memc.Sampler",
    "from memc.serve import Scan, Scanner; import os; Scanner(pid=os.getpid()).scan()",
    "from memc.cli.commands import COMMANDS",
]


def is_allowed(path, package):
    patterns = FILES.get(package, "").split()
    return any(path.match(pattern) for pattern in patterns)


def test_a_package_has_its_files():
    found = [
        (str(short), package)
        for path in sorted((ROOT / "memc").rglob("*.py"))
        for short in [path.relative_to(ROOT)]
        for package in packages(path)
        if not is_allowed(short, package)
    ]
    assert found == []


@pytest.mark.parametrize("code", PLAIN)
def test_no_package_of_an_extra_is_loaded_without_need(code):
    extras = sorted({*FILES} - {*NEEDED})
    tell = (
        f"import json, sys; print(json.dumps(sorted({{*sys.modules}} & {{*{extras}}})))"
    )
    argv = [sys.executable, "-I", "-c", f"{code}\n{tell}"]
    done = subprocess.run(argv, check=True, capture_output=True, cwd="/")
    assert json.loads(done.stdout) == []


@pytest.mark.parametrize("command", COMMANDS.values(), ids=lambda each: each.name)
def test_a_command_names_extras_that_are_there(command):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert {*command.needs.values()} <= {*project["optional-dependencies"]}
