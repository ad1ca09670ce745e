"""Where ``memc push`` sends to: from options, and the environment where none is given.

The names and rules are those of OpenTelemetry's specification of OTLP exporters.
Raises ValueError, which names the option or variable and what it expected.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit, urlunsplit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["COMPRESSIONS", "PROTOCOLS", "TIMEOUT_S", "Receiver", "header", "receiver"]

PROTOCOLS = ("http", "grpc")
COMPRESSIONS = ("gzip", "none")
TIMEOUT_S = 5.0  # one push takes no longer, tries after the first included

PORTS = {"http": 4318, "grpc": 4317}
PATH = "/v1/metrics"
SPELLINGS = {"http/protobuf": "http", "http": "http", "grpc": "grpc"}
# tchar of RFC 9110; gRPC has no more than some of these.
BLANKS = " \t"
NAME_MARKS = "!#$%&'*+-.^_`|~"


class Receiver(NamedTuple):
    """A receiver of OTLP, and how to send to it.

    `url` is whole, with the path for metrics if it has one; `where` is its short form,
    without a user's name and password.  `ca`, `client_certificate` and `client_key` are
    paths of files.
    """

    protocol: str
    url: str
    where: str
    headers: dict[str, str]
    ca: str | None
    client_certificate: str | None
    client_key: str | None
    compress: str
    timeout_s: float

    @property
    def is_plain(self) -> bool:
        """Tell whether it is sent to without TLS."""
        return self.url.startswith("http://")


def receiver(
    environ: Mapping[str, str],
    *,
    endpoint: str | None = None,
    protocol: str | None = None,
    headers: Iterable[tuple[str, str]] = (),
    ca: str | None = None,
    compress: str | None = None,
) -> Receiver:
    """Return the receiver that options and the environment choose."""
    known = _protocol(environ) if protocol is None else protocol
    url, where = _endpoint(environ, endpoint, known)
    return Receiver(
        known,
        url,
        where,
        _headers(environ) | {name.lower(): value for name, value in headers},
        _check(environ, "CERTIFICATE", ca, _has_certificates),
        *_client(environ, known),
        _compression(environ) if compress is None else compress,
        _timeout_s(environ),
    )


def header(text: str) -> tuple[str, str]:
    """Return the name and the value of a header, from NAME=VALUE."""
    name, equals, value = text.partition("=")
    name, value = name.strip(BLANKS), value.strip(BLANKS)
    if not equals or not _is_name(name):
        raise ValueError("NAME=VALUE, NAME of letters, digits and -")
    if not (value.isascii() and value.isprintable()):
        raise ValueError("a VALUE in ASCII, without control characters")
    return name, value


def _is_name(name: str) -> bool:
    plain = name.translate(dict.fromkeys(map(ord, NAME_MARKS)))
    return bool(name) and name.isascii() and (not plain or plain.isalnum())


def _of(environ: Mapping[str, str], word: str) -> tuple[str, str]:
    """Return the variable for metrics, or else for all signals, and its value."""
    for name in (f"OTEL_EXPORTER_OTLP_METRICS_{word}", f"OTEL_EXPORTER_OTLP_{word}"):
        if environ.get(name, "").strip():
            return name, environ[name].strip()
    return "", ""


def _protocol(environ: Mapping[str, str]) -> str:
    name, value = _of(environ, "PROTOCOL")
    if not name:
        return "http"
    if value not in SPELLINGS:
        raise ValueError(f"{name}: expected http/protobuf or grpc, not '{value}'")
    return SPELLINGS[value]


def _endpoint(
    environ: Mapping[str, str], given: str | None, protocol: str
) -> tuple[str, str]:
    name, value = ("--endpoint", given) if given is not None else ("", "")
    if given is None:
        name, value = _of(environ, "ENDPOINT")
        value = value or f"http://127.0.0.1:{PORTS[protocol]}"
    if protocol == "grpc" and "://" not in value:
        scheme = "http" if _is_insecure(environ) else "https"
        value = f"{scheme}://{value}"
    parts = _split(name, value)
    _, _, address = parts.netloc.rpartition("@")
    where = f"{parts.scheme}://{address}"
    if protocol == "grpc":
        if parts.path.strip("/") or parts.query or "@" in parts.netloc:
            raise _no_endpoint(name, "with gRPC: no path, no user")
        return where, where
    path = parts.path.rstrip("/")
    if name.endswith("METRICS_ENDPOINT"):  # is used as it is
        path = parts.path or "/"
    elif not path.endswith(PATH):
        path += PATH
    return urlunsplit(parts._replace(path=path, fragment="")), where


def _split(name: str, value: str) -> SplitResult:
    """Return the parts of a URL."""
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError as error:
        raise _no_endpoint(name, str(error).lower()) from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise _no_endpoint(name)
    if not (value.isascii() and value.isprintable()) or " " in value:
        raise _no_endpoint(name, "no blanks, ASCII")
    return parts


def _no_endpoint(name: str, why: str = "") -> ValueError:
    """Return the error; the value may hold a password and is not shown."""
    more = f" ({why})" if why else ""
    return ValueError(f"{name}: expected http://HOST:PORT or https://HOST:PORT{more}")


def _is_insecure(environ: Mapping[str, str]) -> bool:
    return _of(environ, "INSECURE")[1].lower() == "true"


def _headers(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of the environment: a list like that of W3C baggage."""
    name, value = _of(environ, "HEADERS")
    found = {}
    for part in filter(str.strip, value.split(",")):
        try:
            key, content = header(_unquoted(part))
        except ValueError as error:  # the value may be a secret
            raise ValueError(f"{name}: expected {error}, with commas between") from None
        found[key.lower()] = content
    return found


def _unquoted(text: str) -> str:
    from urllib.parse import unquote

    return unquote(text)


def _check(
    environ: Mapping[str, str],
    word: str,
    given: str | None,
    check: Callable[[str], None],
) -> str | None:
    """Return the path of a file, which is looked into once; None if there is none."""
    name, path = ("--ca", given) if given is not None else _of(environ, word)
    if not path:
        return None
    from memc.proc.rights import words_of

    try:
        check(path)
    except OSError as error:  # also of ssl
        raise ValueError(f"{name}: cannot read {path}: {words_of(error)}") from None
    return path


def _client(environ: Mapping[str, str], protocol: str) -> tuple[str | None, str | None]:
    """Return the files that show a receiver who memc is: a certificate and its key."""
    certificate = _check(environ, "CLIENT_CERTIFICATE", None, _is_readable)
    key = _check(environ, "CLIENT_KEY", None, _is_readable)
    if key and not certificate:
        name, _ = _of(environ, "CLIENT_KEY")
        raise ValueError(
            f"{name}: expected its certificate, too, in _CLIENT_CERTIFICATE"
        )
    if not certificate:
        return None, None
    name, _ = _of(environ, "CLIENT_CERTIFICATE")
    if protocol == "grpc" and not key:  # over HTTP both may be in one file
        raise ValueError(f"{name}: expected its key in _CLIENT_KEY")
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_cert_chain(certificate, key, password=lambda: "")
    except (ssl.SSLError, ValueError):
        what = "a certificate in PEM form, and its key without a password"
        raise ValueError(f"{name}: expected {what}: {certificate}") from None
    return certificate, key


def _is_readable(path: str) -> None:
    with open(path, "rb") as file:
        file.read(1)


def _has_certificates(path: str) -> None:
    _is_readable(path)
    import ssl

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except ssl.SSLError:
        raise OSError(0, "no certificate in PEM form is in it") from None


def _compression(environ: Mapping[str, str]) -> str:
    name, value = _of(environ, "COMPRESSION")
    if not name:
        return "gzip"
    if value.lower() not in COMPRESSIONS:
        raise ValueError(f"{name}: expected gzip or none, not '{value}'")
    return value.lower()


def _timeout_s(environ: Mapping[str, str]) -> float:
    """Return the time for one push; the environment can only make it shorter."""
    name, value = _of(environ, "TIMEOUT")
    if not name:
        return TIMEOUT_S
    plain = value.replace(".", "", 1)
    if not (plain.isascii() and plain.isdigit() and float(value) > 0):
        raise ValueError(f"{name}: expected a time in seconds, not '{value}'")
    return min(float(value), TIMEOUT_S)
