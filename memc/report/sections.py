"""The parts of a page that need no script: what a document says, in tables."""

from __future__ import annotations

from itertools import accumulate

from memc.human.lengths import length
from memc.report.packed import packed_tree
from memc.report.safe import text
from memc.report.tables import amount, number, share, spark, table, word
from memc.report.words import utc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from memc.report.tables import Cell

    Document = dict[str, Any]

__all__ = ["grew", "largest", "numbers", "parts", "time"]

PARTS, PARTS_OF = 40, 4  # lines without script: of the root, of each of its parts
NO_NAME = "(no name)"


def numbers(document: Document) -> str:
    """Return the three numbers at the top."""
    return "".join(
        f"<div><dt>{text(told['label'])}</dt>"
        f'<dd class="figure">{text(told["text"])}</dd>'
        + (f'<dd class="soft">{text(told["note"])}</dd>' if told["note"] else "")
        + "</div>"
        for told in document["numbers"]
    )


def parts(document: Document) -> str:
    """Return the parts of the whole and the largest of each; the script goes deeper."""
    heads, rows = ["Part", document["measure"].upper(), "Share"], []
    is_diff = document["kind"] == "diff"
    if is_diff:
        heads.insert(2, "Change")
    for tree in map(packed_tree, document["trees"][-1:]):
        firsts = list(accumulate(tree["kids"], initial=1))
        for part in _kids(tree, firsts, 0, PARTS):
            rows.append(_part(tree, part))
            kids = _kids(tree, firsts, part, PARTS_OF)
            rows += [_part(tree, kid, "in") for kid in kids]
    return table("Parts of the whole", heads, rows, name="where")


def _kids(tree: Document, firsts: list[int], node: int, most: int) -> list[int]:
    """Return the first children of a node, in a diff those that changed."""
    kids = range(firsts[node], firsts[node + 1])
    change, moved = tree["change_kb"], {*tree["moved"]}
    if change is not None:
        return [kid for kid in kids if change[kid] != 0 or kid in moved][:most]
    return [*kids][:most]


def _part(tree: Document, node: int, kind: str = "") -> list[Cell]:
    kb, change = tree["kb"], tree["change_kb"]
    row = [word(tree["label"][node], kind), amount(kb[node])]
    if change is not None:
        row.append(amount(change[node], is_change=True))
    return [*row, share(kb[node], kb[0])]


def time(document: Document) -> str:
    """Return the section of a recording, or nothing."""
    series = document["series"]
    if not series:
        return ""
    rows = []
    for place, (name, line) in enumerate(
        zip(series["names"], series["kb"], strict=True)
    ):
        known = [kb for kb in line if kb is not None]
        named, inner = word(name)
        key = f'<i class="key k{place}" aria-hidden="true"></i>'
        edges = (known[0], min(known), max(known), known[-1]) if known else [None] * 4
        rows.append([(named, key + inner), *map(amount, edges), spark(_thin(line))])
    heads = ("Name", "First", "Least", "Most", "Last", "")
    step = length(series["step_ms"])
    return (
        '<section aria-labelledby="h-time"><h2 id="h-time">Through the time</h2>'
        f'<p class="soft">{document["measure"].upper()}, the largest amount in each '
        f"step of {step}; times are UTC. <span id='how-moment' hidden>Choose a place "
        "in the chart, or a time above the map, to see the map as of then.</span></p>"
        '<div id="time" class="time" role="img" hidden '
        'aria-label="A chart of the amounts in time; the table below says the same">'
        f"</div>{table('What is in the chart', heads, rows)}{_events(document)}"
        "</section>"
    )


def _thin(line: list[int | None], most: int = 100) -> list[int | None]:
    """Return the largest of each few points: at most so many, None if none is known."""
    step = -(-len(line) // most) or 1
    few = (line[place : place + step] for place in range(0, len(line), step))
    return [max((kb for kb in some if kb is not None), default=None) for some in few]


def _events(document: Document) -> str:
    """Return the table of what the chart has marks for, in the order of time."""
    marks = [
        (begin, "gap", f"{why}, {length(end - begin)}")
        for begin, end, why in document["gaps"]
    ]
    marks += [
        (event["t_ms"], event["kind"], event["text"])
        for event in document["series"]["events"]
    ]
    if not marks:
        return ""
    marks.sort()
    rows = [
        [word(utc(t_ms).removesuffix(" UTC"), "one"), word(kind, "one"), word(told)]
        for t_ms, kind, told in marks
    ]
    return table("Events and gaps", ("Time, UTC", "Kind", "What"), rows)


def grew(document: Document) -> str:
    """Return what grew or shrank, or nothing if there is no time."""
    changes = document["grew"]
    if changes is None:
        return ""
    title = "What changed" if document["kind"] == "diff" else "What grew"
    processes = [row for row in changes if row["owner"] is None]
    owners = [row for row in changes if row["owner"] is not None]
    has_rate = any(row["per_hour_kb"] is not None for row in changes)
    has_line = any(len(row["points"]) > 1 for row in changes)
    tables = [
        _growth(caption, rows, has_rate=has_rate, has_line=has_line)
        for caption, rows in (("By process", processes), ("By owner", owners))
        if rows
    ]
    body = "".join(tables) or '<p class="soft">Nothing changed.</p>'
    head = f'<h2 id="h-grew">{title}</h2>'
    return f'<section aria-labelledby="h-grew">{head}{body}</section>'


def _growth(
    caption: str, rows: Iterable[Document], *, has_rate: bool, has_line: bool
) -> str:
    heads = ["Name", "PID"] if caption == "By process" else ["Owner"]
    heads += ["Before", "After", "Change"]
    heads += ["Per hour"] * has_rate + ["How it went"] * has_line
    return table(
        caption,
        heads,
        [_growth_row(row, has_rate=has_rate, has_line=has_line) for row in rows],
    )


def _growth_row(row: Document, *, has_rate: bool, has_line: bool) -> list[Cell]:
    before, after = row["before_kb"], row["after_kb"]
    change = None if after is None else after - (before or 0)
    cells = [word(row["name"] or NO_NAME)]
    if row["owner"] is None:
        cells.append(_plain(row["pid"]))
    cells += [
        amount(before, unknown="-"),
        amount(after),
        amount(change, is_change=True),
    ]
    if has_rate:
        cells.append(amount(row["per_hour_kb"], is_change=True, unknown="-"))
    if has_line:
        cells.append(spark(row["points"]))
    return cells


def _plain(pid: int | None) -> Cell:
    return ' class="n"', "" if pid is None else str(pid)


def largest(document: Document) -> str:
    """Return the largest processes."""
    heads = ("Process", "PID", "User", "Service", "RSS", "PSS", "Swap", "Regions")
    return table(
        "The largest first",
        heads,
        [
            [
                word(row["name"] or NO_NAME),
                _plain(row["pid"]),
                word(row["user"], "one"),
                word(row["service"]),
                *(amount(row[key]) for key in ("rss_kb", "pss_kb", "swap_kb")),
                number(row["regions"]),
            ]
            for row in document["largest"]
        ],
    )
