"""The parts of processes: their owners, and the regions of these."""

from __future__ import annotations

from itertools import repeat

from memc.analysis.keys import process_key
from memc.human.users import user_name
from memc.report.tree import Node, added, fit, leaves, smaller
from memc.table.amounts import JUDGED, whole
from memc.targets.recorded_owners import OwnersTarget

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, TypeAlias

    from memc.analysis.pair import Pair
    from memc.owners import Owner
    from memc.report.tree import Leaf
    from memc.targets.target import Target

    Made: TypeAlias = tuple[Target, Node]  # a process and its node

__all__ = [
    "amount_of",
    "changed",
    "group_of",
    "grow_groups",
    "name_of",
    "nodes_of",
    "recorded",
]

HUGE = "hugetlb_kb"
UNKNOWN = "(not known)"
NOT_TOLD = "hugetlb"  # the owner of pages of hugetlb, which a recording tells apart
SINCE = "came after its owners were read"


def name_of(target: Target) -> str:
    """Return the words for a process: its pid and its name."""
    pid = None if target.pid is None else str(target.pid)
    return " ".join(filter(None, (pid or target.file, target.name))) or UNKNOWN


def group_of(target: Target, by: str) -> str:
    """Return what a process is part of: a service, a user or a control group.

    A process in no service is one of its name.
    """
    key = process_key(target, 0, by)
    if key is None and by == "service":
        key = target.name or None
    if by == "user" and isinstance(key, int):
        return user_name(key)
    return UNKNOWN if key is None else str(key)


def amount_of(target: Target, measure: str) -> int | None:
    """Return what a whole process has, with its pages of hugetlb."""
    if not target.is_sum and not isinstance(target, OwnersTarget):
        known = [kb for kb in _judged(target, measure) if kb is not None]
        return sum(known) if known or not len(target.table) else None
    kb = whole(target.table, measure)
    if kb is None:
        return None
    return kb + _huge(target) if measure in JUDGED else kb


def _huge(target: Target) -> int:
    totals: dict[str, int | None] = getattr(target.table, "totals", {})
    return totals.get(HUGE) or 0


def nodes_of(target: Target, measure: str, least_kb: int) -> Node:
    """Return the node of a process, with a part for each owner."""
    if target.is_sum:
        kb = amount_of(target, measure)
        return Node(name_of(target), kb, pid=target.pid)
    rows = range(len(target.table))
    found = zip(_judged(target, measure), repeat(None), rows, strict=False)
    owners = target.find_owners()
    names = [owner.owner for owner in owners]
    label = None if isinstance(target, OwnersTarget) else _labels(target)
    made = _by_owner(target, zip(names, found, strict=True), label, least_kb)
    return _marked(made, _guesses(owners))


def _guesses(owners: Iterable[Owner]) -> set[str]:
    return {owner.owner for owner in {*owners} if owner.guess}


def _marked(made: Node, guesses: set[str]) -> Node:
    """Return a process whose owners have a mark if a region's owner is a guess."""
    for part in made.parts:
        part.label += "?" * (part.label in guesses)
    return made


def recorded(whole_of: Target, target: Target, measure: str, least_kb: int) -> Node:
    """Return the node of a process of a recording, whose owners were read earlier."""
    made = nodes_of(target, measure, least_kb)
    if target is whole_of:
        return made
    huge_kb = _huge(whole_of)
    if huge_kb and isinstance(target, OwnersTarget):
        made.parts.append(Node(NOT_TOLD, huge_kb))
        made.add_up()
    fit(made, amount_of(whole_of, measure), SINCE)
    return made


def changed(pair: Pair, measure: str, least_kb: int) -> Node:
    """Return the node of a process before and after, with a part for each owner."""
    subject = pair.subject
    if subject.is_sum:
        before, after = (
            0 if side is None else amount_of(side, measure)
            for side in (pair.before, pair.after)
        )
        return Node(name_of(subject), after, _change(before, after), pid=subject.pid)
    found: dict[tuple[int, str], _Sides] = {}
    guesses: set[str] = set()
    now = () if pair.after is None else pair.after.find_owners()
    twins = {change: now[row].owner for change, _, row in pair.twins()}
    for side, (target, labels) in enumerate(pair.sides):
        if target is None:
            continue
        owners = target.find_owners()
        guesses |= _guesses(owners)
        kbs = _judged(target, measure)
        for row, (change, kb) in enumerate(zip(labels, kbs, strict=True)):
            owner = twins.get(change) or owners[row].owner
            sides = found.get((change, owner))
            if sides is None:
                sides = found[change, owner] = _Sides()
            sides.add(side, kb, (target, row))
    is_told = not any(isinstance(t, OwnersTarget) for t, _ in pair.sides)
    words = {id(t): _labels(t) for t, _ in pair.sides if t is not None}
    parts = ((owner, sides.leaf()) for (_, owner), sides in found.items())

    def label(place: tuple[Target, int]) -> str:
        target, row = place
        return words[id(target)](row)

    made = _by_owner(subject, parts, label if is_told else None, least_kb)
    return _marked(made, guesses)


class _Sides:
    """The amounts of a change before and after; None once one is not known."""

    __slots__ = ("kbs", "place")

    def __init__(self) -> None:
        self.kbs: list[int | None] = [0, 0]
        self.place: tuple[Target, int] | None = None

    def add(self, side: int, kb: int | None, place: tuple[Target, int]) -> None:
        had = self.kbs[side]
        self.kbs[side] = None if kb is None or had is None else had + kb
        if self.place is None or self.place[0] is not place[0]:
            self.place = place  # the first after, or else the first before

    def leaf(self) -> Leaf:
        before, after = self.kbs
        return after, _change(before, after), self.place


def _change(before: int | None, after: int | None) -> int | None:
    return None if before is None or after is None else after - before


def _judged(target: Target, measure: str) -> list[int | None]:
    """Return an amount of each region, with its pages of hugetlb."""
    kbs = [*target.values(measure)]
    if measure not in JUDGED or (not target.has(HUGE) and not target.knows(HUGE)):
        return kbs
    huge = [*target.values(HUGE)]
    if not any(huge):
        return kbs
    return [
        kb if not more else (kb or 0) + more for kb, more in zip(kbs, huge, strict=True)
    ]


def _labels(target: Target) -> Callable[[int], str]:
    """Return what makes the label of a region: as ``memc show --by region`` has it."""
    table, owners = target.table, target.find_owners()
    starts, ends = table.columns["start"].values, table.columns["end"].values
    perms, paths = table.columns["perm"], table.columns["pathname"]

    def label(row: int) -> str:
        path = paths[row] or owners[row].label
        return f"{starts[row]:x}-{ends[row]:x} {perms[row]} {path}".rstrip()

    return label


def _by_owner(
    target: Target,
    parts: Iterable[tuple[str, Leaf]],
    label: Callable[[Any], str] | None,
    least_kb: int,
) -> Node:
    """Return the node of a process: what each owner has, and its regions.

    Without a `label` for regions, none are told of.
    """
    found: dict[str, list[Leaf]] = {}
    for owner, leaf in parts:
        found.setdefault(owner, []).append(leaf)
    nodes = []
    for owner, some in found.items():
        if label is None:
            nodes.append(
                Node(owner, *(added(leaf[i] for leaf in some) for i in (0, 1)))
            )
        else:
            inner = leaves(some, "region", label, least_kb)
            if inner:
                nodes.append(Node(owner, parts=inner))
    made = Node(
        name_of(target), parts=smaller(nodes, "owner", least_kb), pid=target.pid
    )
    if not nodes:
        made.kb = 0
    return made


def grow_groups(
    title: str, made: Iterable[Made], by: str, least_kb: int, *, processes: bool
) -> Node:
    """Return the root of these processes; with `processes`, the small are summed."""
    groups: dict[str, list[Node]] = {}
    for target, node in made:
        groups.setdefault(group_of(target, by), []).append(node)
    nodes = []
    for name, inner in groups.items():
        kept = smaller(inner, "process", least_kb) if processes else inner
        nodes.append(Node(name, parts=kept))
    if processes:
        nodes = smaller(nodes, by, least_kb)
    return Node(title, parts=nodes)
