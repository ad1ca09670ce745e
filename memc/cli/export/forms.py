"""How samples are written: a trace, or rows of a table.  What was left out is said."""

from __future__ import annotations

from memc.cli.export.options import CSV, PARQUET, PERFETTO, amount_of, title_of
from memc.cli.output import say
from memc.errors import MemcError
from memc.human.counts import counted_processes
from memc.human.units import safe
from memc.table.writing import write_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable
    from typing import TypeAlias

    from memc.export.perfetto import Writer
    from memc.export.sample import Sample
    from memc.export.tables import Tables

    Put: TypeAlias = Callable[[Iterable[Sample], int], None]

__all__ = ["FORMS"]

CHUNK = 1 << 18  # bytes of a trace that are written at once


def _trace(args: argparse.Namespace) -> Put:
    """Return what writes a trace.  Raises ModuleNotFoundError without the package."""
    from memc.export.perfetto import Writer

    def put(samples: Iterable[Sample], fd: int) -> None:
        writer = Writer(amount_of(args), title_of(args))
        waiting, size = [], 0
        for sample in samples:
            for packet in writer.packets(sample):
                waiting.append(packet)
                size += len(packet)
                if size >= CHUNK:
                    write_all(fd, b"".join(waiting))
                    waiting, size = [], 0
        write_all(fd, b"".join(waiting))
        _tell_left_out(writer, title_of(args))

    return put


def _tell_left_out(writer: Writer, title: str) -> None:
    for name, count in writer.columns.items():
        words = f"left out: {name} of {counted_processes(count)}"
        say(f"{words}: it is not known of all of their regions")
    if writer.unknown:
        words = f"left out: counters of {counted_processes(len(writer.unknown))}"
        say(f"{words}, whose {title} is not known, wholly or in part")
    for file, pid in writer.nameless.items():
        say(f"{safe(file)} tells no pid: it is process {pid} in the trace")


def _parquet(args: argparse.Namespace) -> Put:
    """Return what writes a Parquet file.  Raises MemcError if no package can."""
    from memc.table.parquet import writer

    write = writer(f"--to {args.to}")

    def put(samples: Iterable[Sample], fd: int) -> None:
        write(_tables(samples), fd)

    return put


def _csv(_: argparse.Namespace) -> Put:
    from memc.export.tables import write_csv

    def put(samples: Iterable[Sample], fd: int) -> None:
        write_csv(_tables(samples), fd)

    return put


def _tables(samples: Iterable[Sample]) -> Tables:
    from memc.export.tables import Tables

    made = Tables(samples)
    if not len(made):
        raise MemcError("nothing to write: no process has memory that was read")
    return made


FORMS: dict[str, Callable[[argparse.Namespace], Put]] = {
    PERFETTO: _trace,
    PARQUET: _parquet,
    CSV: _csv,
}
