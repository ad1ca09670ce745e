"""What USS leaves out, because a process maps it more than once."""

from __future__ import annotations

from memc.analysis.twice_mapped import twice_mapped, words
from memc.errors import MemcError
from memc.limits.limits import Checked, Growth, judge
from memc.limits.troubles import who
from memc.read.options import Options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.read.backend import Backend
    from memc.targets.target import Target

__all__ = ["left_out"]


def left_out(checked: Checked, targets: list[Target], reader: Backend) -> str:
    """Return words about a limit of USS that what it leaves out would break.

    They are "" if nothing is left out, or if it makes no difference.  The totals of a
    live process do not tell what it maps: then its layout is read.
    """
    most = [_most(target) for target in targets]
    if not _breaks(checked, sum(most)):
        return ""
    found: dict[str, int] = {}
    for target, kb in zip(targets, most, strict=True):
        if kb:
            _add(found, _of(target, reader), kb)
    kb = sum(found.values())
    if not _breaks(checked, kb):
        return ""
    checked.twice_mapped_kb = kb
    whose = "the total" if checked.target is None else who(checked.target)
    return (
        f"{whose}: uss leaves out what a process maps more than once, {words(found)}: "
        f"with that it may be over the limit"
    )


def _breaks(checked: Checked, kb: int) -> bool:
    """Tell whether a figure would be over its limit with this amount more."""
    value = checked.value
    if isinstance(value, Growth):
        value = Growth(value.before_kb, value.after_kb + kb, value.elapsed_ns)
        return judge(checked.limit, value)
    return judge(checked.limit, value + kb)


def _most(target: Target) -> int:
    """Return the most that may be left out: what is the share of a process in PSS."""
    table = target.table
    totals: dict[str, int | None] = getattr(table, "totals", {})
    if not totals:
        return sum(twice_mapped(table).values())
    pss, uss = totals.get("pss_kb"), totals.get("uss_kb")
    if target.file is not None or pss is None or uss is None:
        return 0
    return max(pss - uss, 0)


def _of(target: Target, reader: Backend) -> dict[str, int]:
    """Return what a process maps twice, by name."""
    if not target.is_sum or target.pid is None:
        return twice_mapped(target.table)
    try:
        layout = reader.collect(target.pid, Options("maps", proc=target.proc))
    except MemcError:  # it has ended
        return {}
    return twice_mapped(layout)


def _add(found: dict[str, int], more: dict[str, int], most: int) -> None:
    """Add amounts by name, no more than `most` together."""
    for name, kb in more.items():
        part = min(kb, most)
        most -= part
        if part:
            found[name] = found.get(name, 0) + part
