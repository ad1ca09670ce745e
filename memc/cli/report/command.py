"""``memc report``: one HTML file that shows what the memory of processes is for."""

from __future__ import annotations

from memc.cli.collect.file import File
from memc.cli.common.choose import read_all
from memc.cli.common.progress import Stages
from memc.cli.common.sides import read_sides
from memc.cli.common.telling import nobody, tell_skipped
from memc.cli.report import told
from memc.cli.report.options import chosen, is_pair, parser
from memc.report.document import Asked, snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

    from memc.targets.choice import Choice

__all__ = ["parser", "run"]

FACTS = "service,user,cgroup"  # what is read of each process beside its memory


def run(argv: list[str]) -> int:
    """Run the command and return its exit status."""
    args = parser().read(argv)
    choice = chosen(args)
    import plotly  # noqa: F401 - if it is missing, that is told before any reading

    with File(args.output, args) as file, Stages() as stages:  # type: ignore[arg-type] # no document
        asked = Asked(by=args.by, top=args.top)
        asked.tell = stages
        report = _Report(args, choice, asked)
        document = report.document()
        if document is None:
            return 1
        stages("the page")
        from memc.report.page import page
        from memc.table.writing import write_all

        data = page(document)
        file.put(lambda fd: write_all(fd, data))
    return report.status


class _Report:
    """What is read for a report.  `status` is 1 if something named was not read."""

    def __init__(self, args: argparse.Namespace, choice: Choice, asked: Asked) -> None:
        self._args = args
        self._choice = choice
        self._asked = asked
        self.status = 0

    def document(self) -> dict[str, Any] | None:
        """Return the document; None if what is named could not be read, as was said."""
        if is_pair(self._args):
            return self._pair()
        self._asked.of = ", ".join(map(told.base_name, self._choice.paths))
        if self._choice.recordings:
            from memc.cli.report import recorded

            made = recorded.document(self._args, self._choice, self._asked)
            document, self.status = made
            return document
        return self._now()

    def _now(self) -> dict[str, Any] | None:
        choice = self._choice
        found = read_all(choice, self._args.detail, by=FACTS)
        self.status = 1 if found.errors else 0
        if not found.targets:
            if not found.errors:
                raise nobody(choice, found.skipped)
            return None
        told.put(self._asked, [found], choice)
        made = snapshot(found.targets, self._asked)
        others = {target.pid for target in found.targets if target.is_other}
        tell_skipped([s for s in found.skipped if s.pid not in others], choice.proc)
        return made

    def _pair(self) -> dict[str, Any] | None:
        from memc.analysis.differences import compare
        from memc.report.changes import changes
        from memc.targets.twice import skipped_by_either

        args = self._args
        sides = read_sides(args, lambda _: FACTS)
        if any(side.errors for side in sides):
            return None
        told.put(self._asked, sides, self._choice)
        words = [told.base_name(word) for word in args.targets]
        diff = compare(sides[0].targets, sides[1].targets, alone=True)
        made = changes(diff, self._asked, title=f"What changed: {' → '.join(words)}")
        tell_skipped(skipped_by_either(*sides), args.proc)
        return made
