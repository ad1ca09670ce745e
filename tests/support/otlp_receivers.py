"""A small receiver of OTLP over HTTP, which answers as a test says."""

import gzip
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)

PROTOBUF = "application/x-protobuf"


class Receiver:
    """What came, and how to answer: `answer` is called with the handler each time."""

    def __init__(self):
        self.answer = taken
        self.requests = []  # the path, the headers and the message of each
        self.arrived = threading.Semaphore(0)
        self.url = ""
        self.let_go = threading.Event()  # ends what hangs, when the test ends

    def wait(self, count=1, seconds=30):
        """Wait until so many more have come."""
        for _ in range(count):
            assert self.arrived.acquire(timeout=seconds)

    def metrics(self):
        """Return the metrics of the last request, by name."""
        message = self.requests[-1][2]
        return {
            metric.name: metric
            for resource in message.resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
        }

    def resource(self):
        """Return the attributes of the resource of the last request."""
        return attributes(self.requests[-1][2].resource_metrics[0].resource)


def attributes(found):
    """Return attributes as a dict."""
    return {
        each.key: getattr(each.value, each.value.WhichOneof("value"))
        for each in found.attributes
    }


def points(metric):
    """Return the values of a metric, each behind its attributes."""
    data = getattr(metric, metric.WhichOneof("data"))
    return [
        (attributes(point), getattr(point, point.WhichOneof("value")))
        for point in data.data_points
    ]


def reply(handler, status=200, body=b"", **headers):
    """Answer with a status."""
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def taken(handler):
    reply(handler, 200, Content_Type=PROTOBUF)


def status(number, **headers):
    """Return what answers with a status."""
    return lambda handler: reply(handler, number, **headers)


def partial(rejected, words):
    """Return what answers that some values were refused."""
    made = ExportMetricsServiceResponse()
    made.partial_success.rejected_data_points = rejected
    made.partial_success.error_message = words
    body = made.SerializeToString()
    return lambda handler: reply(handler, 200, body, Content_Type=PROTOBUF)


def cut(handler):
    """Promise more than is sent."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100")
    handler.end_headers()
    handler.wfile.write(b"x" * 10)
    handler.close_connection = True


def hang_up(handler):
    handler.close_connection = True


def hang(handler):
    handler.server.receiver.let_go.wait(60)
    handler.close_connection = True


def drip(handler):
    """Send a byte now and then: each is in time, but there is no end to them."""
    try:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        while not handler.server.receiver.let_go.wait(0.2):
            handler.wfile.write(b"x")
    except OSError:
        pass
    handler.close_connection = True


def endless(handler):
    """Send an answer without end, until the other side has enough of it."""
    handler.send_response(200)
    handler.send_header("Content-Type", PROTOBUF)
    handler.end_headers()
    try:
        for _ in range(1 << 10):
            handler.wfile.write(bytes(1 << 20))
    except OSError:
        pass
    handler.close_connection = True


def no_protobuf(handler):
    reply(handler, 200, b"\xff\xff\xff", Content_Type=PROTOBUF)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        message = ExportMetricsServiceRequest.FromString(body)
        receiver = self.server.receiver
        receiver.requests.append((self.path, dict(self.headers), message))
        receiver.arrived.release()
        receiver.answer(self)

    def log_message(self, *args):
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A client that is gone is no fault of the receiver."""


@contextmanager
def receiving(port=0, context=None):
    """Give a receiver on a free port of this machine; with a `context` over TLS."""
    receiver = Receiver()
    with _Server(("127.0.0.1", port), _Handler) as server:
        server.receiver = receiver
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "http" if context is None else "https"
        receiver.url = f"{scheme}://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield receiver
        finally:
            receiver.let_go.set()
            server.shutdown()
            thread.join()


def wait_until(true, seconds=30):
    """Wait until a function is true."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.02)
