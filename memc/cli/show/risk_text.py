"""Risks for people: a table for each process, or a line for each of many."""

from __future__ import annotations

import os

from memc.cli.common.look import in_table
from memc.cli.output import STDOUT
from memc.cli.show.risk_rows import more_of, rows_of
from memc.human.sheet import Head, Style, fit, table, terminal_width
from memc.human.units import human, safe, shorten, width_of
from memc.risks.risk import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from memc.cli.show.risk_rows import Row
    from memc.risks.risk import Risk
    from memc.risks.standing import Standing, Standings
    from memc.targets.target import Target

__all__ = ["heading", "text"]

BOLD, FAINT, YELLOW = "1", "2", "33"
MARK = "!"
NARROW = 30  # words are wrapped to no less than this
LEGEND = "! at 80 % of a limit, or broken"
MACHINE = "the machine"
RANKED = ("max_map_count", "memory.max")  # which of them is unknown matters most


def heading(found: Iterable[tuple[Target | None, list[Risk]]], style: Style) -> str:
    """Return the lines about what stands out, with an empty line after them."""
    width = terminal_width(STDOUT)
    lines = []
    for target, risks in found:
        who = f"process {target.pid} {target.name}" if target else MACHINE
        lines.append(style(safe(who), BOLD))
        for risk in sorted(risks, key=lambda risk: -(risk.share or 0.0)):
            words = f"{MARK} {_sentence(risk)}"
            rows = _wrap(words, width or 1 << 30, "  ")
            lines += [style(row, YELLOW) for row in rows]
    return "".join(f"{line}\n" for line in [*lines, ""]) if lines else ""


def text(found: Standings, args: argparse.Namespace, *, ranked: bool) -> str:
    """Return a line for each of the first processes if `ranked`, else tables."""
    top: int | None = args.top
    width = None if args.wide else terminal_width(STDOUT)
    style = Style(STDOUT, args.color)
    if ranked:
        ranks = _rank(found.processes, top, width, style)
        parts = [ranks + _unknown(found, width, style)]
        out = [risk for risk in found.machine if risk.stands_out]
        if out:
            rows = rows_of(out, joined=True)
            parts.append(_table(MACHINE, rows, width, style, joined=True))
    else:
        joined = not args.wide
        shown = found.processes[:top]
        parts = [_process(one, width, style, joined=joined) for one in shown]
        rows = rows_of(found.machine, joined=joined)
        parts += [_table(MACHINE, rows, width, style, joined=joined)]
    risks = [risk for one in found.processes[:top] for risk in one.risks]
    is_marked = args.legend and any(
        risk.stands_out for risk in (*risks, *found.machine)
    )
    return "\n".join(parts) + f"{style(LEGEND, FAINT)}\n" * is_marked


def _process(one: Standing, width: int | None, style: Style, *, joined: bool) -> str:
    title = f"process {one.pid} {one.name}"
    if one.cgroup is not None:
        title += f" in control group {one.cgroup}"
    rows = rows_of(one.risks, joined=joined)
    return _table(title, rows, width, style, joined=joined)


def _table(
    title: str, found: list[Row], width: int | None, style: Style, *, joined: bool
) -> str:
    heads = [
        Head("", right=False),
        Head("USED", right=True),
        Head("NOW", right=True),
        Head("LIMIT", right=True),
        Head("WHAT"),
    ]
    unknown = [row for row in found if joined and row[0].value is None]
    found = [row for row in found if row not in unknown]
    rows = [_cells(*row) for row in found]
    taken = sum(
        max(width_of(cell) for cell in (head.title, *column)) + 2
        for head, column in zip(heads[:-1], zip(*rows, strict=True), strict=False)
    )
    room = 1 << 30 if width is None else max(NARROW, width - taken)
    lines: list[list[str]] = []
    marks: list[str] = []
    for (risk, _), (*cells, words) in zip(found, rows, strict=True):
        for i, part in enumerate(_wrap(words, room, "  ")):
            lines.append([*cells, part] if not i else ["", "", "", "", part])
            marks.append(_style_of(risk))
    columns = [list(column) for column in zip(*lines, strict=True)]
    made = list(
        table(heads, columns, width=None, style=style, marks=marks) if lines else ()
    )
    across = width or 1 << 30
    heading = [style(line, BOLD) for line in _wrap(safe(title), across, "  ")]
    for _, words in unknown:  # across the screen: the reasons are long
        lines_of = _wrap(safe(f"not known: {words}"), across, "  ")
        made += [style(line, FAINT) for line in lines_of]
    return "".join(f"{line}\n" for line in (*heading, *made))


def _style_of(risk: Risk) -> str:
    return YELLOW if risk.stands_out else FAINT if risk.state == UNKNOWN else ""


def _cells(risk: Risk, words: str) -> tuple[str, str, str, str, str]:
    mark = MARK if risk.stands_out else ""
    return mark, _percent(risk), *_cells_of(risk), safe(words)


def _rank(
    processes: list[Standing], top: int | None, width: int | None, style: Style
) -> str:
    shown = processes[:top]
    nearest = [one.nearest() for one in shown]
    heads = [
        Head(""),
        Head("USED", right=True),
        Head("NOW", right=True, rank=3),
        Head("LIMIT", right=True, rank=2),
        Head("OF WHAT"),
        Head("RSS", right=True, rank=1),
        Head("OOM SCORE", right=True, rank=4),
        Head("PID", right=True),
        Head("NAME", shrinks=True),
    ]
    outs = [any(risk.stands_out for risk in one.risks) for one in shown]
    pairs = [_cells_of(risk) if risk else ("-", "-") for risk in nearest]
    columns = [
        [MARK * out for out in outs],
        [_percent(risk) if risk else "-" for risk in nearest],
        [value for value, _ in pairs],
        [limit for _, limit in pairs],
        [risk.words if risk else "no limit is known" for risk in nearest],
        [in_table(one.value("VmRSS")) for one in shown],
        [_score(one) for one in shown],
        [str(one.pid) for one in shown],
        [safe(one.name) for one in shown],
    ]
    kept = fit(heads, columns, width)
    marks = [YELLOW * out for out in outs]
    lines = list(
        table(
            [heads[i] for i in kept],
            [columns[i] for i in kept],
            width=width,
            style=style,
            marks=marks,
        )
    )
    rest = len(processes) - len(shown)
    if rest:
        lines.append(style(f"… {rest} more", FAINT))
    return "".join(f"{line}\n" for line in lines)


def _unknown(found: Standings, width: int | None, style: Style) -> str:
    """Return lines about figures that could be near a limit and are not known."""
    unknown: dict[str, list[Risk]] = {}
    for one in found.processes:
        for risk in one.risks:
            if risk.value is None and risk.reason and risk.name in RANKED:
                unknown.setdefault(risk.words, []).append(risk)
    lines = [
        safe(f"{words} of {len(risks)} not known, such as: {risks[0].reason}")
        for words, risks in unknown.items()
    ]
    rows = [row for line in lines for row in _wrap(line, width or 1 << 30, "  ")]
    return "".join(f"{style(row, FAINT)}\n" for row in rows)


def _score(one: Standing) -> str:
    score = one.value("oom_score")
    return "-" if score is None else str(score)


def _sentence(risk: Risk) -> str:
    """Return "control group: 1.86 GiB of 2.00 GiB (93 %), and 90 MiB of idle cache"."""
    figure = _value(risk, risk.value)
    if risk.limit is not None:
        figure += f" of {_limit(risk)} ({_percent(risk)})"
    tail, path = more_of(risk), risk.more.get("cgroup")
    tails = [tail] if tail else []
    if isinstance(path, str) and path not in tail:
        tails.append(path)
    return safe("; ".join([f"{risk.words}: {figure}", *tails]))


def _value(risk: Risk, value: int | None) -> str:
    if value is None:
        return "-"
    return human(value) if risk.is_kb else f"{value:,}"


def _cells_of(risk: Risk) -> tuple[str, str]:
    """Return the value and the limit for a table."""
    value, limit = (
        in_table(kb) if risk.is_kb else "-" if kb is None else _number(kb)
        for kb in (risk.value, risk.limit)
    )
    return value, limit


def _number(number: int) -> str:
    return f"{number:,}" if os.isatty(STDOUT) else str(number)


def _limit(risk: Risk) -> str:
    return _value(risk, risk.limit)


def _percent(risk: Risk) -> str:
    """Return the share, rounded down: 79.9 % is not 80 %."""
    share = risk.share
    return "-" if share is None else f"{int(share)} %"


def _wrap(words: str, width: int, indent: str) -> list[str]:
    """Return lines of at most `width` columns; a longer word is cut in its middle."""
    lines = [""]
    for word in words.split(" "):
        gap = " " if lines[-1].strip() else ""
        if gap and width_of(lines[-1] + gap + word) > width:
            lines.append(indent)
            gap = ""
        lines[-1] += gap + shorten(word, max(width - len(lines[-1]) - len(gap), 8))
    return lines
