"""Pushes by gRPC to a receiver that takes them, refuses them or hangs."""

import threading
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from google.rpc.error_details_pb2 import RetryInfo
from opentelemetry.proto.collector.metrics.v1 import (
    metrics_service_pb2 as messages,
    metrics_service_pb2_grpc as services,
)
from support.certificates import Certificates
from support.crowd_scans import crowd_scan

from memc.serve.instruments import INSTRUMENTS
from memc.serve.otlp import Pusher
from memc.serve.push_error import PushError
from memc.serve.receiver import receiver

SCAN = crowd_scan(groups=12, owners=3, lines=4, detail="smaps")
Code = grpc.StatusCode


class Service(services.MetricsServiceServicer):
    """Answers as a test says."""

    def __init__(self):
        self.answer = taken
        self.got = []
        self.let_go = threading.Event()

    def Export(self, request, context):  # noqa: N802 - the name in the protocol
        self.got.append((request, dict(context.invocation_metadata())))
        return self.answer(context, self.let_go)


def taken(*_):
    return messages.ExportMetricsServiceResponse()


def partial(*_):
    made = messages.ExportMetricsServiceResponse()
    made.partial_success.rejected_data_points = 7
    made.partial_success.error_message = "no room"
    return made


def hang(_, let_go):
    let_go.wait(60)
    return taken()


def refused(code, words, wait_s=None):
    def answer(context, _):
        if wait_s is not None:
            info = RetryInfo()
            info.retry_delay.seconds = wait_s
            value = info.SerializeToString()
            context.set_trailing_metadata([("google.rpc.retryinfo-bin", value)])
        context.abort(code, words)

    return answer


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    made = Certificates(tmp_path_factory.mktemp("certificates"))
    made.sign("server")
    return made


@pytest.fixture(scope="module")
def server(certificates):
    service = Service()
    key, certificate = (
        path.read_bytes()
        for path in (certificates.key_of("server"), certificates.of("server"))
    )
    with ThreadPoolExecutor(4) as pool:
        made = grpc.server(pool)
        services.add_MetricsServiceServicer_to_server(service, made)
        service.port = made.add_insecure_port("127.0.0.1:0")
        credentials = grpc.ssl_server_credentials([(key, certificate)])
        service.tls_port = made.add_secure_port("127.0.0.1:0", credentials)
        made.start()
        yield service
        service.let_go.set()
        made.stop(None).wait()


@pytest.fixture
def got(server):
    server.answer = taken
    server.got.clear()
    return server


@pytest.fixture
def pusher(got):
    """Make what pushes to it; it waits for a short time."""
    made = []

    def make(url=None, *, timeout_s=1, **options):
        where = url or f"http://127.0.0.1:{got.port}"
        to = receiver({}, protocol="grpc", endpoint=where, **options)
        made.append(Pusher(to._replace(timeout_s=timeout_s), {}))
        return made[-1]

    yield make
    for each in made:
        each.close()


def failure(made):
    with pytest.raises(PushError) as error:
        made.push(SCAN)
    return error.value


def names(request):
    return [
        metric.name
        for resource in request.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
    ]


def test_every_instrument_arrives_and_so_do_headers(pusher, got):
    assert pusher(timeout_s=5, headers=[("X-Key", "a b")]).push(SCAN)
    ((request, metadata),) = got.got
    assert names(request) == [instrument.name for instrument in INSTRUMENTS]
    assert metadata["x-key"] == "a b"


def test_a_receiver_is_trusted_by_the_ca_that_is_given(pusher, got, certificates):
    url = f"https://localhost:{got.tls_port}"
    assert pusher(url, timeout_s=5, ca=str(certificates.of("ca"))).push(SCAN)
    error = failure(pusher(url))
    assert "gRPC UNAVAILABLE" in str(error) or "no answer" in str(error)
    assert len(got.got) == 1


# How it answers, what is said of it, and how long it wants to be left alone.
REFUSED = [
    (refused(Code.UNAVAILABLE, "busy"), "gRPC UNAVAILABLE: busy", 0),
    (refused(Code.UNAVAILABLE, "busy", 30), "gRPC UNAVAILABLE: busy", 30),
    (refused(Code.RESOURCE_EXHAUSTED, "full", 7), "gRPC RESOURCE_EXHAUSTED: full", 7),
    (refused(Code.UNAUTHENTICATED, "who?"), "gRPC UNAUTHENTICATED: who?", 0),
    (refused(Code.UNIMPLEMENTED, ""), "gRPC UNIMPLEMENTED", 0),
    (refused(Code.UNKNOWN, "odd"), "gRPC UNKNOWN: odd", 0),
    (hang, "no answer in 1 s", 0),
    (partial, "the receiver refused 7 of the values: no room", 0),
]


@pytest.mark.parametrize(("answer", "words", "wait_s"), REFUSED)
def test_what_is_not_taken_is_an_error_with_words(pusher, got, answer, words, wait_s):
    got.answer = answer
    made = pusher()
    error = failure(made)
    assert str(error) == words
    assert error.wait_s == wait_s
    got.answer = taken  # and the next one is as good as the first
    assert made.push(SCAN)


def test_a_receiver_that_is_not_there_is_an_error_with_words(pusher):
    assert "onnection refused" in str(failure(pusher("http://127.0.0.1:1")))
