"""Folded stacks of one time, or of two."""

from __future__ import annotations

from memc.cli.common.choose import read_all
from memc.cli.common.sides import read_sides
from memc.cli.common.span import Span, is_span
from memc.cli.common.telling import nobody, tell_skipped
from memc.cli.export.options import amount_of, title_of
from memc.cli.export.samples import BY
from memc.cli.output import counted, say
from memc.errors import MemcError
from memc.export.folded import Stacks, differing, lines
from memc.table.writing import write_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from memc.targets.choice import Choice
    from memc.targets.target import Found

__all__ = ["Made", "read"]


class Made:
    """Lines, "" if there are none, and the exit status."""

    __slots__ = ("status", "text")

    def __init__(self, text: str, status: int) -> None:
        self.text = text
        self.status = status

    def put(self, fd: int) -> None:
        """Write the lines."""
        write_all(fd, self.text.encode())


def read(args: argparse.Namespace, choice: Choice) -> Made:
    """Read what is chosen.  Raises MemcError if nothing of it is known."""
    if not args.diff:
        found = read_all(choice, args.detail, by=BY, recorded="best")
        if not found.targets:
            if not found.errors:
                raise nobody(choice, found.skipped)
            return Made("", 1)
        (stacks,) = _stacks(args, [found])
        tell_skipped(found.skipped, choice.proc)
        return Made("".join(lines(stacks.amounts)), 1 if found.errors else 0)
    sides = _sides(args, choice)
    if any(side.errors for side in sides):
        return Made("", 1)
    before, after = _stacks(args, sides)
    from memc.targets.twice import skipped_by_either

    tell_skipped(skipped_by_either(*sides), args.proc)
    return Made("".join(differing(before.amounts, after.amounts)), 0)


def _sides(args: argparse.Namespace, choice: Choice) -> tuple[Found, Found]:
    # They go by the options of memc diff, which these are not.
    args = type(args)(**{**vars(args), "by": None, "path": None})
    if is_span(args, choice):
        before, after = Span(args, choice).read()
        if not before.targets and not after.targets and not after.errors:
            raise nobody(choice, [])
        return before, after
    return read_sides(args, lambda _: BY)


def _stacks(args: argparse.Namespace, sides: Sequence[Found]) -> list[Stacks]:
    """Return the stacks of each side; say what was left out of them."""
    made = [Stacks(side.targets, amount_of(args)) for side in sides]
    title = title_of(args)
    unknown = sum(stacks.unknown for stacks in made)
    if not any(stacks.known for stacks in made):
        words = f"nothing to write: no {title} is known"
        raise MemcError(f"{words}: --of names another amount, such as rss or size")
    if unknown:
        say(f"left out: {counted(unknown, 'region')} whose {title} is not known")
    if not any(stacks.amounts for stacks in made):
        raise MemcError(f"nothing to write: {title} is 0 everywhere")
    return made
