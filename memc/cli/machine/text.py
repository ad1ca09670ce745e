"""The account of ``memc machine`` as lines for people."""

from __future__ import annotations

import os

from memc.accounts.names import FIXED, FREE, LISTS, NOT_MAPPED, OTHERS, OWN, SLAB
from memc.cli.machine.limits import charged_ahead_kb, group_lines
from memc.cli.machine.unit import UNKNOWN, Unit
from memc.cli.output import STDOUT
from memc.human.counts import counted_processes
from memc.human.sheet import Style, terminal_width
from memc.human.units import human, safe, width_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from memc.accounts.account import Account, Line

__all__ = ["text"]

WIDTH = 80  # of a file, and of a terminal that does not tell its width
NAME = 32  # the width of the names
SHORTEST = 12  # no line of words is cut shorter, however narrow the terminal
SHOWN_KB = 1 << 10  # smaller differences of counters are no news
BOLD, FAINT = "1", "2"
USUAL = "usually drivers, graphics, pipes and sockets"


def text(account: Account, *, wide: bool, color: str = "auto") -> str:
    """Return the lines of an account, its limits, and footnotes."""
    known = [line.kb or 0 for line in account.lines]
    whole = sum(known) if account.total_kb is None else account.total_kb
    left = account.unexplained_kb
    unit = Unit(whole, wide=wide, is_piped=not os.isatty(STDOUT))
    style = Style(STDOUT, color)
    width = terminal_width(STDOUT) or WIDTH
    shown = [*map(unit.cell, unit.rounded(whole, [*known, left or 0]))]
    total = unit.cell(None if account.total_kb is None else unit.count(whole))
    parts = [part for line in account.lines for part in (line, *line.parts)]
    gaps = [unit.cell(None) for part in parts if part.kb is None]
    room = max(map(len, (total, *shown, *gaps)))
    head = _fill(safe(account.title), width - room - 2)
    out = [style(_row(room, total, head[0]), BOLD)]
    out += [style(_row(room, "", line), BOLD) for line in head[1:]]
    for line, amount in zip(account.lines, shown[:-1], strict=True):
        told = unit.cell(None) if line.kb is None else amount
        if wide:
            out += [_row(room, told, line.name), *_parts(room, line, unit)]
        else:
            out += _rows(room, told, line.name, _comment(account, line, unit), width)
    if left is not None:
        share = f"{100 * left / (whole or 1):.1f} %"
        words = _unexplained(account, unit)
        out += _rows(room, shown[-1], f"unexplained ({share})", words, width)
    for group in account.groups:
        for words in group_lines(group, unit, many=len(account.groups) > 1):
            out += _fill(safe(words), width)
    notes = (style(line, FAINT) for line in _notes(account, width))
    return "".join(f"{line}\n" for line in (*out, *notes))


def _row(room: int, amount: str, name: str) -> str:
    return f"{amount:>{room}}  {name}"


def _rows(room: int, amount: str, name: str, words: str, width: int) -> Iterator[str]:
    """Yield a line with words behind its name, which go on below if they are long."""
    first, *more = _fill(words, width - room - NAME - 4) or [""]
    yield f"{_row(room, amount, f'{name:{NAME}}')}  {first}".rstrip()
    for line in more:
        yield " " * (room + NAME + 4) + line


def _fill(words: str, width: int) -> list[str]:
    """Break words into lines, and a word that is wider than a line, such as a path."""
    lines: list[str] = []
    for word in words.split():
        if lines and width_of(lines[-1]) + 1 + width_of(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines += _cut(word, max(width, SHORTEST))
    return lines


def _cut(word: str, width: int) -> Iterator[str]:
    while width_of(word) > width:
        end = width
        while width_of(word[:end]) > width:
            end -= 1
        yield word[:end]
        word = word[end:]
    yield word


def _parts(room: int, line: Line, unit: Unit) -> Iterator[str]:
    for part in line.parts:
        amount = unit.cell(None if part.kb is None else unit.count(part.kb))
        yield _row(room, amount, f"  {safe(part.name)}")


def _comment(account: Account, line: Line, unit: Unit) -> str:
    """Return what is said of a line."""
    say = SAID.get(line.name, _of_parts)
    return safe(say(account, line, unit))


def _of_parts(account: Account, line: Line, unit: Unit) -> str:
    """Return the parts that are not 0, or not known."""
    del account
    parts = [
        f"{part.name} {UNKNOWN if part.kb is None else unit.bare(part.kb)}"
        for part in line.parts
        if part.kb is None or part.kb * 2 >= unit.kb
    ]
    return ", ".join(parts)


def _free(account: Account, line: Line, unit: Unit) -> str:
    del account
    lists = line.part(LISTS)
    if lists is None:
        return "what is in lists of the CPUs is not known"
    return f"{unit.bare(lists)} of it in lists of the CPUs: MemFree lacks them"


def _slab(account: Account, line: Line, unit: Unit) -> str:
    del account
    kept = sum(p.kb or 0 for p in line.parts if p.name != FIXED)
    return f"{unit.bare(kept)} of it reclaimable"


def _not_mapped(account: Account, line: Line, unit: Unit) -> str:
    if line.parts:
        return _of_parts(account, line, unit)
    used = [f"{mount} {unit.bare(kb)}" for mount, kb in account.tmpfs if kb]
    return f"in tmpfs, mapped or not: {', '.join(used)}" if used else ""


def _who(account: Account, line: Line, unit: Unit) -> str:
    read, unread = account.processes_read, account.processes_unread
    words = f"{counted_processes(read)} read"
    if unread:
        words += f"; {unread:,} could not be"
        others = line.part(OTHERS)
        if others is not None:
            words += f" ({unit(others)} of it)"
    return words


SAID = {OWN: _who, NOT_MAPPED: _not_mapped, SLAB: _slab, FREE: _free}


def _unexplained(account: Account, unit: Unit) -> str:
    if account.groups:
        return (
            f"usually what CPUs charge in advance: {human(charged_ahead_kb())} a group"
        )
    words = USUAL
    if account.holed_kb:
        words += f"; huge pages partly unmapped: up to {unit(account.holed_kb)}"
    return words


def _notes(account: Account, width: int) -> Iterator[str]:
    for note in account.notes:
        if note.code != "clamped" or note.count >= SHOWN_KB:
            yield from _fill(safe(note.text), width)
