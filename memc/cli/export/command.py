"""``memc export``: what the memory of processes is for, as other programs open it."""

from __future__ import annotations

from contextlib import closing
from itertools import chain

from memc.cli.export.options import FOLDED, chosen, out_of, parser
from memc.cli.export.samples import Samples
from memc.cli.output import STDOUT, cannot_write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["parser", "run"]


def run(argv: list[str]) -> int:
    """Run the command and return its exit status."""
    args = parser().read(argv)
    choice = chosen(args)
    out = out_of(args)
    if args.to == FOLDED:
        from memc.cli.export import stacks

        made = stacks.read(args, choice)
        if made.text:
            write(out, made.put)
        return made.status
    from memc.cli.export.forms import FORMS

    put = FORMS[args.to](args)  # a missing package is told before anything is read
    samples = Samples(args, choice)
    with closing(samples.__iter__()) as each:
        first = next(each, None)
        if first is None:
            return 1
        write(out, lambda fd: put(chain([first], each), fd))
    return samples.status


def write(out: str | None, put: Callable[[int], None]) -> None:
    """Let `put` write to a file, whole or not at all, or to stdout.

    Raises MemcError if it cannot be written.
    """
    if out is None:
        try:
            put(STDOUT)
        except OSError as error:
            raise cannot_write("stdout", error) from None
        return
    from memc.cli.collect.file import File

    with File(out, None) as file:  # type: ignore[arg-type] # no document
        file.put(put)
