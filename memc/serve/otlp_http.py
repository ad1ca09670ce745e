"""Send by HTTP: the exporter of the SDK, and what became of it."""

from __future__ import annotations

import ssl
from contextlib import suppress
from http import HTTPStatus

import requests
from google.protobuf.message import DecodeError
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceResponse,
)
from opentelemetry.sdk.metrics.export import MetricExportResult

from memc.serve.push_error import PushError, check_partial

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from opentelemetry.sdk.metrics.export import MetricsData

    from memc.serve.receiver import Receiver

__all__ = ["HttpSender"]

COMPRESSION = {"gzip": Compression.Gzip, "none": Compression.NoCompression}
PROTOBUF = "application/x-protobuf"
ANSWER_MAX = 1 << 20  # bytes; what is wrong with some values takes a few
PIECE = 1 << 14
BUSY = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)


class _Session(requests.Session):  # type: ignore[misc]  # mypy does not look there
    """Keeps the last answer or error: the exporter tells only whether it worked.

    It trusts the file `ca`, if there is one, also where REQUESTS_CA_BUNDLE is set: a
    session obeys that before its own `verify`.
    """

    def __init__(self, ca: str | None) -> None:
        super().__init__()
        self._ca = ca
        self.headers["Accept-Encoding"] = "identity"
        self.forget()

    def forget(self) -> None:
        """Forget the answer and the error."""
        self.answer: requests.Response | None = None
        self.error: Exception | None = None
        self.is_too_long = False

    def send(self, request: object, **how: object) -> object:
        """Send a request.

        The exporter tries again until its time is up, at last with no time at all: then
        what went wrong before is raised.
        """
        timeout_s = how.get("timeout")
        if isinstance(timeout_s, (int, float)) and timeout_s <= 0:
            self.error = self.error or requests.Timeout()
            raise self.error
        self.forget()
        how["allow_redirects"] = False  # a POST would become a GET
        how["stream"] = True  # there may be no end to an answer
        if self._ca is not None:
            how["verify"] = self._ca
        try:
            answer = super().send(request, **how)
            self._read(answer)
            self.answer = answer
        except Exception as error:
            self.error = error
            raise
        return self.answer

    def _read(self, answer: requests.Response) -> None:
        """Read an answer; of one that is too long, its head alone."""
        answer.raw.headers.pop("Content-Encoding", None)  # a little may unpack to all
        content = b""
        for piece in answer.iter_content(PIECE):
            content += piece
            if len(content) > ANSWER_MAX:
                self.is_too_long = True
                content = b""
                answer.close()
                break
        answer._content = content  # where its `content` is


class HttpSender:
    """Sends to one receiver; keeps the connection."""

    def __init__(self, receiver: Receiver) -> None:
        self._timeout_s = receiver.timeout_s
        self._session = _Session(receiver.ca)
        self._exporter = OTLPMetricExporter(
            endpoint=receiver.url,
            certificate_file=receiver.ca,
            client_key_file=receiver.client_key,
            client_certificate_file=receiver.client_certificate,
            headers=receiver.headers,
            timeout=receiver.timeout_s,
            compression=COMPRESSION[receiver.compress],
            session=self._session,
        )

    def send(self, data: MetricsData) -> None:
        """Send data.  Raises PushError."""
        self._session.forget()
        result = None
        with suppress(requests.RequestException):  # some releases let it through
            result = self._exporter.export(data)
        answer, error = self._session.answer, self._session.error
        if answer is not None and not HTTPStatus.OK <= answer.status_code < 300:
            raise _refused(answer)  # a redirection, too: the exporter takes it for OK
        if result is not MetricExportResult.SUCCESS or answer is None:
            raise PushError(self._words(error))
        if self._session.is_too_long:
            raise PushError("its answer is too long")
        if answer.headers.get("Content-Type", "").startswith(PROTOBUF):
            check_partial(_decoded(answer.content).partial_success)

    def close(self) -> None:
        """Give up what is being sent."""
        self._exporter.shutdown()

    def _words(self, error: Exception | None) -> str:
        """Return why there is no whole answer."""
        if error is None:
            return "the data could not be sent"
        chain = [*_chain(error)]
        if any(isinstance(one, requests.Timeout) for one in chain):
            return f"no answer in {self._timeout_s:g} s"
        words = _of_tls(chain) or _of_system(chain)
        if words:
            return words
        if isinstance(error, requests.RequestException):
            return "the connection ended before the whole answer was there"
        return f"{type(error).__name__}: {error}"


def _of_tls(chain: list[BaseException]) -> str:
    for one in chain:
        if isinstance(one, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted: {one.verify_message}"
        if isinstance(one, ssl.SSLError):
            return f"no TLS connection: {one.reason or one}"
    return ""


def _of_system(chain: list[BaseException]) -> str:
    """Return the words for the innermost error of a system call."""
    for one in reversed(chain):
        if isinstance(one, OSError) and one.errno and one.strerror:
            return one.strerror[:1].lower() + one.strerror[1:]
    return ""


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and those that it was made of: requests wraps those of urllib3."""
    seen: list[BaseException] = []
    waiting = [error]
    while waiting:
        one = waiting.pop(0)
        if one in seen:
            continue
        seen.append(one)
        yield one
        inner = (getattr(one, "reason", None), *one.args, one.__cause__)
        waiting += [each for each in inner if isinstance(each, BaseException)]


def _refused(answer: requests.Response) -> PushError:
    words = f"HTTP {answer.status_code} {answer.reason or ''}".rstrip()
    wait_s = 0.0
    if answer.status_code in BUSY:
        wait_s = _wait_s(answer.headers.get("Retry-After", ""))
    if wait_s:
        words += f", which asks to wait {wait_s:g} s"
    return PushError(words, wait_s=wait_s)


def _wait_s(text: str) -> float:
    """Return the seconds of a Retry-After; 0 for what is none, or for a past time."""
    plain = text.strip()
    if plain.isascii() and plain.isdigit():
        return float(plain[:9])
    import time
    from email.utils import parsedate_to_datetime

    try:
        until = parsedate_to_datetime(plain).timestamp()
    except (TypeError, ValueError, OverflowError):
        return 0.0
    return max(float(round(until - time.time())), 0.0)


def _decoded(content: bytes) -> ExportMetricsServiceResponse:
    """Return an answer; an empty one if it is damaged: the values were taken."""
    answer = ExportMetricsServiceResponse()
    try:
        answer.MergeFromString(content)
    except DecodeError:
        answer.Clear()
    return answer
