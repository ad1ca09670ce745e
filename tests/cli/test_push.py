"""``memc push`` as a program: what it sends, says and returns, and what ends it."""

import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from support.certificates import Certificates
from support.children import waiting
from support.commands import NATIVE
from support.otlp_receivers import drip, hang, points, receiving, status, taken

from memc.cli.push.command import run
from memc.cli.usage import UsageError
from memc.errors import MemcError

QUICK = "--interval", "100ms", "--duty", "100", "--detail", "totals"
NOBODY = "http://127.0.0.1:1"


@pytest.fixture(scope="module")
def server():
    with receiving() as made:
        yield made


@pytest.fixture
def got(server):
    server.answer = taken
    server.requests.clear()
    while server.arrived.acquire(blocking=False):
        pass
    return server


@pytest.fixture(scope="module")
def child():
    """Give the pid of a process, as a word."""
    with waiting() as made:
        yield str(made.pid)


class Push:
    """A running command."""

    def __init__(self, *args, argv=(NATIVE,), **environ):
        clean = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("OTEL_", "MEMC_", "K8S_", "REQUESTS_"))
        }
        self.process = subprocess.Popen(
            [*argv, "push", *args],
            env={**clean, **environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def end(self):
        """Wait for the end; return the status, and what was written."""
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.end()


def push(*args, **environ):
    with Push(*args, **environ) as made:
        return made.end()


def once(url, *args, **environ):
    return push(
        "--endpoint", url, "--count", "1", "--detail", "totals", *args, **environ
    )


def test_one_push_sends_the_groups_of_the_processes_that_are_meant(got, child):
    assert once(got.url, child, "--group", "name") == (0, "", "")
    metrics = got.metrics()
    assert points(metrics["memc.group.process.count"]) == [({"memc.group": "sh"}, 1)]
    ((_, resident),) = points(metrics["memc.group.memory.resident"])
    assert resident % 4096 == 0 < resident
    assert "process.memory.usage" not in metrics
    assert got.resource()["service.name"] == "memc"
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    assert got.resource()["service.instance.id"] == boot


def test_owners_and_processes_are_sent_if_they_are_asked_for(got, child):
    told = once(
        got.url,
        child,
        "--by",
        "process",
        "--owners",
        "--detail",
        "rss",
        "--group",
        "name",
    )
    assert told == (0, "", "")
    ((attributes, _),) = points(got.metrics()["process.memory.usage"])
    assert attributes["process.pid"] == int(child)
    assert attributes["process.executable.name"] == "sh"
    assert attributes["process.creation.time"].endswith("Z")
    owners = points(got.metrics()["memc.owner.memory.resident"])
    assert owners
    assert all(value > 0 for _, value in owners)


def test_the_environment_holds_where_no_option_is_given(got, child):
    told = push(
        child, "--count", "1", "--detail", "totals",
        OTEL_EXPORTER_OTLP_ENDPOINT=got.url,
        OTEL_EXPORTER_OTLP_HEADERS="x-key=secret",
        OTEL_EXPORTER_OTLP_COMPRESSION="none",
        OTEL_RESOURCE_ATTRIBUTES="service.name=ours,a=b",
        K8S_POD_NAME="pod-1",
    )  # fmt: skip
    assert told == (0, "", "")
    headers = {name.lower(): value for name, value in got.requests[-1][1].items()}
    assert headers["x-key"] == "secret"
    assert "content-encoding" not in headers
    found = got.resource()
    assert (found["service.name"], found["a"]) == ("ours", "b")
    assert found["k8s.pod.name"] == "pod-1"


def test_a_variable_that_the_sdk_passes_over_is_told(got, child):
    told = once(got.url, child, OTEL_RESOURCE_ATTRIBUTES="nonsense")
    assert told[0] == 0
    assert "nonsense" in told[2]
    assert told[2].count("\n") == 1


DOWN = [
    ("http", ("--endpoint", NOBODY), "connection refused"),
    ("grpc", ("--endpoint", NOBODY, "--protocol", "grpc"), "gRPC UNAVAILABLE"),
]


@pytest.mark.parametrize("case", DOWN, ids=lambda case: case[0])
def test_one_push_that_fails_is_told_in_a_line_and_by_the_status(child, case):
    _, where, words = case
    code, out, err = push(child, "--count", "1", "--detail", "totals", *where)
    assert (code, out) == (1, "")
    assert err.startswith(f"memc: cannot push to {NOBODY}: ")
    assert words in err
    assert err.count("\n") == 1, "no log of a library, no traceback"


def test_a_receiver_that_closes_each_connection_does_not_end_it(child):
    with socket.create_server(("127.0.0.1", 0)) as server:
        done = threading.Event()

        def close_all():
            while not done.is_set():
                server.accept()[0].close()

        closing = threading.Thread(target=close_all)
        closing.start()
        port = server.getsockname()[1]
        code, _, err = once(f"http://127.0.0.1:{port}", child)
        done.set()
        socket.create_connection(("127.0.0.1", port)).close()
        closing.join()
    assert code == 1
    assert err.startswith(f"memc: cannot push to http://127.0.0.1:{port}: ")


def test_failures_are_told_once_and_so_is_that_it_works_again(got, child):
    got.answer = status(400)
    with Push(child, "--endpoint", got.url, *QUICK) as made:
        got.wait(3)
        got.answer = taken
        got.wait(3)
        code, out, err = made.stop()
    assert (code, out) == (0, "")
    first, second = err.splitlines()
    assert first == f"memc: cannot push to {got.url}: HTTP 400 Bad Request"
    assert second.startswith(f"memc: pushing to {got.url} works again; it failed ")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_while_it_waits(got, child, number):
    args = "--interval", "1h", "--detail", "totals"
    with Push(child, "--endpoint", got.url, *args) as made:
        got.wait()
        assert made.stop(number) == (0, "", "")


@pytest.mark.parametrize(
    "answer", [hang, drip, status(503)], ids=["hang", "drip", "503"]
)
def test_a_signal_ends_it_while_a_receiver_keeps_it_waiting(got, child, answer):
    got.answer = answer
    with Push(child, "--endpoint", got.url, "--interval", "1h") as made:
        got.wait()
        assert made.stop() == (0, "", "")


def test_a_second_signal_ends_it_at_once(got, child):
    got.answer = hang
    with Push(child, "--endpoint", got.url, "--interval", "1h") as made:
        got.wait()
        made.process.send_signal(signal.SIGTERM)
        assert made.stop(signal.SIGINT) == (0, "", "")


def test_a_signal_that_is_ignored_stays_so(got, child):
    nohup = "env", "--ignore-signal=INT", NATIVE
    with Push(child, "--endpoint", got.url, *QUICK, argv=nohup) as made:
        got.wait()
        made.process.send_signal(signal.SIGINT)
        got.wait(2)
        assert made.stop() == (0, "", "")


def test_a_root_that_is_none_fails_and_is_told_once(got, tmp_path):
    code, out, err = push(
        "--endpoint",
        got.url,
        "--count",
        "2",
        "--proc",
        str(tmp_path / "none"),
        *QUICK[:4],
    )
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert "none" in err
    assert not got.requests


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    made = Certificates(tmp_path_factory.mktemp("certificates"))
    for name in ("server", "client"):
        made.sign(name)
    return made


@pytest.fixture(scope="module")
def secure(certificates):
    """Give a receiver that asks for a certificate of its clients."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.of("server"), certificates.key_of("server"))
    context.load_verify_locations(certificates.of("ca"))
    context.verify_mode = ssl.CERT_OPTIONAL
    with receiving(context=context) as made:
        yield made


def test_a_receiver_is_trusted_by_the_ca_that_is_given(secure, certificates, child):
    ca = str(certificates.of("ca"))
    assert once(secure.url, child, "--ca", ca) == (0, "", "")
    client = {
        "OTEL_EXPORTER_OTLP_CERTIFICATE": ca,
        "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE": str(certificates.of("client")),
        "OTEL_EXPORTER_OTLP_CLIENT_KEY": str(certificates.key_of("client")),
    }
    assert once(secure.url, child, **client) == (0, "", "")
    assert len(secure.requests) == 2


def test_the_ca_that_is_given_goes_before_that_of_a_library(
    secure, certificates, child
):
    ca, other = str(certificates.of("ca")), str(certificates.of("client"))
    assert once(secure.url, child, "--ca", ca, REQUESTS_CA_BUNDLE=other) == (0, "", "")


def test_a_receiver_that_nobody_trusts_gets_nothing(secure, child):
    before = len(secure.requests)
    code, _, err = once(secure.url, child)
    assert code == 1
    assert "its certificate is not trusted" in err
    assert err.count("\n") == 1
    assert len(secure.requests) == before


# What is wrong in the command line or a variable, and the words of the error.
WRONG = [
    (["--endpoint", "here"], "--endpoint: expected http://HOST:PORT"),
    (["--header", "nothing"], "expected NAME=VALUE"),
    (["--header", "a=\n"], "without control characters"),
    (["--ca", "/nowhere"], "--ca: cannot read /nowhere"),
    (["--ca", ""], "expected a path"),
    (["--protocol", "smoke"], "smoke"),
    (["--compress", "zip"], "zip"),
    (["--by", "owner"], "owner"),
    (["--count", "0"], "expected a positive number"),
    (["--interval", "0"], "1 ms or more"),
    (["--max-series", "5"], "--max-series: expected 100 or more"),
    (["file.json"], "is no pid"),
]


@pytest.mark.parametrize(("args", "words"), WRONG)
def test_what_is_wrong_ends_it_before_anything_is_sent(args, words):
    with pytest.raises(UsageError) as error:
        run(["--endpoint", NOBODY, "--count", "1", *args])
    assert words in str(error.value)


def test_an_error_does_not_show_a_header(capfd):
    with pytest.raises(UsageError) as error:
        run(["--header", "hunter2"])
    assert "hunter2" not in str(error.value)
    assert "hunter2" not in capfd.readouterr().err


def test_a_wrong_variable_ends_it_with_the_status_of_a_wrong_command_line(child):
    told = push(child, OTEL_EXPORTER_OTLP_PROTOCOL="http/json")
    assert told[:2] == (2, "")
    assert "OTEL_EXPORTER_OTLP_PROTOCOL: expected http/protobuf or grpc" in told[2]


WITHOUT = """
import sys
missing, *sys.argv = sys.argv[1:]
sys.modules[missing] = None
from memc.cli.main import run
run()
"""


@pytest.mark.parametrize(
    ("missing", "protocol", "extra"),
    [
        ("opentelemetry", "http", "otlp"),
        ("opentelemetry.sdk", "http", "otlp"),
        ("opentelemetry.exporter.otlp.proto.http", "http", "otlp"),
        ("opentelemetry.exporter.otlp.proto.grpc", "grpc", "otlp-grpc"),
        ("grpc", "grpc", "otlp-grpc"),
    ],
)
def test_a_package_that_is_missing_is_told_with_what_installs_it(
    child, missing, protocol, extra
):
    argv = sys.executable, "-I", "-c", WITHOUT, missing, "memc"
    with Push(child, "--protocol", protocol, argv=argv) as made:
        assert made.end() == (
            2,
            "",
            f"memc: memc push needs: pip install 'memc[{extra}]'\n",
        )


def test_the_help_is_there_without_the_packages():
    argv = sys.executable, "-I", "-c", WITHOUT, "opentelemetry", "memc"
    with Push("--help", argv=argv) as made:
        assert made.end()[0] == 0


def test_an_error_of_a_push_is_one_of_memc():
    from memc.serve.push_error import PushError

    assert issubclass(PushError, MemcError)
