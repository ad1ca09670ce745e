"""Read the processes of a choice once, and sort them into groups."""

from __future__ import annotations

from memc.errors import AccessDenied, MemcError, ProcessGone
from memc.proc.root import is_procfs, open_root
from memc.serve.amounts import Line
from memc.serve.names import name_of
from memc.serve.process import Teller
from memc.serve.scan import BUDGET
from memc.table.fields import REASONS
from memc.targets.read import read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from memc.read.options import Options
    from memc.serve.amounts import Amounts
    from memc.targets.choice import Choice
    from memc.targets.target import Found, Target

__all__ = ["Reading"]

# The facts of a process that the name of its group needs.
NEEDS = {"name": (), "user": ("uid",)}
OF_PATHS = ("cgroup",)
# Why less is known of a process, by the code of a note.
WHY = {"denied": "denied", "cut": "gone", "degraded": "error"}


class Reading:
    """What one scan found.

    `amounts` has those of the processes of each group, and `targets` the processes.
    `lines` has all processes, if `each` asks for them.  `by` is what processes are
    grouped by, and `told` the metrics that are read.  `known` has when the processes
    that the choice names started: one that has the same pid later is another, and is
    not read.  Raises MemcError if the root cannot be read.
    """

    def __init__(
        self,
        choice: Choice,
        options: Options,
        *,
        by: str,
        told: Sequence[str],
        known: dict[int, int | None],
        each: bool = False,
    ) -> None:
        self.amounts: dict[str, list[Amounts]] = {}
        self.targets: dict[str, list[Target]] = {}
        self.lines: list[Line] = []
        self.longest_read_ns = 0
        self.skipped = dict.fromkeys(REASONS, 0)
        self.degraded = dict.fromkeys((*REASONS, BUDGET), 0)
        needs = {*NEEDS.get(by, OF_PATHS), *(OF_PATHS if each else ())}
        found = read(choice, options, needs=needs, others=True)
        with open_root(choice.proc) as root:
            teller = Teller(told, is_copy=not is_procfs(root))
        self._count_skipped(found)
        for target in found.targets:
            if target.pid in choice.pids and _is_another(target, known):
                self.skipped["gone"] += 1
                continue
            self._note(target, options.detail)
            amounts = teller.amounts(target)
            group = name_of(target, by)
            self.amounts.setdefault(group, []).append(amounts)
            self.targets.setdefault(group, []).append(target)
            if each:
                self.lines.append(_line(target, amounts))

    def largest(self, count: int) -> tuple[Line, ...]:
        """Return the processes with most resident memory."""
        lines = sorted(self.lines, key=lambda line: -(line.amounts.resident_kb or 0))
        return tuple(lines[:count])

    def _count_skipped(self, found: Found) -> None:
        for skip in found.skipped:
            self.skipped[skip.reason] += 1
        for error in found.errors:  # about processes that were named
            self.skipped[_reason(error)] += 1

    def _note(self, target: Target, asked: str) -> None:
        """Note how long reading took, and why less than `asked` is known."""
        if target.is_other:
            return
        table = target.table
        read_ns = getattr(table, "longest_read_ns", 0)
        self.longest_read_ns = max(self.longest_read_ns, read_ns)
        codes = {note.code for note in table.notes}
        reason = next((WHY[code] for code in WHY if code in codes), None)
        if getattr(table, "detail", asked) != asked:
            reason = BUDGET
        if reason is not None:
            self.degraded[reason] += 1


def _is_another(target: Target, known: dict[int, int | None]) -> bool:
    """Tell whether a process is not the one that had this pid at first."""
    began = known.setdefault(target.pid or 0, target.started)
    return None not in (began, target.started) and began != target.started


def _reason(error: MemcError) -> str:
    if isinstance(error, AccessDenied):
        return "denied"
    return "gone" if isinstance(error, ProcessGone) else "error"


def _line(target: Target, amounts: Amounts) -> Line:
    paths = target.facts.paths
    path = paths[0] if paths else None
    return Line(target.pid or 0, target.name, path, target.started, amounts)
