"""The rows of a table of risks: those that say little share one, to save room."""

from __future__ import annotations

from memc.human.units import human

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    from memc.risks.risk import Risk

    Row: TypeAlias = tuple[Risk, str]  # and what to say of it

__all__ = ["more_of", "rows_of"]

# Figures that have no limit of their own: the row that they join, and a word for them.
BESIDE = {
    "VmHWM": ("VmRSS", "peak"),
    "memory.peak": ("memory.max", "peak"),
    "RLIMIT_DATA": ("RLIMIT_AS", "data"),
    "SwapFree": ("MemAvailable", "no swap"),
}


def rows_of(risks: Iterable[Risk], *, joined: bool) -> list[Row]:
    """Return a row for each risk, the nearest first, then those that are not known.

    With `joined` those that say little share a row: a figure without a limit is beside
    the one that it belongs to, amounts of 0 are together, and so are figures that are
    unknown for one reason.
    """
    risks = sorted(risks, key=_place)
    if not joined:
        return [(risk, _words([risk])) for risk in risks]
    known = {risk.name for risk in risks if risk.value is not None}
    rows: list[list[Risk]] = []
    zeros: list[Risk] = []
    unknown: dict[str, list[Risk]] = {}
    beside: dict[str, str] = {}
    for risk in risks:
        host, word = BESIDE.get(risk.name, ("", ""))
        says_little = not risk.stands_out and not risk.limit
        if risk.value is None:
            unknown.setdefault(_reason(risk)[1], []).append(risk)
        elif host in known and says_little:
            beside[host] = word if risk.limit == 0 else f"{word} {human(risk.value)}"
        elif risk.is_kb and not risk.value and says_little and not more_of(risk):
            zeros.append(risk)
        else:
            rows.append([risk])
    rows += [zeros] * bool(zeros)
    return [
        (of[0], _words(of, beside.get(of[0].name))) for of in (*rows, *unknown.values())
    ]


def _words(risks: list[Risk], beside: str | None = None) -> str:
    """Return the words for one or more risks in a row, and for a figure beside them."""
    first = risks[0]
    is_short = len(risks) > 1
    words = ", ".join(
        risk.words if is_short else f"{risk.words} ({risk.name})" for risk in risks
    )
    tail = more_of(first)
    if first.value is None:
        files = dict.fromkeys(file for risk in risks if (file := _reason(risk)[0]))
        why = _reason(first)[1]
        tail = f"{', '.join(files)}: {why}" if files else why
    parts = [part for part in (tail, beside) if part]
    return ": ".join([words, "; ".join(parts)] if parts else [words])


def _reason(risk: Risk) -> tuple[str, str]:
    """Return the file that a reason is about, or "", and the rest of the reason."""
    file, _, why = (risk.reason or "").partition(": ")
    return (file, why) if why else ("", file)


def more_of(risk: Risk) -> str:
    """Return what else there is to say, such as how much cache is not counted."""
    cache, usage = risk.more.get("inactive_file_kb"), risk.more.get("usage_kb")
    words = [risk.about] if risk.about else []
    if isinstance(cache, int) and isinstance(usage, int) and cache and risk.limit:
        share = usage * 100 // risk.limit
        words.append(f"{human(cache)} of idle cache besides: with it {share} %")
    return "; ".join(words)


def _place(risk: Risk) -> tuple[bool, bool, float]:
    out = risk.stands_out
    return (
        risk.value is None,
        not out and risk.share is None,
        -(risk.share or 100.0 * out),
    )
