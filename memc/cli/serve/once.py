"""``memc serve --once``: the metrics of one scan, to stdout or as a whole file."""

from __future__ import annotations

import os

from memc.cli.output import cannot_write, print_text
from memc.cli.serve.options import choose, scanner_of
from memc.files.atomic import Place, replace
from memc.read.take import rss_kb
from memc.table.writing import write_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

__all__ = ["print_once"]

MODE = 0o644  # node_exporter has another user, and metrics are for all


def print_once(args: Namespace) -> int:
    """Print the metrics, or write them to the file of --output.

    Raises MemcError if the scan fails, if a process that is named cannot be read, or if
    the metrics cannot be written.
    """
    from memc.serve.prom import text

    choice = choose(args)
    for pid in choice.pids:  # a later scan may find one, but there is none
        rss_kb(pid, proc=choice.proc)
    scanner = scanner_of(args, choice, say=tell_nobody)
    scanner.scan()
    scanner.interval_ms = 0  # there is no next scan
    body, _ = text(scanner, names=args.names)
    if args.output is None:
        print_text(body.decode("utf-8"))
    else:
        _write(args.output, body)
    return 0


def tell_nobody(_text: str) -> None:
    """Say nothing: the error of the only scan is raised."""


def _write(path: str, body: bytes) -> None:
    def put(fd: int) -> None:
        write_all(fd, body)
        os.fchmod(fd, MODE)

    try:
        place = Place(path)
        try:
            special = place.open_special()
            if special is None:
                os.close(replace(place, put))
                return
            try:
                write_all(special, body)
            finally:
                os.close(special)
        finally:
            place.close()
    except OSError as error:
        raise cannot_write(path, error) from None
