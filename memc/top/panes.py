"""Texts and styles of the lower pane: what the selected process holds."""

from __future__ import annotations

from memc.human.lengths import length
from memc.human.spark import spark
from memc.human.units import width_of
from memc.top.cells import amount, change, fill, style_of, text_of, wrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from memc.top.cells import Cells
    from memc.top.moment import Details, Line, Owner, Region

__all__ = ["owners", "regions", "title"]

MS = 1000
FRESH_S = 0.5  # what is younger was read now
TINY, ADDRESS_FROM = 40, 60
BARS = "▏▎▍▌▋▊▉█"
AMOUNT, RATE, POINTS = 6, 9, 15


def title(line: Line, details: Details, what: str, width: int) -> Cells:
    """Return the line above the pane; `what` is "owners" or "regions".

    It tells how old they are, and how long it is to the next reading.
    """
    told = ""
    if details.regions if what == "regions" else details.owners:
        ago = f"{length(round(details.age_s * MS))} ago"
        note = f"; {details.note}" if details.note else ""
        told = f" (read {'now' if details.age_s < FRESH_S else ago}{note})"
    every = told
    is_again = told and not details.note
    if is_again and details.between_s is not None and details.between_s > FRESH_S:
        # A process that does not move is not read again.
        is_still = details.age_s > 2 * details.between_s + 1
        more = f"again every {length(round(details.between_s * MS))}"
        every = f"{told[:-1]}, {'almost unchanged since' if is_still else more})"
    texts = [f"─ {line.name} {line.pid}: {what}{more} " for more in (every, told)]
    texts.append(f"─ {line.name}: {what}{told} ")
    text = next((text for text in texts if width_of(text) < width), texts[-1])
    text = fill(text, width, tail=True) if width_of(text) > width else text
    return [(text + "─" * (width - width_of(text)), "head")]


def owners(details: Details, width: int, height: int, first: int = 0) -> list[Cells]:
    """Return the heads, a line for each owner from the number `first` on, and the rest.

    The rest are those below that have no room: they are one line.
    """
    if details.note and not details.owners:
        return wrap([(details.note, "warn")], width, height)
    shown = details.owners[first:]
    rest: list[Owner] = []
    if len(shown) + 1 > height:
        shown, rest = shown[: max(height - 2, 0)], shown[max(height - 2, 0) :]
    most = max((owner.rss_kb or 0 for owner in details.owners), default=0)
    made = [_owner_heads(width), *(_owner(owner, most, width) for owner in shown)]
    if rest:
        known = [owner.rss_kb for owner in rest if owner.rss_kb is not None]
        words = f"and {len(rest):,} more"
        kb = amount(sum(known) if known else None)
        made.append([(fill(f"  {words}: {kb}", width), "dim")])
    return made[:height]


def _sizes(width: int) -> tuple[int, int, bool]:
    """Return how wide names and bars are, and whether there is room for more."""
    if width < TINY:
        return max(width - AMOUNT - 3, 1), 0, False
    more = width >= TINY * 2
    left = width - 2 - 2 * (AMOUNT + 1) - (RATE + POINTS + 2 if more else 0) - 2
    name = min(max(left // 2, 16), 40)
    return name, min(max(left - name, 0), TINY), more


def _owner_heads(width: int) -> Cells:
    name, bar, more = _sizes(width)
    text = f"  {fill('OWNER', name)} {fill('RSS', AMOUNT, right=True)}"
    if width >= TINY:
        text += f" {' ' * bar} {fill('SWAP', AMOUNT, right=True)}"
    if more:
        text += f" {fill('Δ/min', RATE, right=True)} {fill('READINGS', POINTS)}"
    return [(fill(text, width), "head")]


def _owner(owner: Owner, most: int, width: int) -> Cells:
    name, bar, more = _sizes(width)
    made: Cells = [
        (f"  {fill(owner.name, name)} ", ""),
        (fill(amount(owner.rss_kb), AMOUNT, right=True), ""),
    ]
    if width >= TINY:
        made.append((f" {_bar(owner.rss_kb, most, bar)} ", "bar"))
        made.append((fill(amount(owner.swap_kb), AMOUNT, right=True), ""))
    if more:
        rate = change(owner.rate_kb_min)
        made.append((f" {fill(rate, RATE, right=True)} ", style_of(rate)))
        made.append((fill(spark(owner.history[-POINTS:]), POINTS), "bar"))
    left = width - width_of(text_of(made))
    return [*made, (" " * left, "")] if left > 0 else made


def _bar(kb: int | None, most: int, width: int) -> str:
    """Return a bar of blocks, an eighth of a column fine."""
    eighths = (kb or 0) * width * len(BARS) // (most or 1)
    whole, part = divmod(eighths, len(BARS))
    return ("█" * whole + (BARS[part - 1] if part else "")).ljust(width)


def regions(details: Details, width: int, height: int, first: int = 0) -> list[Cells]:
    """Return the heads, and lines for regions from the number `first` on."""
    why = details.note or details.no_regions
    if why and not details.regions:
        return wrap([(why, "warn")], width, height)
    shown = [_texts(each) for each in details.regions[first : first + height - 1]]
    heads = ("ADDRESS", "PERM", "RSS", "SWAP", "PATH")
    made = [[(fill(_region(heads, width), width), "head")]]
    made += [[(_region(texts, width), "")] for texts in shown]
    return made[:height]


def _texts(region: Region) -> Sequence[str]:
    is_owned = region.pathname and region.pathname == region.owner
    path = region.pathname if is_owned else _path(region)
    amounts = amount(region.rss_kb), amount(region.swap_kb)
    return f"{region.start:x}", region.perms, *amounts, path


def _path(region: Region) -> str:
    return "  ".join(part for part in (region.pathname, region.owner) if part)


def _region(texts: Sequence[str], width: int) -> str:
    """Return the line of a region; a narrow one has less."""
    start, perms, kb, swap, path = texts
    text = f"  {fill(kb, AMOUNT, right=True)}"
    if width >= TINY:
        text = f"  {fill(perms, 4)} {text[2:]}"
    if width >= ADDRESS_FROM:
        text = f"  {fill(start, 16, right=True)} {text[2:]}"
    if width >= TINY * 2:
        text += f" {fill(swap, AMOUNT, right=True)}"
    left = width - len(text) - 2
    return f"{text}  {fill(path, left)}" if left > 0 else text[:width]
