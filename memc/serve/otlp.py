"""Push scans to a receiver of OTLP, by the SDK of OpenTelemetry.

The data of a push are made of the scan directly.  The SDK's own reader of instruments
keeps each set of attributes that it ever saw, and tells 2,000 of an instrument at most:
both is wrong for processes, which come and go.
"""

from __future__ import annotations

import time

from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Gauge,
    Metric,
    MetricsData,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from memc._version import version
from memc.serve.instruments import INSTRUMENTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Protocol

    from memc.serve.instruments import Instrument
    from memc.serve.receiver import Receiver
    from memc.serve.scan import Scan

    class Sender(Protocol):
        """What sends the data of one push; see memc.serve.otlp_http."""

        def send(self, data: MetricsData) -> None: ...

        def close(self) -> None: ...


__all__ = ["Pusher"]

NS_PER_MS = 1_000_000


class Pusher:
    """Pushes scans to a receiver.

    `attributes` tell who pushes; those of the environment go before them.
    """

    def __init__(self, receiver: Receiver, attributes: Mapping[str, str]) -> None:
        own = Resource({**attributes, "service.version": version()})
        of_sdk = Resource.get_empty().merge(Resource.create({}))
        self._resource = of_sdk.merge(own).merge(OTELResourceDetector().detect())
        self._scope = InstrumentationScope("memc", version())
        self._since_ns = time.time_ns()
        self._sender = _sender(receiver)

    def push(self, scan: Scan) -> int:
        """Push a scan; return how many values that are.

        It takes no longer than the receiver's time, mostly: what sends bytes one by one
        can hold it up.  Raises PushError.
        """
        metrics = [*filter(None, (self._metric(one, scan) for one in INSTRUMENTS))]
        scopes = [ScopeMetrics(self._scope, metrics, "")]
        self._sender.send(MetricsData([ResourceMetrics(self._resource, scopes, "")]))
        return sum(len(metric.data.data_points) for metric in metrics)

    def close(self) -> None:
        """Give up what is being sent.  May be called from another thread."""
        self._sender.close()

    def _metric(self, instrument: Instrument, scan: Scan) -> Metric | None:
        """Return the values of an instrument; None if there are none."""
        at_ns = scan.timestamp_ms * NS_PER_MS
        since_ns = min(self._since_ns, at_ns)  # the clock may have been set
        points = [
            NumberDataPoint(attributes, since_ns, at_ns, value)
            for attributes, value in instrument.values(scan)
            if value is not None
        ]
        if not points:
            return None
        data = (
            Sum(points, AggregationTemporality.CUMULATIVE, is_monotonic=False)
            if instrument.is_sum
            else Gauge(points)
        )
        return Metric(instrument.name, instrument.description, instrument.unit, data)


def _sender(receiver: Receiver) -> Sender:
    if receiver.protocol == "grpc":
        from memc.serve.otlp_grpc import GrpcSender

        return GrpcSender(receiver)
    from memc.serve.otlp_http import HttpSender

    return HttpSender(receiver)
