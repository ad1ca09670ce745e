"""The files that the command prints for systemd, Prometheus and Grafana."""

import os
import re
import subprocess
from importlib.resources import files

import pytest
from support.commands import COMMANDS
from support.corpus import CHECKOUT

from memc.serve.metrics import NAMES, metrics
from memc.serve.shipping import KINDS, shipped

KNOWN = {metric.name for names in NAMES for metric in metrics(names)}
NAME = re.compile(r"\b(?:memc|namedprocess)_[a-z_]+")


def test_page_of_one_scan_tells_no_interval():
    """The next scan is up to a timer, which memc does not know."""
    page = COMMANDS["python"]("serve", "--once", str(os.getpid())).out.decode()
    assert "\nmemc_up 1.0\n" in page
    assert "memc_scan_interval_seconds" not in page


def run(*words, given=None):
    done = subprocess.run(
        words, input=given, check=False, capture_output=True, text=True
    )
    return done.returncode, done.stdout + done.stderr


def unit_in(folder, *, exact=False, **values):
    path = folder / "memc-serve.service"
    path.write_text(shipped("unit", command="/bin/true serve", **values))
    if exact:
        more = folder / "memc-serve.service.d"
        more.mkdir()
        (more / "exact.conf").write_text(shipped("exact"))
    return path


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("credentials", [None, {"tls-key": "/etc/memc/a b%.pem"}])
def test_systemd_finds_no_fault(exact, credentials, tmp_path):
    path = unit_in(tmp_path, exact=exact, credentials=credentials)
    status, said = run("systemd-analyze", "verify", "--man=no", str(path))
    faults = [line for line in said.splitlines() if path.name in line]
    assert (status, faults) == (0, [])


def test_unit_is_exposed_little(tmp_path):
    path = unit_in(tmp_path)
    status, said = run("systemd-analyze", "security", "--offline=yes", "--threshold=18",
                       "--no-pager", str(path))  # fmt: skip
    assert status == 0, said


def test_unit_hides_nothing_of_proc():
    names = {
        line.partition("=")[0] for line in shipped("unit", command="x").splitlines()
    }
    assert not names & {"ProtectProc", "ProcSubset", "PrivateUsers"}


def test_unit_finds_secrets_that_only_root_may_read():
    files = {"auth-file": "/etc/a%b", "tls-key": "key.pem"}
    text = shipped("unit", command="x", credentials=files)
    assert "\nLoadCredential=auth-file:/etc/a%%b\n" in text
    assert f"\nLoadCredential=tls-key:{os.path.abspath('key.pem')}\n" in text


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("auth", [False, True])
def test_scrape_config_is_one_of_prometheus(tls, auth, tmp_path):
    text = shipped("scrape-config", target="[::1]:9917", tls=tls, auth=auth)
    for name in ("memc-ca.pem", "memc-password"):
        (tmp_path / name).write_text("")
    path = tmp_path / "prometheus.yml"
    path.write_text(text.replace("/etc/prometheus", str(tmp_path)))
    assert run("promtool", "check", "config", str(path))[0] == 0
    active = {line.partition(":")[0].strip() for line in text.splitlines()}
    assert ("scheme" in active, "basic_auth" in active) == (tls, auth)


def test_installed_package_has_every_file():
    names = {path.name for path in (CHECKOUT / "memc/serve/shipped").iterdir()}
    installed = {
        path.name for path in files("memc.serve").joinpath("shipped").iterdir()
    }
    assert installed == names == {*KINDS.values()}


@pytest.mark.parametrize("kind", [*KINDS, "dashboard"])
def test_file_names_only_metrics_that_there_are(kind):
    values = {"unit": {"command": "x"}, "scrape-config": {"target": "h:1"}}.get(
        kind, {}
    )
    text = shipped(kind, **values)
    assert set(NAME.findall(text)) <= KNOWN
    assert not re.search("@[A-Z]+@", text)


def test_promtool_accepts_the_rules(tmp_path):
    path = tmp_path / "rules.yml"
    path.write_text(shipped("rules"))
    status, said = run("promtool", "check", "rules", str(path))
    assert status == 0, said
