"""What may have the memory that no rule explains: whose code is mapped there."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from memc.analysis.groups import Groups
    from memc.targets.target import Target

__all__ = ["footnote", "found_runtimes"]

ANONYMOUS = "anonymous"
WIDTH = 80


def found_runtimes(groups: Groups) -> dict[str, int]:
    """Return the same for groups by owner, if there is such memory."""
    if groups.by != "owner" or ANONYMOUS not in groups.keys:
        return {}
    return _count(groups.targets)


def footnote(groups: Groups) -> Iterator[str]:
    """Yield a line that names them once, if any is mapped."""
    counts = found_runtimes(groups)
    words = list(counts)
    if groups.process_count > 1:
        words = [f"{word} in {count:,}" for word, count in counts.items()]
    if words:
        yield _fit(f"{ANONYMOUS} — ", words)


def _count(targets: Iterable[Target]) -> dict[str, int]:
    """Return in how many processes with anonymous memory each runtime is mapped."""
    from memc.owners.mapped import ORDER, mapped_runtimes

    counts: dict[str, int] = {}
    for target in targets:
        if target.is_sum:
            continue
        owners = set(target.find_owners())
        if any(owner.owner == ANONYMOUS for owner in owners):
            for word in mapped_runtimes(target.table, owners):
                counts[word] = counts.get(word, 0) + 1
    return {word: counts[word] for word in ORDER if word in counts}


def _fit(line: str, words: list[str]) -> str:
    """Return a line with as many words as fit, and how many more there are."""
    for i, word in enumerate(words):
        rest = f" and {len(words) - i} more" if i + 1 < len(words) else ""
        more = f"{', ' if i else ''}{word}"
        if i and len(line + more + rest) > WIDTH:
            return f"{line} and {len(words) - i} more"
        line += more
    return line
