"""How much was not seen, and why: the lines below a table of processes."""

from __future__ import annotations

from memc.analysis.keys import needs_of
from memc.human.units import human
from memc.proc.rights import is_privileged
from memc.table.amounts import whole
from memc.targets.facts import untold

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from memc.targets.choice import Choice
    from memc.targets.target import Found, Target

__all__ = ["unseen"]


def unseen(found: Found, choice: Choice, by: str) -> Iterator[str]:
    """Yield lines on processes that are not seen, wholly or in part.

    They do not tell what groups are `by`, memc may not read their memory, or they are
    hidden.
    """
    targets = found.targets
    for file, count in untold(targets, needs_of(by)).items():
        from memc.human.counts import counted_processes

        yield f"{counted_processes(count)} could not be placed: no {file} to read."
    others = [target for target in targets if target.is_other]
    if others:
        yield from _on_others(targets, others)
    if not choice.names_live() or choice.names_pids():
        return
    from memc.proc.hidepid import hides_others

    if hides_others(choice.proc):
        from memc.proc.meminfo import read_kb

        words = f"{choice.proc} is mounted with hidepid: only your own processes are"
        yield f"{words} seen."
        hidden_kb = (read_kb("AnonPages") or 0) - _seen_kb(targets)
        if choice.every and not choice.has_tests() and hidden_kb > 0:
            yield f"Others have {human(hidden_kb)} of anonymous memory at least."


def _on_others(targets: list[Target], others: list[Target]) -> Iterator[str]:
    known = [whole(target.table, "rss_kb") for target in others]
    rss_kb = sum(kb for kb in known if kb is not None)
    seen = len(targets) - len(others)
    is_pss = all(t.has("pss_kb") or t.is_other or not t.sources for t in targets)
    what = "PSS" if is_pss else "The memory"
    verb = "has" if len(others) == 1 else "have"
    amount = human(rss_kb) if any(known) else "an unknown amount"
    rest = "the rest" if seen else "it" if len(others) == 1 else "they"
    from memc.human.counts import counted_processes

    count = f"{seen:,} of {counted_processes(len(targets))}"
    yield f"{what} of {count} is known; {rest} {verb} {amount} of RSS."
    if is_privileged():
        yield "A security module or a sandbox keeps it from memc, which is privileged."
    else:
        from memc.table.notes import NEEDS

        yield f"sudo shows it, or {NEEDS}."


def _seen_kb(targets: list[Target]) -> int:
    """Return the anonymous memory of these, what they share in each of them."""
    seen = 0
    for target in targets:
        totals = getattr(target.table, "totals", {})
        is_status = totals and "anonymous_kb" not in totals
        kb = whole(target.table, "rss_anon_kb" if is_status else "anonymous_kb")
        seen += kb or 0
    return seen
