"""The document of a report: one dict, which the page shows.

Amounts are in KiB; None is what is not known, and never 0.  Texts are plain text: what
could act on a terminal is escaped in them as `memc show` does, but nothing else, so the
page has to make markup safe.  ::

    kind      "snapshot", "diff" (A and B) or "recording" (a span of one)
    title     what this is of, in words
    when      the time or the span: UTC, and the local time if that differs
    host, kernel    "" if not known, as of a file
    memc      the version that made the report
    detail    what was read of live processes: "smaps", "rss", ...; "" of files
    measure   what the map counts: "pss", "rss" or "size"; with pages of hugetlb
    levels    the levels of the trees below the root: "service", "process", "owner",
              "region"; from "owner" on if there is one process
    skipped   how many processes could not be read
    notes     why the report is not whole: sentences
    gaps      [[begin_ms, end_ms, why], ...] in which nothing was recorded
    numbers   three of {"label", "value_kb": int or None, "text", "note"}; `text` is
              the amount as memc shows it, with its unit and the sign of a change
    trees     [{"t_ms", "label", "parent", "kb", "change_kb", "pid"}, ...]
    series    None, or {"t_ms", "step_ms", "names", "kb", "events"}
    grew      None, or [{"name", "pid", "owner", "before_kb", "after_kb",
              "per_hour_kb", "points"}, ...]
    largest   [{"name", "pid", "user", "service", "rss_kb", "pss_kb", "swap_kb",
              "regions"}, ...]
    how       sentences: how it was measured, and what is not known

A tree has its nodes in parallel lists: node 0 is the root, whose `parent` is -1, and
a parent stands before its children.  The `kb` of a parent is the sum of those of its
children that are known, and None if none is; so is `change_kb`, which is None as a
whole but in a diff.  In a diff `kb` is the amount after, 0 of what is gone.  What is
below 1/20,000 of the whole is summed in one node, such as "12 smaller regions".  `pid`
is None but for processes.  `t_ms` is None if the time is not known.  The trees of a
recording stand in the order of time: the last is shown first.

In `series`, `kb` has a list for each name: the largest amount in the step that begins
at each of `t_ms`, None where nothing was recorded.  They have the names of the first
level of the trees, eight at most, the largest first, and then "others".  An event is
{"t_ms", "kind", "text"}.

`grew` has what grew most first, then what shrank, processes (`owner` is None) and
owners (`pid` is None) each in their order.  `points` are amounts at even times from the
begin to the end.  In a diff there is no time: `per_hour_kb` may be None, and `points`
is empty.  `before_kb` is None of what was not there or is not known.
"""

from __future__ import annotations

from memc._version import version
from memc.analysis.groups import group
from memc.human.counts import counted_processes
from memc.human.units import safe
from memc.report import parts
from memc.report.figures import largest, numbers
from memc.report.tree import grown, tree_of
from memc.report.words import how, when

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from memc.analysis.groups import Groups
    from memc.report.tree import Node
    from memc.targets.target import Target

__all__ = [
    "LEVELS",
    "Asked",
    "base",
    "finish",
    "grove",
    "has_huge",
    "has_memory",
    "measure_of",
    "snapshot",
    "subject",
]

RANKED = ("pss_kb", "rss_kb", "size_kb")  # the first that is known is in the map
LEVELS = ["process", "owner", "region"]


class Asked:
    """What a report is to show, and what its maker knows beside the targets.

    - `by` is the first level of the trees: "service", "user" or "cgroup";
    - `top` is how many processes and owners lists have;
    - `of` are words for the files that were read, "" for live processes;
    - `host`, `kernel`, `detail`, `notes` and `skipped` are as in the document;
    - `tell` is called with words for what is done next.
    """

    __slots__ = (
        "by",
        "detail",
        "host",
        "kernel",
        "notes",
        "of",
        "skipped",
        "tell",
        "top",
    )

    def __init__(
        self, *, by: str = "service", top: int = 50, detail: str = "", of: str = ""
    ) -> None:
        self.by = by
        self.top = top
        self.detail = detail
        self.of = of
        self.host = self.kernel = ""
        self.skipped = 0
        self.notes: list[str] = []
        self.tell: Callable[[str], object] = str


def snapshot(
    found: Sequence[Target],
    asked: Asked,
    *,
    at_ms: int | None = None,
    parts_of: Sequence[Target] | None = None,
) -> dict[str, Any]:
    """Return the document of processes at one time.

    `at_ms` is that of a recording.  Then `parts_of` has, for each process, the target
    that tells its owners or its regions.
    """
    targets = [target for target in found if has_memory(target)] or [*found]
    asked.tell("the map")
    groups = group(targets, "process")
    measure = measure_of(groups)
    node, least_kb = grove(found, asked, measure, parts_of=parts_of)
    t_ms = _first_ms(targets) if at_ms is None else at_ms
    made = base("snapshot", asked, measure, len(targets))
    made["title"] = f"Memory of {subject(targets, asked)}"
    made["when"] = "" if t_ms is None else when(t_ms)
    made["trees"] = [tree_of(node, t_ms)]
    made["numbers"] = numbers(groups, measure, asked)
    made["largest"] = largest(groups, asked, measure)
    made["how"] += how(
        measure,
        [[target] for target in parts_of or targets],
        least_kb,
        found=found,
        huge=has_huge(groups),
    )
    return finish(made)


def base(kind: str, asked: Asked, measure: str, count: int) -> dict[str, Any]:
    """Return a document without amounts, of so many processes."""
    return {
        "kind": kind,
        "title": "",
        "when": "",
        "host": safe(asked.host),
        "kernel": safe(asked.kernel),
        "memc": version(),
        "detail": asked.detail,
        "measure": measure.removesuffix("_kb"),
        "levels": LEVELS[1:] if count == 1 else [asked.by, *LEVELS],
        "skipped": asked.skipped,
        "notes": [*map(safe, asked.notes)],
        "gaps": [],
        "numbers": [],
        "trees": [],
        "series": None,
        "grew": None,
        "largest": [],
        "how": [],
    }


def finish(made: dict[str, Any]) -> dict[str, Any]:
    """Return a document that names as many levels as its trees have."""
    depth = max(map(_depth, made["trees"]), default=0)
    made["levels"] = made["levels"][:depth]
    return made


def _depth(tree: dict[str, Any]) -> int:
    depths: list[int] = []
    for parent in tree["parent"]:
        depths.append(0 if parent < 0 else depths[parent] + 1)
    return max(depths)


def has_memory(target: Target) -> bool:
    """Tell whether a process has memory, or perhaps has some."""
    return target.sources > 0 or target.is_other


def subject(targets: Sequence[Target], asked: Asked) -> str:
    """Return words for processes, and for the files they are from."""
    one = len(targets) == 1
    who = parts.name_of(targets[0]) if one else counted_processes(len(targets))
    return safe(f"{who} in {asked.of}" if asked.of and who != asked.of else who)


def measure_of(groups: Groups) -> str:
    """Return the amount that the map counts."""
    return next(filter(groups.is_known, RANKED), RANKED[-1])


def grove(
    found: Sequence[Target],
    asked: Asked,
    measure: str,
    *,
    parts_of: Sequence[Target] | None = None,
    trees: int = 1,
    is_one: bool | None = None,
) -> tuple[Node, int]:
    """Return the tree of these processes, and how small a part of it can be.

    With `is_one` there is no level above a process, as if there is one alone.
    """
    pairs = [
        (whole, whole if parts_of is None else parts_of[i])
        for i, whole in enumerate(found)
        if has_memory(whole) or len(found) == 1
    ]
    total_kb = sum(parts.amount_of(whole, measure) or 0 for whole, _ in pairs)
    title = counted_processes(len(pairs))

    def make(least_kb: int, is_tight: bool) -> Node:  # noqa: FBT001 - of a callback
        nodes = (
            (whole, parts.recorded(whole, part, measure, least_kb))
            for whole, part in pairs
        )
        if len(pairs) == 1 if is_one is None else is_one and pairs:
            return next(nodes)[1]
        return parts.grow_groups(title, nodes, asked.by, least_kb, processes=is_tight)

    return grown(make, total_kb, trees=trees)


def has_huge(groups: Groups) -> bool:
    return any(groups.amounts["hugetlb_kb"])


def _first_ms(targets: Sequence[Target]) -> int | None:
    times = (getattr(target.table, "timestamp_ms", None) for target in targets)
    return min((t_ms for t_ms in times if t_ms is not None), default=None)
