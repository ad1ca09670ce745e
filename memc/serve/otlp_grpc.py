"""Send by gRPC: the exporter of the SDK, and what became of it."""

from __future__ import annotations

import os

os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # its C library writes to stderr

import grpc
from google.rpc.error_details_pb2 import RetryInfo
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import (
    OTLPMetricExporter,
)
from opentelemetry.sdk.metrics.export import MetricExportResult

from memc.serve.push_error import PushError, check_partial

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from opentelemetry.sdk.metrics.export import MetricsData

    from memc.serve.receiver import Receiver

__all__ = ["GrpcSender"]

COMPRESSION = {
    "gzip": grpc.Compression.Gzip,
    "none": grpc.Compression.NoCompression,
}
RETRY_INFO = "google.rpc.retryinfo-bin"


class _Client:
    """Keeps the last answer or error: the exporter tells only whether it worked."""

    def __init__(self, stub: Any, seen: list[Any]) -> None:  # noqa: ANN401
        self._stub = stub
        self._seen = seen

    def Export(self, **how: Any) -> Any:  # noqa: ANN401, N802 - the name in the protocol
        """Call the service."""
        try:
            self._seen[:] = [self._stub.Export(**how)]
        except grpc.RpcError as error:
            self._seen[:] = [error]
            raise
        return self._seen[0]


class _Exporter(OTLPMetricExporter):  # type: ignore[misc]  # mypy does not look there
    def __init__(self, seen: list[Any], **how: Any) -> None:  # noqa: ANN401
        self._seen = seen
        super().__init__(**how)
        self._watch()

    def _initialize_channel_and_stub(self) -> None:
        """Connect; from release 1.40 on also again after an error."""
        super()._initialize_channel_and_stub()
        self._watch()

    def _watch(self) -> None:
        if not isinstance(self._client, _Client):
            self._client: Any = _Client(self._client, self._seen)


class GrpcSender:
    """Sends to one receiver; keeps the connection."""

    def __init__(self, receiver: Receiver) -> None:
        self._timeout_s = receiver.timeout_s
        self._seen: list[Any] = []
        self._exporter = _Exporter(
            self._seen,
            endpoint=receiver.url,
            insecure=receiver.is_plain,
            credentials=None if receiver.is_plain else _credentials(receiver),
            headers=receiver.headers,
            timeout=receiver.timeout_s,
            compression=COMPRESSION[receiver.compress],
        )

    def send(self, data: MetricsData) -> None:
        """Send data.  Raises PushError."""
        self._seen.clear()
        result = self._exporter.export(data)
        last = self._seen[-1] if self._seen else None
        if isinstance(last, grpc.RpcError):
            raise self._failed(last)
        if result is not MetricExportResult.SUCCESS:
            raise PushError("the data could not be sent")
        if last is not None:
            check_partial(last.partial_success)

    def close(self) -> None:
        """Give up what is being sent."""
        self._exporter.shutdown()

    def _failed(self, error: Any) -> PushError:  # noqa: ANN401
        code = error.code()
        if code is grpc.StatusCode.DEADLINE_EXCEEDED:
            return PushError(f"no answer in {self._timeout_s:g} s")
        words = f"gRPC {code.name}"
        if error.details():
            words += f": {error.details()}"
        return PushError(words, wait_s=_wait_s(error))


def _wait_s(error: Any) -> float:  # noqa: ANN401
    """Return how long the receiver wants to be left alone."""
    for key, value in error.trailing_metadata() or ():
        if key == RETRY_INFO:
            delay = RetryInfo.FromString(value).retry_delay
            return float(delay.seconds + delay.nanos / 1e9)
    return 0.0


def _credentials(receiver: Receiver) -> grpc.ChannelCredentials:
    files = (receiver.ca, receiver.client_key, receiver.client_certificate)
    return grpc.ssl_channel_credentials(*map(_read, files))


def _read(path: str | None) -> bytes | None:
    if path is None:
        return None
    with open(path, "rb") as file:
        return file.read()
