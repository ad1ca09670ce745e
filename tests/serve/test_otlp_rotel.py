"""What a real receiver says of a push, by HTTP and by gRPC: rotel, which prints it."""

import os
import re
import socket
import subprocess
import sysconfig

import pytest
from support.crowd_scans import crowd_scan
from support.otlp_receivers import wait_until

from memc.serve.instruments import INSTRUMENTS
from memc.serve.otlp import Pusher
from memc.serve.push_error import PushError
from memc.serve.receiver import receiver

SCAN = crowd_scan(groups=12, owners=3, lines=4, detail="smaps")
ANSI = re.compile(r"\x1b\[[0-9;]*m")
SAID_S = 30


class Rotel:
    """The receiver, and what it said."""

    def __init__(self, folder):
        import rotel

        self.ports = {name: free_port() for name in ("http", "grpc")}
        self.path = folder / "said"
        where = [
            arg
            for name, port in self.ports.items()
            for arg in (f"--otlp-{name}-endpoint", f"127.0.0.1:{port}")
        ]
        with self.path.open("wb") as out:
            self.process = subprocess.Popen(
                [
                    os.path.join(os.path.dirname(rotel.__file__), "rotel-agent"),
                    "start",
                    *("--exporter", "blackhole"),
                    *("--debug-log", "metrics", "--debug-log-verbosity", "detailed"),
                    *("--pid-file", folder / "pid", "--log-file", folder / "log"),
                    *where,
                ],
                env={"LD_LIBRARY_PATH": sysconfig.get_config_var("LIBDIR") or ""},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def said(self):
        return ANSI.sub("", self.path.read_text())

    def is_listening(self):
        assert self.process.poll() is None, self.said()
        return all(map(is_open, self.ports.values()))


def free_port():
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return made.getsockname()[1]


def is_open(port):
    with socket.socket() as made:
        return made.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def rotel(tmp_path_factory):
    pytest.importorskip("rotel")
    made = Rotel(tmp_path_factory.mktemp("rotel"))
    try:
        wait_until(made.is_listening)
        yield made
    finally:
        made.process.terminate()
        made.process.wait()


def metrics(text):
    """Return the unit, the kind and the number of points of each metric in a text."""
    found = {}
    for part in re.split(r"^Metric #\d+$", text, flags=re.MULTILINE)[1:]:
        name, unit, kind = (
            re.search(rf"-> {word}: *(.*)", part)[1].strip()
            for word in ("Name", "Unit", "DataType")
        )
        falls = re.search(r"-> IsMonotonic: *(\w+)", part)
        count = len(re.findall(r"^NumberDataPoints #", part, re.MULTILINE))
        found[name] = (unit, kind, falls and falls[1], count)
    return found


@pytest.mark.parametrize("protocol", ["http", "grpc"])
@pytest.mark.parametrize("compress", ["gzip", "none"])
def test_the_receiver_tells_what_was_pushed(rotel, protocol, compress):
    before = len(rotel.said())
    to = receiver(
        {},
        protocol=protocol,
        endpoint=f"http://127.0.0.1:{rotel.ports[protocol]}",
        compress=compress,
    )
    made = Pusher(to, {"service.name": f"memc-{protocol}-{compress}"})
    made.push(SCAN)
    made.close()

    def told():
        return metrics(rotel.said()[before:])

    wait_until(lambda: "memc.scan.longest_read" in told())
    assert told() == {
        one.name: (
            one.unit,
            "Sum" if one.is_sum else "Gauge",
            "false" if one.is_sum else None,
            sum(value is not None for _, value in one.values(SCAN)),
        )
        for one in INSTRUMENTS
    }
    assert f"Str(memc-{protocol}-{compress})" in rotel.said()[before:]


def test_an_endpoint_for_the_other_protocol_is_an_error_with_words(rotel):
    wrong = {"http": "grpc", "grpc": "http"}
    for protocol, other in wrong.items():
        url = f"http://127.0.0.1:{rotel.ports[other]}"
        to = receiver({}, protocol=protocol, endpoint=url)._replace(timeout_s=1)
        made = Pusher(to, {})
        with pytest.raises(PushError, match=r"gRPC|HTTP|connection"):
            made.push(SCAN)
        made.close()
