"""Pushes to a receiver that takes them, refuses them, hangs, or is not there."""

import gzip
import time
import tracemalloc

import pytest
import requests
from support.crowd_scans import NOW_MS, crowd_scan
from support.otlp_receivers import (
    PROTOBUF,
    cut,
    endless,
    hang,
    hang_up,
    no_protobuf,
    partial,
    points,
    receiving,
    reply,
    status,
    taken,
)

from memc._version import version
from memc.serve.identity import attributes
from memc.serve.instruments import INSTRUMENTS
from memc.serve.otlp import Pusher
from memc.serve.otlp_http import _Session
from memc.serve.push_error import PushError
from memc.serve.receiver import receiver

SCAN = crowd_scan(groups=12, owners=3, lines=4, detail="smaps")
MS = 1_000_000


@pytest.fixture(scope="module")
def server():
    with receiving() as made:
        yield made


@pytest.fixture
def got(server):
    server.answer = taken
    server.requests.clear()
    return server


def pusher(url, environ=None, *, timeout_s=0.5, **options):
    """Return what pushes to an address; it waits for a short time."""
    to = receiver(environ or {}, endpoint=url, **options)
    return Pusher(to._replace(timeout_s=timeout_s), {"service.name": "memc"})


def failure(made, scan=SCAN):
    with pytest.raises(PushError) as error:
        made.push(scan)
    return error.value


def test_every_value_arrives_with_its_name_its_unit_and_its_kind(got):
    pushed = pusher(got.url, timeout_s=5).push(SCAN)
    metrics = got.metrics()
    assert [*metrics] == [instrument.name for instrument in INSTRUMENTS]
    for instrument in INSTRUMENTS:
        metric = metrics[instrument.name]
        assert metric.unit == instrument.unit
        assert metric.description == instrument.description
        assert metric.WhichOneof("data") == ("sum" if instrument.is_sum else "gauge")
        assert points(metric) == [
            (found, value)
            for found, value in instrument.values(SCAN)
            if value is not None
        ]
    assert pushed == sum(len(points(metric)) for metric in metrics.values())


def test_a_sum_may_fall_and_is_told_as_it_is_now(got):
    made = pusher(got.url, timeout_s=5)
    made.push(SCAN)
    for metric in got.metrics().values():
        if metric.WhichOneof("data") == "sum":
            assert not metric.sum.is_monotonic
            assert metric.sum.aggregation_temporality == 2  # cumulative


def test_a_value_has_the_time_of_its_scan(got):
    pusher(got.url, timeout_s=5).push(SCAN)
    (point,) = got.metrics()["memc.scan.duration"].gauge.data_points
    assert point.time_unix_nano == NOW_MS * MS
    sums = got.metrics()["memc.group.process.count"].sum.data_points
    assert {point.time_unix_nano for point in sums} == {NOW_MS * MS}
    assert all(p.start_time_unix_nano <= p.time_unix_nano for p in sums)


def test_what_is_gone_is_told_no_more_and_kept_nowhere(got):
    """The readers of the SDK keep each set of attributes, and tell 2,000 at most."""
    made = pusher(got.url, timeout_s=5)
    for turn in range(3):
        scan = crowd_scan(groups=2, strange=False, lines=1000)
        lines = tuple(line._replace(pid=line.pid + turn * 1000) for line in scan.lines)
        made.push(scan._replace(lines=lines))
        told = points(got.metrics()["process.memory.usage"])
        assert [found["process.pid"] for found, _ in told] == [p.pid for p in lines]


def test_more_than_two_thousand_values_of_one_instrument_arrive(got):
    scan = crowd_scan(groups=150, owners=18)
    pusher(got.url, timeout_s=5).push(scan)
    told = points(got.metrics()["memc.owner.memory.resident"])
    assert len(told) == len(scan.owners) > 2000
    assert not any("otel.metric.overflow" in found for found, _ in told)


def test_a_scan_of_no_process_is_pushed_too(got):
    empty = SCAN._replace(groups={}, owners={}, lines=(), longest_read_ns=None)
    assert pusher(got.url, timeout_s=5).push(empty) == 1
    assert [*got.metrics()] == ["memc.scan.duration"]


# Options, and what the request then has; None is no such header.
HEADERS = [
    ({}, {"Content-Encoding": "gzip", "content-type": "application/x-protobuf"}),
    ({"compress": "none"}, {"Content-Encoding": None}),
    ({"headers": [("X-Key", "a b")]}, {"x-key": "a b"}),
]


@pytest.mark.parametrize(("options", "expected"), HEADERS)
def test_a_request_has_the_headers_that_options_ask_for(got, options, expected):
    pusher(got.url, timeout_s=5, **options).push(SCAN)
    path, headers, _ = got.requests[-1]
    assert path == "/v1/metrics"
    lower = {name.lower(): value for name, value in headers.items()}
    assert {name: lower.get(name.lower()) for name in expected} == expected


def test_the_environment_says_who_pushes_before_memc_does(got, monkeypatch):
    monkeypatch.setenv(
        "OTEL_RESOURCE_ATTRIBUTES", "service.name=x,team=memory%20hunters"
    )
    to = receiver({}, endpoint=got.url)
    Pusher(to, {"service.name": "memc", "host.name": "h"}).push(SCAN)
    assert got.resource()["service.name"] == "x"
    assert got.resource()["team"] == "memory hunters"
    monkeypatch.setenv("OTEL_SERVICE_NAME", "y")
    Pusher(to, {"service.name": "memc", "host.name": "h"}).push(SCAN)
    found = got.resource()
    assert (found["service.name"], found["host.name"]) == ("y", "h")
    assert found["service.version"] == version()


# How it answers, and what is said of it.
REFUSED = [
    ("busy", status(503), "HTTP 503 Service Unavailable"),
    ("too many", status(429), "HTTP 429 Too Many Requests"),
    ("bad", status(400), "HTTP 400 Bad Request"),
    ("no right", status(401), "HTTP 401 Unauthorized"),
    ("no such path", status(404), "HTTP 404 Not Found"),
    # The exporter takes it for a success, though nothing was taken.
    ("elsewhere", status(302, Location="/x"), "HTTP 302 Found"),
    ("closed in the body", cut, "the connection ended before the whole answer was"),
    ("hung up", hang_up, "the connection ended before the whole answer was"),
    ("slow", hang, "no answer in 0.5 s"),
    ("in part", partial(12, "no room"), "refused 12 of the values: no room"),
    ("in part, many words", partial(1, "x" * 9000), "of the values: " + "x" * 200),
    ("no end", endless, "its answer is too long"),
    ("in part, no words", partial(3, ""), "refused 3 of the values"),
]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case[0])
def test_what_is_not_taken_is_an_error_with_words(got, case):
    _, got.answer, words = case
    made = pusher(got.url)
    error = failure(made)
    assert words in str(error)
    assert len(str(error)) < 400
    assert error.wait_s == 0
    got.answer = taken  # and the next one is as good as the first
    assert made.push(SCAN)


TAKEN = [
    ("a warning", partial(0, "hm")),
    ("an answer that is damaged", no_protobuf),
    (
        "an answer in JSON",
        lambda h: reply(h, 200, b"{}", Content_Type="application/json"),
    ),
    ("no content", status(204)),
    ("accepted", status(202)),
]


@pytest.mark.parametrize("case", TAKEN, ids=lambda case: case[0])
def test_what_is_taken_is_no_error(got, case):
    _, got.answer = case
    assert pusher(got.url, timeout_s=5).push(SCAN)


def test_an_answer_that_unpacks_to_much_takes_no_memory(got):
    body = gzip.compress(bytes(64 << 20))
    got.answer = lambda handler: reply(
        handler, 200, body, Content_Type=PROTOBUF, Content_Encoding="gzip"
    )
    made = pusher(got.url, timeout_s=5)
    made.push(SCAN)
    tracemalloc.start()
    try:
        made.push(SCAN)
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()
    assert got.requests[-1][1]["Accept-Encoding"] == "identity"


WAITS = [
    (429, "30", 30),
    (503, "7", 7),
    (429, "0", 0),
    (429, "soon", 0),
    (429, "-5", 0),
    (429, "9" * 400, 999_999_999),
    (429, "Thu, 01 Jan 1970 00:00:00 GMT", 0),
    (400, "30", 0),  # it is for those that may be tried again
]


@pytest.mark.parametrize(("number", "after", "seconds"), WAITS)
def test_a_receiver_may_ask_to_be_left_alone(got, number, after, seconds):
    got.answer = status(number, Retry_After=after)
    error = failure(pusher(got.url))
    assert error.wait_s == seconds
    assert (f"asks to wait {seconds:g} s" in str(error)) == bool(seconds)


def test_a_date_to_be_left_alone_until_is_a_time_to_wait(got):
    until = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 600))
    got.answer = status(503, Retry_After=until)
    assert 300 < failure(pusher(got.url)).wait_s <= 601


def test_a_short_trouble_is_tried_again_within_one_push(got):
    answers = [status(503, Retry_After="0"), hang_up, taken]

    def answer(handler):
        answers.pop(0)(handler)

    got.answer = answer
    assert pusher(got.url, timeout_s=5).push(SCAN)
    assert not answers


def test_a_last_try_without_time_keeps_what_went_wrong_before(got):
    session = _Session(None)
    request = requests.Request("POST", got.url).prepare()
    with pytest.raises(requests.Timeout):
        session.send(request, timeout=0.0)
    got.answer = hang_up
    with pytest.raises(requests.ConnectionError) as before:
        session.send(request, timeout=5)
    with pytest.raises(requests.ConnectionError) as last:
        session.send(request, timeout=0.0)
    assert last.value is before.value is session.error


def test_a_receiver_that_is_not_there_is_an_error_with_words():
    assert "connection refused" in str(failure(pusher("http://127.0.0.1:1")))


def test_no_tls_where_it_was_expected_is_an_error_with_words(got):
    words = str(failure(pusher(got.url.replace("http", "https"))))
    assert "TLS" in words or "connection" in words


IDENTITY = [
    ("boot ID", {}, "5f2\n", "abc\n", {"service.instance.id": "5f2"}),
    ("no boot ID", {}, None, "abc\n", {"service.instance.id": None}),
    ("no machine ID", {}, "5f2\n", None, {"host.id": None}),
    ("not set up", {}, "5f2\n", "uninitialized\n", {"host.id": None}),
    ("a pod", {"K8S_POD_NAME": "p-1"}, "5f2\n", "abc\n", {"k8s.pod.name": "p-1"}),
    ("a node", {"K8S_NODE_NAME": "n"}, "5f2\n", "abc\n", {"k8s.node.name": "n"}),
    ("its ID", {"K8S_POD_UID": "u"}, "5f2\n", "abc\n", {"k8s.pod.uid": "u"}),
    ("no pod", {"K8S_POD_NAME": ""}, "5f2\n", "abc\n", {"k8s.pod.name": None}),
]


@pytest.mark.parametrize("case", IDENTITY, ids=lambda case: case[0])
def test_who_pushes_is_told_as_far_as_it_is_known(tmp_path, case):
    _, environ, boot, machine, expected = case
    folder = tmp_path / "sys/kernel/random"
    folder.mkdir(parents=True)
    if boot is not None:
        (folder / "boot_id").write_text(boot)
    if machine is not None:
        (tmp_path / "machine-id").write_text(machine)
    found = attributes(environ, str(tmp_path), machine_id=str(tmp_path / "machine-id"))
    assert found["service.name"] == "memc"
    assert {name: found.get(name) for name in expected} == expected


def test_the_id_of_the_machine_is_not_sent_as_it_is(tmp_path):
    path = tmp_path / "machine-id"
    path.write_text("0123456789abcdef0123456789abcdef\n")
    found = attributes({}, str(tmp_path), machine_id=str(path))["host.id"]
    assert len(found) == 32
    assert found not in path.read_text()
    assert found == attributes({}, str(tmp_path), machine_id=str(path))["host.id"]
