"""The first and the last sample of a file: how far apart, and who is in both."""

from __future__ import annotations

from memc.errors import MemcError
from memc.limits.figures import hugetlb
from memc.limits.limits import WITH_HUGETLB
from memc.limits.troubles import who

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.limits.troubles import Troubles
    from memc.targets.choice import Choice
    from memc.targets.target import Target

__all__ = ["both_samples", "elapsed", "tells_hugetlb", "unpaired"]

NS_PER_MS = 1_000_000


def both_samples(
    path: str, choice: Choice, troubles: Troubles
) -> tuple[list[Target] | None, list[Target]]:
    """Read the first and the last sample of a file.

    If there are not two, that is one of the troubles, and the first is None.
    """
    from memc.targets.read_files import one_sample, read_ends  # most are live

    try:
        first, last = read_ends(path, choice)
    except MemcError as error:
        troubles.add(str(error), None)
        return None, []
    if first is None:
        troubles.add(str(one_sample(path)), None)
    for where, note in last.notes:
        troubles.add(f"{where}: {note.text}", None)
    return first.targets if first else None, last.targets


def elapsed(
    file: str, before: list[Target], after: list[Target], troubles: Troubles
) -> int:
    """Return the time between two samples of a file, in ns.

    If it is not known or not above 0, that is one of the troubles, and it is 0.
    """
    first, last = _time_ms(before), _time_ms(after)
    if first is None or last is None:
        words = "a sample does not tell its time"
    elif last <= first:
        words = "the last sample is not later than the first"
    else:
        return (last - first) * NS_PER_MS
    troubles.add(f"{file}: growth cannot be judged: {words}", None)
    return 0


def tells_hugetlb(
    what: str, before: list[Target], after: list[Target], troubles: Troubles
) -> bool:
    """Tell whether growth of an amount is not just that one sample tells hugetlb.

    If one sample has such pages and the other does not tell them, nobody knows the
    growth: that is one of the troubles.
    """
    if what not in WITH_HUGETLB:
        return True
    sides = [[hugetlb(target.table) for target in side] for side in (before, after)]
    for one, other in (sides, sides[::-1]):
        if None in one and any(other):
            words = "one of the two samples does not tell pages of hugetlb"
            whose = who(after[0]) if len(after) == 1 else "the total"
            pid = after[0].pid if len(after) == 1 else None
            troubles.add(f"{whose}: growth of {what} cannot be judged: {words}", pid)
            return False
    return True


def _time_ms(targets: list[Target]) -> int | None:
    """Return when a sample was taken: the first time in it, None if it has none."""
    times = [getattr(target.table, "timestamp_ms", None) for target in targets]
    return min((time for time in times if time is not None), default=None)


def unpaired(path: str, first: list[Target], last: list[Target], *, total: bool) -> str:
    """Return words about processes that are not in both samples; "" if all are.

    With `total`, their sum is judged.
    """
    before = {target.pid: target for target in first}
    both = sum(t.pid in before and t.is_same(before[t.pid]) for t in last)
    counts = [
        f"{len(targets) - both:,} {when}"
        for targets, when in ((last, "began"), (first, "ended"))
        if len(targets) > both
    ]
    if not counts:
        return ""
    then = "the sums have them" if total else "their growth is not judged"
    said = f"{path}: processes in one of the two samples only"
    return f"{said}: {', '.join(counts)}: {then}"
