"""The values of a metric, taken from the state of a scanner: one function a kind."""

from __future__ import annotations

import os
import re
import sys
from functools import lru_cache

from memc._version import version
from memc.human.units import safe
from memc.read.backend import backend

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from memc.serve.amounts import Amounts
    from memc.serve.state import State

    # The values of the labels, and the amount
    Samples = Iterable[tuple[tuple[str, ...], float]]
    Of = Callable[[State], Samples]

__all__ = [
    "build",
    "by_reason",
    "label",
    "memory",
    "of_groups",
    "of_owners",
    "of_scan",
    "of_scanner",
    "unknown",
]

# What safe() could have made: a name that really has it must look different.
AMBIGUOUS = re.compile(r"\\(?=x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})")
# The words of process-exporter for memory
MEMTYPES = {
    "resident": "resident_kb",
    "virtual": "virtual_kb",
    "swapped": "swap_kb",
    "proportionalResident": "proportional_kb",
    "proportionalSwapped": "proportional_swap_kb",
}


@lru_cache(maxsize=1024)  # each is asked for once for each metric
def label(text: str) -> str:
    r"""Return a name that other people chose as text for a label.

    Bytes that are not UTF-8 and characters that a terminal would act on become ``\xff``
    and so on.  Two names that differ stay different.
    """
    return safe(AMBIGUOUS.sub(r"\\x5c", text))


def _told(state: State) -> Iterable[tuple[str, Amounts]]:
    """Give the groups, unless the scan is too old to tell about now."""
    return state.scan.groups.items() if state.scan and state.is_fresh else ()


def of_groups(field: str, factor: int = 1) -> Of:
    """Give an amount of each group, but of those of which it is not known."""

    def samples(state: State) -> Samples:
        for name, amounts in _told(state):
            value = getattr(amounts, field)
            if value is not None:
                yield (label(name),), value * factor

    return samples


def memory(state: State) -> Samples:
    for name, amounts in _told(state):
        for kind, field in MEMTYPES.items():
            value = getattr(amounts, field)
            if value is not None:
                yield (label(name), kind), value * 1024


def unknown(*words: str) -> Of:
    """Give of how many processes one of the amounts is not known, in each group."""

    def samples(state: State) -> Samples:
        for name, amounts in _told(state):
            for metric, processes in amounts.unknown.items():
                if metric in words:
                    yield (label(name), metric), processes

    return samples


def of_owners(field: str) -> Of:
    """Give an amount in bytes of each owner that has any, in each group."""

    def samples(state: State) -> Samples:
        if not state.scan or not state.is_fresh:
            return
        for (group, owner), amounts in state.scan.owners.items():
            value = getattr(amounts, field)
            if value:
                yield (label(group), label(owner)), value * 1024

    return samples


def of_scan(field: str, divisor: float = 1, *, even_if_old: bool = False) -> Of:
    """Give one number of the last scan."""

    def samples(state: State) -> Samples:
        if state.scan and (state.is_fresh or even_if_old):
            value = getattr(state.scan, field)
            if value is not None:
                yield (), value / divisor

    return samples


def by_reason(field: str) -> Of:
    """Give the number of processes for each reason, also if it is 0."""

    def samples(state: State) -> Samples:
        if state.scan and state.is_fresh:
            for reason, processes in getattr(state.scan, field).items():
                yield (reason,), processes

    return samples


def of_scanner(field: str, divisor: float = 1) -> Of:
    """Give one number about all scans so far."""

    def samples(state: State) -> Samples:
        value = getattr(state, field)
        if value is not None:
            yield (), value / divisor

    return samples


def build(_: State) -> Samples:
    reader = backend(warn=lambda _: None)
    name = "native" if reader is sys.modules.get("memc.read.native") else "pure"
    yield (version(), os.uname().release, name), 1
