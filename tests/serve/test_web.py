"""What clients may ask for, and what they may do: others are answered."""

import asyncio
import gzip
import socket
import threading
import time
from contextlib import ExitStack, suppress

import pytest
from support.cases import cases
from support.web import LONG, TEXT, get, made_up, parts, read_all

from memc.serve.app import App

WHERE = b"memc: the metrics are at /metrics\n"
NONE = b"memc: no such page; the metrics are at /metrics\n"
READ_ONLY = b"memc: read only\n"
INVALID = b"Invalid HTTP request received."


@pytest.fixture(scope="module")
def web():
    made = made_up("--seconds", "1.5")
    yield made
    status, rest, _ = made.end()
    assert (status, rest) == (0, "")  # nothing that clients do is told


@pytest.fixture(scope="module")
def long_web():
    made = made_up("--seconds", "1.5", "--text", "long")
    yield made
    assert made.end()[:2] == (0, "")


# status, body, request, why
REQUESTS = [
    (200, TEXT, get(), "the metrics"),
    (200, TEXT, get("/metrics?name[]=memc_up"), "a query says nothing"),
    (200, TEXT, get("/metrics", version="1.0"), "an old client"),
    (200, TEXT, get("/metrics", "Accept-Encoding: gzip"), "too short to pack"),
    (200, TEXT, get("/metrics", "Accept: */*", "Accept: text/plain"), "twice"),
    (200, TEXT, get("/metrics", "Content-Length: 4") + b"body", "a body says nothing"),
    (200, TEXT, get("/metrics", "Upgrade: websocket", "Connection: upgrade"), "no"),
    (200, TEXT, get("/%6detrics"), "an escaped letter"),
    (200, b"", get(method="HEAD"), "the head alone"),
    (200, WHERE, get("/"), "where the metrics are"),
    (200, b"memc is up\n", get("/-/healthy"), "memc runs"),
    (200, b"memc is ready\n", get("/-/ready"), "there was a scan"),
    (404, NONE, get("/metrics/"), "another page"),
    (404, NONE, get("/../etc/passwd"), "no file is served"),
    (404, NONE, get("/%00"), "a NUL"),
    (404, NONE, get("/x", method="POST"), "no page to write to, either"),
    (405, READ_ONLY, get(method="POST"), "another method"),
    (405, READ_ONLY, get("/-/healthy", method="DELETE"), "of each page"),
    (405, READ_ONLY, get(method="OPTIONS"), "a browser that asks first"),
    (400, INVALID, b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", "TLS where there is none"),
    (400, INVALID, b"nonsense\r\n\r\n", "no HTTP"),
    (400, INVALID, b"GET /metrics HTTP/1.1\r\n\r\n", "no Host"),
    (400, INVALID, get("/metrics", "X : y"), "a blank in the name of a header"),
    (400, INVALID, get("/metrics", "Content-Length: -1"), "no length"),
    (400, INVALID, get("/metrics", "Content-Length: 1", "Content-Length: 2"), "two"),
]  # fmt: skip


@cases(REQUESTS, why=3)
def test_each_request_has_its_answer(web, case):
    status, body, request, _ = case
    found, headers, text = parts(web.ask(request))
    assert (found, text) == (status, body)
    if status == 405:
        assert headers["allow"] == "GET, HEAD"
    if status == 200:
        assert int(headers["content-length"]) == len(body or TEXT)
    assert "server" not in headers


# Requests that never end; why.
HUGE = [
    (b"GET /metrics HTTP/1.1\r\nX: ", "a header"),
    (b"GET /", "a path"),
    (b"", "the first word"),
    (b"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", "a chunk"),
]  # fmt: skip


@cases(HUGE, why=1)
def test_huge_request_is_refused_and_takes_no_memory(web, case):
    before = web.rss_kb()
    with web.connect() as client, suppress(ConnectionError):
        client.sendall(case[0])
        for _ in range(200):
            client.sendall(b"x" * (1 << 20))
    assert parts(web.ask(get()))[0] == 200
    assert web.rss_kb() - before < 20 << 10


# whether it is packed, why, what the client takes
PACKED = [
    (True, "as Prometheus asks", "gzip"),
    (True, "one of several", "deflate, gzip;q=0.5, br"),
    (True, "anything", "*"),
    (True, "in capitals", "GZIP"),
    (False, "nothing", ""),
    (False, "another", "deflate"),
    (False, "refused", "gzip;q=0, *"),
    (False, "no number", "gzip;q=many"),
]  # fmt: skip


@cases(PACKED, why=1)
def test_answer_is_packed_if_the_client_takes_that(long_web, case):
    is_packed, _, takes = case
    answer = long_web.ask(get("/metrics", f"Accept-Encoding: {takes}"))
    status, headers, body = parts(answer)
    assert (status, headers.get("content-encoding")) == (
        200,
        "gzip" if is_packed else None,
    )
    assert (gzip.decompress(body) if is_packed else body) == LONG
    assert headers["vary"] == "accept, accept-encoding"


def test_form_is_the_one_that_the_client_accepts(web):
    for accept in ("text/plain", "application/openmetrics-text"):
        assert (
            parts(web.ask(get("/metrics", f"Accept: {accept}")))[1]["content-type"]
            == accept
        )


def test_requests_that_come_at_once_are_answered_in_their_order(web):
    asked = get(close=False) + get("/-/healthy", close=False) + get("/x")
    found = web.ask(asked)
    assert [found.index(word) for word in (TEXT, b"memc is up", NONE)] == sorted(
        found.index(word) for word in (TEXT, b"memc is up", NONE)
    )


def test_one_connection_is_good_for_many_scrapes(web):
    with web.connect() as client:
        for _ in range(200):
            client.sendall(get(close=False))
            found = b""
            while not found.endswith(TEXT):
                found += client.recv(1 << 16)
            assert parts(found)[0] == 200


def test_many_scrapes_one_after_another_are_answered(web):
    assert {parts(web.ask(get()))[0] for _ in range(200)} == {200}


# Bytes that a client sends before it falls silent; why.
SILENT = [
    (b"", "nothing at all"),
    (b"GET /metr", "a part of the first line"),
    (get()[:-2], "all but the end of the headers"),
    (get("/metrics", "Content-Length: 9")[:-1], "it waits in the headers"),
]


@cases(SILENT, why=1)
def test_silent_client_is_cut_off(web, case):
    with web.connect() as client:
        client.sendall(case[0])
        assert read_all(client) == b""  # the deadline of the socket is far away


@cases(SILENT, why=1)
def test_silent_clients_keep_nobody_out(web, case):
    with ExitStack() as opened:
        for _ in range(50):  # far more than are served at once
            opened.enter_context(web.connect()).sendall(case[0])
        assert parts(web.ask(get()))[0] == 200


def test_client_that_sends_byte_by_byte_is_cut_off(web):
    with web.connect() as client:
        began = time.monotonic()
        with pytest.raises((BrokenPipeError, ConnectionResetError)):  # noqa: PT012
            while time.monotonic() - began < 30:
                client.sendall(b"X")
                time.sleep(0.05)  # slow is what it is


def test_clients_that_read_nothing_keep_nobody_out_and_are_cut_off(long_web):
    before = long_web.clients()
    with ExitStack() as opened:
        for _ in range(50):
            client = opened.enter_context(long_web.connect())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.sendall(get(close=False) * 5)
        assert parts(long_web.ask(get()))[2] == LONG
        while long_web.clients() > before:  # the test is cut off, too, if they stay
            time.sleep(0.05)


def test_client_that_leaves_in_the_middle_of_an_answer_harms_nobody(long_web):
    for _ in range(20):
        with long_web.connect() as client:
            client.sendall(get())
            client.recv(100)
    assert parts(long_web.ask(get()))[2] == LONG


def test_metrics_that_fail_are_an_error_500_and_told_once():
    web = made_up("--text", "fails")
    for _ in range(3):
        assert parts(web.ask(get()))[0] == 500
    assert parts(web.ask(get("/-/healthy")))[0] == 200
    assert web.end()[:2] == (0, "memc: a request failed: RuntimeError: no text\n")


def test_not_ready_before_the_first_scan():
    web = made_up("--text", "none")
    status, headers, _ = parts(web.ask(get("/-/ready")))
    assert (status, headers["retry-after"]) == (503, "5")
    assert web.end()[:2] == (0, "")


@pytest.mark.parametrize("number", [2, 15])
@cases([*SILENT, (get(close=False) * 5, "it reads nothing of a long answer")], why=1)
def test_signal_ends_it_soon_whatever_clients_do(case, number):
    web = made_up("--text", "long")
    with ExitStack() as opened:
        for _ in range(5):
            opened.enter_context(web.connect()).sendall(case[0])
        parts(web.ask(get("/-/healthy")))
        status, rest, took_s = web.end(number)
    assert (status, rest) == (0, "")
    assert took_s < 3  # the contract


def test_password_of_a_client_that_is_gone_is_not_tried():
    tried, go_on = [], threading.Event()

    class Users:
        def is_known(self, _header):
            return False

        def is_right(self, header):
            tried.append(header)
            return go_on.wait(30)

    async def ask(app, header, receive):
        async def send(_message):
            pass

        scope = {"path": "/metrics", "method": "GET"}
        await app({**scope, "headers": [(b"authorization", header)]}, receive, send)

    async def leaves():
        return {"type": "http.disconnect"}

    async def talk():
        app = App(lambda _: (TEXT, "text/plain"), lambda: True, Users())
        first = asyncio.ensure_future(ask(app, b"first", asyncio.Event().wait))
        try:
            await asyncio.sleep(0)
            gone = (ask(app, b"gone", leaves) for _ in range(5))
            await asyncio.wait_for(asyncio.gather(*gone), 5)
        finally:
            go_on.set()
        await first
        app.close()

    asyncio.run(talk())
    assert tried == [b"first"]
