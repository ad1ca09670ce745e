"""The metrics for Prometheus: a collector, and the page that a scrape gets."""

from __future__ import annotations

import re
from functools import partial

from prometheus_client import exposition
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    InfoMetricFamily,
)
from prometheus_client.openmetrics import exposition as openmetrics

from memc.serve.metrics import metrics
from memc.serve.state import state_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from memc.serve.metrics import Metric
    from memc.serve.state import Scans, State

    Family = CounterMetricFamily | GaugeMetricFamily | InfoMetricFamily

__all__ = ["Collector", "text"]

PLAIN = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
# The names of memc need no escape: to look for one takes a third of the time.
AS_IT_IS = {"escaping": "allow-utf-8"} if hasattr(openmetrics, "ALLOWUTF8") else {}
WRITERS: dict[str, Callable[[_Once], bytes]] = {
    PLAIN: exposition.generate_latest,
    OPENMETRICS: partial(openmetrics.generate_latest, **AS_IT_IS),
}
# The types of a scraper, and what it gets for them
TYPES = {
    "application/openmetrics-text": OPENMETRICS,
    "text/plain": PLAIN,
    "text/*": PLAIN,
    "*/*": PLAIN,
}
VERSIONS = {OPENMETRICS: ("0.0.1", "1.0.0"), PLAIN: ("0.0.4", "1.0.0")}
WEIGHT = re.compile(r"0(\.\d{0,3})?|1(\.0{0,3})?")


class Collector:
    """The metrics of a Scanner, for any registry of prometheus_client.

        scanner = memc.serve.Scanner(pid=os.getpid())
        prometheus_client.REGISTRY.register(memc.serve.Collector(scanner))

    It tells the last scan and reads nothing.  A scanner that never scanned is started
    when the registry first asks.  `names` is "memc", or "process-exporter" for groups
    in the words of that program.
    """

    def __init__(self, scanner: Scans, *, names: str = "memc") -> None:
        self._scanner = scanner
        self._metrics = metrics(names)
        self._pages: dict[str, tuple[State, bytes]] = {}

    def describe(self) -> list[Family]:
        """Return the families without their samples, for a registry."""
        return [_family(metric) for metric in self._metrics]

    def collect(self) -> Iterator[Family]:
        """Give the families that have samples, all of one scan."""
        if self._scanner.latest() is None and not self._scanner.is_running():
            self._scanner.start()
        return self._families(state_of(self._scanner))

    def text(self, accept: str = "") -> tuple[bytes, str]:
        """Return the page for a request with the header `accept`, and its type.

        It is made once for each scan, however many ask for it.
        """
        kind, state = _kind(accept), state_of(self._scanner)
        made = self._pages.get(kind)
        if made is None or made[0] != state:
            made = state, WRITERS[kind](_Once(self._families(state)))
            self._pages[kind] = made
        return made[1], kind

    def _families(self, state: State) -> Iterator[Family]:
        for metric in self._metrics:
            family = _family(metric)
            _add(family, metric, state)
            if family.samples:
                yield family


class _Once:
    """A registry of families that are there already."""

    def __init__(self, families: Iterator[Family]) -> None:
        self.collect = lambda: families


def text(scanner: Scans, accept: str = "", *, names: str = "memc") -> tuple[bytes, str]:
    """Return the page of one scrape, and its type."""
    return Collector(scanner, names=names).text(accept)


def _kind(accept: str) -> str:
    """Return which of the two types a scraper prefers; plain text if it says nothing.

    The header is parsed here, as choose_encoder() of prometheus_client overlooks
    weights, repeats any version that it is asked for, and fails if that is no number.
    """
    best, kind = 0.0, PLAIN
    for asked in accept.split(","):
        name, *pairs = (part.strip().lower() for part in asked.split(";"))
        offered = TYPES.get(name)
        options = dict(pair.partition("=")[::2] for pair in pairs)
        version, weight = options.get("version", ""), options.get("q", "1")
        if offered is None or not WEIGHT.fullmatch(weight):
            continue
        if version and version not in VERSIONS[offered]:
            continue
        if float(weight) > best:
            best, kind = float(weight), offered
    return kind


def _family(metric: Metric) -> Family:
    """Return an empty family of a row of the table."""
    if metric.kind == "info":
        return InfoMetricFamily(metric.name.removesuffix("_info"), metric.help)
    make = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
    name = metric.name.removesuffix("_total")
    return make(name, metric.help, labels=metric.labels, unit=metric.unit)


def _add(family: Family, metric: Metric, state: State) -> None:
    """Add the samples of a row of the table to its family."""
    for labels, value in metric.samples(state):
        if isinstance(family, InfoMetricFamily):
            family.add_metric((), dict(zip(metric.labels, labels, strict=True)))
        else:
            family.add_metric(labels, value)
