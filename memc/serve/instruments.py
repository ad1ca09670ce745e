"""What ``memc push`` tells of a scan: the instruments of OpenTelemetry, in one table.

Names of attributes are those of its semantic conventions where these have one.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from memc.serve.samples import label

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from memc.serve.amounts import Line
    from memc.serve.scan import Scan

    Attributes = dict[str, str | int]
    Values = Iterator[tuple[Attributes, int | float | None]]

__all__ = ["INSTRUMENTS", "LINES_MAX", "Instrument"]

LINES_MAX = 1000  # single processes, the largest
BYTES_PER_KB = 1024
NS = 1_000_000_000
CONTAINER = "container:"  # how the name of a container's group begins
DIGITS, HEX = 12, {*"0123456789abcdef"}  # of its ID


class Instrument(NamedTuple):
    """One instrument: `values` gives what it has to tell of a scan.

    What `is_sum` can be added up over its attributes; it may fall, too.  Other
    instruments are gauges.  A value is None if it is not known: it is left out.
    """

    name: str
    unit: str
    attributes: tuple[str, ...]
    description: str
    values: Callable[[Scan], Values]
    is_sum: bool


def _of_group(name: str) -> Attributes:
    attributes: Attributes = {"memc.group": label(name)}
    digits = name.removeprefix(CONTAINER)
    if digits != name and len(digits) == DIGITS and HEX.issuperset(digits):
        attributes["container.id"] = digits  # it may be a name, too
    return attributes


def _of_line(line: Line) -> Attributes:
    attributes: Attributes = {
        "process.pid": line.pid,
        "process.executable.name": label(line.name),
    }
    if line.cgroup is not None:
        attributes["process.linux.cgroup"] = label(line.cgroup)
    if line.amounts.oldest_start_s is not None:
        started = datetime.fromtimestamp(line.amounts.oldest_start_s, UTC)
        attributes["process.creation.time"] = (
            f"{started:%Y-%m-%dT%H:%M:%S}.{started.microsecond // 1000:03}Z"
        )
    return attributes


def _times(number: int | None, factor: int) -> int | None:
    return None if number is None else number * factor


def _groups(field: str, factor: int = BYTES_PER_KB) -> Callable[[Scan], Values]:
    def values(scan: Scan) -> Values:
        for name, amounts in scan.groups.items():
            yield _of_group(name), _times(getattr(amounts, field), factor)

    return values


def _owners(field: str) -> Callable[[Scan], Values]:
    def values(scan: Scan) -> Values:
        for (group, owner), amounts in scan.owners.items():
            number = _times(getattr(amounts, field), BYTES_PER_KB)
            if number:  # what an owner has nothing of is no value
                yield {"memc.group": label(group), "memc.owner": label(owner)}, number

    return values


def _lines(field: str) -> Callable[[Scan], Values]:
    def values(scan: Scan) -> Values:
        for line in scan.lines[:LINES_MAX]:
            yield _of_line(line), _times(getattr(line.amounts, field), BYTES_PER_KB)

    return values


def _seconds(field: str) -> Callable[[Scan], Values]:
    def values(scan: Scan) -> Values:
        number: int | None = getattr(scan, field)
        yield {}, None if number is None else number / NS

    return values


_PROCESS = (
    "process.pid",
    "process.executable.name",
    "process.linux.cgroup",
    "process.creation.time",
)
_GROUP = ("memc.group", "container.id")
_OWNER = ("memc.group", "memc.owner")


def _sum(
    name: str,
    of: tuple[str, ...],
    description: str,
    values: Callable[[Scan], Values],
    unit: str = "By",
) -> Instrument:
    return Instrument(name, unit, of, description, values, is_sum=True)


def _gauge(name: str, description: str, field: str) -> Instrument:
    return Instrument(name, "s", (), description, _seconds(field), is_sum=False)


INSTRUMENTS = (
    _sum(
        "memc.group.memory.resident",
        _GROUP,
        "RSS, summed over the processes of the group",
        _groups("resident_kb"),
    ),
    _sum(
        "memc.group.memory.unique",
        _GROUP,
        "USS: resident memory that only one process maps",
        _groups("unique_kb"),
    ),
    _sum(
        "memc.group.memory.proportional",
        _GROUP,
        "PSS: shared memory is divided among those who map it",
        _groups("proportional_kb"),
    ),
    _sum(
        "memc.group.memory.swap",
        _GROUP,
        "what of the processes is in swap",
        _groups("swap_kb"),
    ),
    _sum(
        "memc.group.memory.virtual",
        _GROUP,
        "the size of all mappings",
        _groups("virtual_kb"),
    ),
    _sum(
        "memc.group.process.count",
        _GROUP,
        "processes of the group",
        _groups("processes", 1),
        "{process}",
    ),
    _sum(
        "memc.group.mapping.count",
        _GROUP,
        "mappings of all processes of the group",
        _groups("mappings", 1),
        "{mapping}",
    ),
    _sum(
        "memc.owner.memory.resident",
        _OWNER,
        "RSS, by what it is for",
        _owners("resident_kb"),
    ),
    _sum(
        "memc.owner.memory.unique",
        _OWNER,
        "USS, by what it is for",
        _owners("unique_kb"),
    ),
    _sum(
        "memc.owner.memory.swap",
        _OWNER,
        "what is in swap, by what it is for",
        _owners("swap_kb"),
    ),
    _sum("process.memory.usage", _PROCESS, "RSS of one process", _lines("resident_kb")),
    _sum(
        "process.memory.virtual",
        _PROCESS,
        "the size of all mappings of one process",
        _lines("virtual_kb"),
    ),
    _gauge("memc.scan.duration", "how long the scan took", "duration_ns"),
    _gauge(
        "memc.scan.longest_read",
        "the longest read of one process, which it may have had to wait for",
        "longest_read_ns",
    ),
)
