"""A real Prometheus scrapes memc serve, over TLS and with a password."""

import base64
import json
import os
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from support.certificates import Certificates
from support.children import running
from support.commands import COMMANDS
from support.web import Web, get, parts

CROWD = int(
    os.environ.get("MEMC_TEST_CROWD", "60")
)  # processes; 1,000 in the slow part
PAGE = os.sysconf("SC_PAGE_SIZE")
DEADLINE_S = 60
# Each touches some memory of its own, tells that it is there, and waits for the end.
FORKS = """
import mmap, os, sys, time
count = int(sys.argv[1])
print("ready", flush=True)
for i in range(count):
    pid = os.fork()
    if not pid:
        kept = mmap.mmap(-1, (64 + i % 64) * 4096)
        for at in range(0, len(kept), 4096):
            kept[at] = 1
        os.write(1, b".")
        sys.stdin.read()
        os._exit(0)
sys.stdin.read()
"""
CONFIG = """
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
- job_name: memc
  scheme: https
  tls_config: {{ca_file: {ca}}}
  basic_auth: {{username: prom, password_file: {password}}}
  static_configs: [{{targets: ['127.0.0.1:{port}']}}]
"""


@pytest.fixture(scope="module")
def crowd():
    with running(sys.executable, "-c", FORKS, str(CROWD)) as first:
        assert len(first.stdout.read(CROWD)) == CROWD
        found = Path(f"/proc/{first.pid}/task/{first.pid}/children").read_text()
        yield first.pid, [*map(int, found.split())]


@pytest.fixture(scope="module")
def secrets(tmp_path_factory):
    folder = tmp_path_factory.mktemp("prometheus")
    made = Certificates(folder)
    made.sign("server")
    (folder / "password").write_text("s3cret")
    memc = COMMANDS["native"]
    hashed = subprocess.run(
        [*memc.argv, "serve", "--hash"],
        input=b"s3cret",
        capture_output=True,
        check=True,
    )
    (folder / "auth").write_bytes(b"prom:" + hashed.stdout)
    (folder / "auth").chmod(0o600)
    return made


@pytest.fixture(scope="module")
def web(crowd, secrets):
    tree, _ = crowd
    tls = ("--tls-cert", secrets.of("server"), "--tls-key", secrets.key_of("server"))
    how = ("--group", "name", "--detail", "rss", "--interval", "500ms")
    who = ("--tree", tree, "--auth-file", secrets.folder / "auth")
    where = ("--listen", "127.0.0.1:0")
    made = Web(
        [*COMMANDS["native"].argv, "serve", *where, *map(str, (*tls, *who, *how))]
    )
    yield made
    assert made.end()[:2] == (0, "")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


@contextmanager
def prometheus(folder, config):
    (folder / "prometheus.yml").write_text(config)
    port = free_port()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                "prometheus", f"--config.file={folder}/prometheus.yml",
                f"--storage.tsdb.path={folder}/data",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=log, stderr=log,
        )  # fmt: skip
    try:
        yield port
    finally:
        process.terminate()
        process.wait(DEADLINE_S)


@pytest.fixture(scope="module")
def ask(web, secrets):
    """Give a function that asks Prometheus until it has an answer."""
    config = CONFIG.format(
        ca=secrets.of("ca"), password=secrets.folder / "password", port=web.address[1]
    )
    with prometheus(secrets.folder, config) as port:

        def ask(query, is_answer=bool):
            end = time.monotonic() + DEADLINE_S
            url = f"http://127.0.0.1:{port}/api/v1/query?query={query}"
            found = None
            while time.monotonic() < end:
                try:
                    with urllib.request.urlopen(url, timeout=5) as answer:
                        found = json.load(answer)["data"]["result"]
                except OSError:  # it begins
                    found = None
                if found and is_answer(float(found[0]["value"][1])):
                    return float(found[0]["value"][1])
                time.sleep(0.2)
            raise AssertionError(f"{query}: {found}")

        yield ask


def test_target_is_up_and_the_scan_is_fresh(ask):
    assert ask("up") == 1
    assert ask("memc_up") == 1
    assert ask("scrape_duration_seconds") < DEADLINE_S


def test_sum_over_groups_is_the_sum_of_statm(ask, crowd):
    tree, children = crowd
    expected = sum(
        int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
        for pid in (tree, *children)
    )

    def is_near(found):
        return abs(found - expected) <= expected / 100

    assert ask("sum(memc_group_processes)", lambda found: found > CROWD) == CROWD + 1
    assert is_near(ask("sum(memc_group_resident_bytes)", is_near))


def page_of(web, secrets, accept):
    context = ssl.create_default_context(cafile=secrets.of("ca"))
    context.check_hostname = False
    code = base64.b64encode(b"prom:s3cret").decode()
    request = get("/metrics", f"Authorization: Basic {code}", f"Accept: {accept}")
    status, headers, body = parts(web.ask(request, context))
    assert status == 200
    return headers["content-type"], body


@pytest.mark.usefixtures("ask")
def test_both_forms_are_read_by_those_who_know(web, secrets):
    _, plain = page_of(web, secrets, "text/plain")
    subprocess.run(["promtool", "check", "metrics"], input=plain, check=True)
    kind, body = page_of(web, secrets, "application/openmetrics-text;version=1.0.0")
    assert kind.startswith("application/openmetrics-text")
    assert "memc_group_resident_bytes" in {
        family.name for family in text_string_to_metric_families(body.decode())
    }


def test_prometheus_scrapes_on_beside_silent_clients_of_tls(ask, web):
    before = ask("count_over_time(up[1h])")
    silent = [web.connect() for _ in range(15)]
    more = ask("count_over_time(up[1h])", lambda found: found > before + 3)
    assert more > before
    assert ask("min_over_time(up[1h])") == 1
    for each in silent:
        each.close()
