"""Push.

What `memc push` takes for a scan of 2,500 values, to a receiver in another process that
takes all; and to load the packages that it needs, once.
"""

import subprocess
import sys
import time
from functools import cache

from bench_startup import clocked
from rows import Figure

RECEIVER = """
from http.server import BaseHTTPRequestHandler, HTTPServer
class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *args):
        pass
server = HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
"""
GROUPS, OWNERS = 100, 6
AMOUNTS = {
    "processes": 3,
    "resident_kb": 9000,
    "unique_kb": 7000,
    "proportional_kb": 8000,
    "swap_kb": 10,
    "virtual_kb": 90000,
    "mappings": 400,
}  # with 3 of each owner: 2,500 values


def scan():
    from memc.serve.amounts import Amounts, OwnerAmounts
    from memc.serve.scan import Scan

    names = [f"service-{i}.service" for i in range(GROUPS)]
    return Scan(
        groups=dict.fromkeys(names, Amounts(**AMOUNTS)),
        owners={
            (name, f"owner {i}"): OwnerAmounts(900, 700, 10)
            for name in names
            for i in range(OWNERS)
        },
        timestamp_ms=time.time_ns() // 1_000_000,
        duration_ns=1,
        cost_ns=1,
        longest_read_ns=None,
        detail="uss",
        processes=3 * GROUPS,
        skipped={},
        degraded={},
    )


@cache
def pusher():
    """Start a receiver, which ends with this process; return what pushes to it."""
    import atexit

    from memc.serve.otlp import Pusher
    from memc.serve.receiver import receiver

    child = subprocess.Popen([sys.executable, "-c", RECEIVER], stdout=subprocess.PIPE)
    atexit.register(child.kill)
    port = int(child.stdout.readline())
    return Pusher(receiver({}, endpoint=f"http://127.0.0.1:{port}"), {})


def push(_):
    """Push once; return the CPU of that in ms."""
    made, one = pusher(), scan()
    made.push(one)  # connects
    start = time.process_time_ns()
    assert made.push(one) == len(AMOUNTS) * GROUPS + 3 * GROUPS * OWNERS + 1
    return (time.process_time_ns() - start) / 1e6


ROWS = {
    "a push of 2,500 values over HTTP": Figure(ours=push, unit="ms", goal=60, rounds=9),
    "the packages of `memc push`": Figure(
        ours=clocked("import memc.serve.otlp, memc.serve.otlp_http"),
        unit="ms",
        rounds=9,
    ),
}


def bench_row(what, row, fill):
    fill(what, row)
