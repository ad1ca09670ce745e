"""Where is pushed to: options, the environment where one is not given, and errors."""

import re

import pytest

from memc.serve.receiver import header, receiver

BASE, METRICS = "OTEL_EXPORTER_OTLP_", "OTEL_EXPORTER_OTLP_METRICS_"

# The environment without its prefix, options, and what the receiver then has.
CHOSEN = [
    ({}, {}, {"protocol": "http", "url": "http://127.0.0.1:4318/v1/metrics"}),
    ({}, {"protocol": "grpc"}, {"url": "http://127.0.0.1:4317", "is_plain": True}),
    ({}, {"endpoint": "http://h:1"}, {"url": "http://h:1/v1/metrics"}),
    ({}, {"endpoint": "http://h:1/"}, {"url": "http://h:1/v1/metrics"}),
    ({}, {"endpoint": "https://h/otlp"}, {"url": "https://h/otlp/v1/metrics"}),
    ({}, {"endpoint": "https://h/v1/metrics"}, {"url": "https://h/v1/metrics"}),
    ({}, {"endpoint": "https://h/v1/metrics/"}, {"url": "https://h/v1/metrics"}),
    ({}, {"endpoint": "http://h/x?key=1"}, {"url": "http://h/x/v1/metrics?key=1"}),
    ({}, {"endpoint": "http://[::1]:4318"}, {"where": "http://[::1]:4318"}),
    # What is shown has no password.
    ({}, {"endpoint": "http://u:secret@h:1"}, {"where": "http://h:1"}),
    ({"ENDPOINT": "http://e:1/"}, {}, {"url": "http://e:1/v1/metrics"}),
    ({"ENDPOINT": "http://e:1"}, {"endpoint": "http://o:1"}, {"where": "http://o:1"}),
    # That for metrics alone is the whole address, by the specification.
    ({"METRICS_ENDPOINT": "http://m:1/in"}, {}, {"url": "http://m:1/in"}),
    ({"METRICS_ENDPOINT": "http://m:1"}, {}, {"url": "http://m:1/"}),
    (
        {"METRICS_ENDPOINT": "http://m:1/in", "ENDPOINT": "http://e:1"},
        {},
        {"where": "http://m:1"},
    ),
    ({"ENDPOINT": " "}, {}, {"where": "http://127.0.0.1:4318"}),  # empty is not set
    ({"PROTOCOL": "http/protobuf"}, {}, {"protocol": "http"}),
    ({"PROTOCOL": "grpc"}, {}, {"protocol": "grpc", "where": "http://127.0.0.1:4317"}),
    (
        {"PROTOCOL": "grpc", "METRICS_PROTOCOL": "http/protobuf"},
        {},
        {"protocol": "http"},
    ),
    ({"PROTOCOL": "grpc"}, {"protocol": "http"}, {"protocol": "http"}),
    # gRPC has host and port alone, too: with TLS unless the environment says otherwise.
    ({"PROTOCOL": "grpc", "ENDPOINT": "e:1"}, {}, {"url": "https://e:1"}),
    (
        {"PROTOCOL": "grpc", "ENDPOINT": "e:1", "INSECURE": "true"},
        {},
        {"url": "http://e:1", "is_plain": True},
    ),
    ({"HEADERS": "A=1,b=x%20y"}, {}, {"headers": {"a": "1", "b": "x y"}}),
    ({"HEADERS": "a=1"}, {"headers": [("A", "2")]}, {"headers": {"a": "2"}}),
    ({"HEADERS": "a=1", "METRICS_HEADERS": "c=3"}, {}, {"headers": {"c": "3"}}),
    ({}, {}, {"compress": "gzip", "timeout_s": 5}),
    ({"COMPRESSION": "none"}, {}, {"compress": "none"}),
    ({"COMPRESSION": "none"}, {"compress": "gzip"}, {"compress": "gzip"}),
    ({"TIMEOUT": "2.5"}, {}, {"timeout_s": 2.5}),
    ({"TIMEOUT": "10000"}, {}, {"timeout_s": 5}),  # never longer
]


def made(environ, options):
    return receiver({BASE + name: value for name, value in environ.items()}, **options)


@pytest.mark.parametrize(("environ", "options", "expected"), CHOSEN)
def test_an_option_holds_and_else_the_environment(environ, options, expected):
    found = made(environ, options)
    assert {name: getattr(found, name) for name in expected} == expected


# The environment, options, and the words of the error.
WRONG = [
    ({}, {"endpoint": ""}, "--endpoint: expected http://HOST:PORT"),
    ({}, {"endpoint": "h:4318"}, "--endpoint: expected http://HOST:PORT"),
    ({}, {"endpoint": "ftp://h"}, "--endpoint: expected http://HOST:PORT"),
    ({}, {"endpoint": "http://"}, "--endpoint: expected http://HOST:PORT"),
    ({}, {"endpoint": "http://h:0"}, "--endpoint: expected http://HOST:PORT"),
    ({}, {"endpoint": "http://h:99999"}, "out of range"),
    ({}, {"endpoint": "http://h:port"}, "--endpoint: expected http://HOST:PORT"),
    ({}, {"endpoint": "http://[::1"}, "--endpoint: expected http://HOST:PORT"),
    ({}, {"endpoint": "http://h/a b"}, "no blanks"),
    ({}, {"endpoint": "http://h\n"}, "no blanks"),
    ({}, {"endpoint": "http://h\udcff"}, "no blanks"),
    ({}, {"endpoint": "http://h/x", "protocol": "grpc"}, "no path"),
    ({}, {"endpoint": "http://u:p@h:1", "protocol": "grpc"}, "no path, no user"),
    ({"ENDPOINT": "nowhere"}, {}, f"{BASE}ENDPOINT: expected http://HOST:PORT"),
    ({"METRICS_ENDPOINT": "x"}, {}, f"{METRICS}ENDPOINT: expected"),
    ({"PROTOCOL": "http/json"}, {}, f"{BASE}PROTOCOL: expected http/protobuf or grpc"),
    ({"PROTOCOL": "smoke"}, {}, "not 'smoke'"),
    ({"HEADERS": "nothing"}, {}, f"{BASE}HEADERS: expected NAME=VALUE"),
    ({"HEADERS": "a=%0Ab"}, {}, "without control characters"),
    ({"COMPRESSION": "zip"}, {}, f"{BASE}COMPRESSION: expected gzip or none"),
    ({"TIMEOUT": "soon"}, {}, f"{BASE}TIMEOUT: expected a time in seconds"),
    ({"TIMEOUT": "0"}, {}, f"{BASE}TIMEOUT: expected a time in seconds"),
    ({"TIMEOUT": "-1"}, {}, f"{BASE}TIMEOUT: expected a time in seconds"),
    ({}, {"ca": "/nowhere/ca.pem"}, "--ca: cannot read /nowhere/ca.pem: No such file"),
    ({}, {"ca": "/dev/null"}, "no certificate in PEM form"),
    ({}, {"ca": "/"}, "Is a directory"),
    ({"CERTIFICATE": "/nowhere"}, {}, f"{BASE}CERTIFICATE: cannot read /nowhere"),
    ({"CLIENT_KEY": "/nowhere"}, {}, f"{BASE}CLIENT_KEY: cannot read /nowhere"),
    ({"CLIENT_CERTIFICATE": "/nowhere"}, {}, f"{BASE}CLIENT_CERTIFICATE: cannot read"),
    # The library of gRPC would end memc without words.
    ({"CLIENT_KEY": "/dev/null"}, {}, f"{BASE}CLIENT_KEY: expected its certificate"),
    (
        {"CLIENT_CERTIFICATE": "/dev/null"},
        {"protocol": "grpc"},
        f"{BASE}CLIENT_CERTIFICATE: expected its key",
    ),
    ({"CLIENT_CERTIFICATE": "/dev/null"}, {}, "expected a certificate in PEM form"),
]


@pytest.mark.parametrize(("environ", "options", "words"), WRONG)
def test_what_is_wrong_is_said_before_anything_is_read(environ, options, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        made(environ, options)


@pytest.mark.parametrize("secret", ["http://user:hunter2@h:99999", "hunter2"])
def test_an_error_shows_no_address_that_may_hold_a_password(secret):
    with pytest.raises(ValueError, match="--endpoint") as error:
        made({}, {"endpoint": secret})
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize("value", ["hunter2", "a b=hunter2", "=hunter2"])
def test_an_error_shows_no_header_of_the_environment(value):
    with pytest.raises(ValueError, match="HEADERS") as error:
        made({"HEADERS": value}, {})
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("api-key=x", ("api-key", "x")),
        ("A = b ", ("A", "b")),
        ("a=", ("a", "")),
        ("a=b=c", ("a", "b=c")),
        ("Authorization=Bearer x.y", ("Authorization", "Bearer x.y")),
    ],
)
def test_a_header_has_a_name_and_a_value(text, expected):
    assert header(text) == expected


@pytest.mark.parametrize(
    "text", ["", "a", "=b", "a b=c", "a:b=c", "ä=b", "a=ä", "a=b\nc", "a=\x00", "a\n=b"]
)
def test_what_is_no_header_is_refused(text):
    with pytest.raises(ValueError, match=r"NAME=VALUE|a VALUE"):
        header(text)
