"""A tree of memory: parts of parts, of which the small ones are summed.

::

    all processes > nginx.service > 1234 nginx > malloc main heap > 5581a000-558b0000
                                               > 3 smaller owners > 12 smaller regions

What a part has is the sum of what its own parts have: only leaves are given amounts.
"""

from __future__ import annotations

from memc.human.units import safe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, TypeAlias

    # What a leaf has now, how that changed (None: no diff, or not known), and what
    # its label is made of.
    Leaf: TypeAlias = tuple[int | None, int | None, Any]

__all__ = ["SHARE", "Node", "added", "fit", "grown", "leaves", "smaller", "tree_of"]

SHARE = 20_000  # what is below this part of the whole is summed
NODES = 60_000
AMOUNTS = ("kb", "change_kb")
LABELS = 1_600_000  # characters in all labels, of a page that must stay small
SHRUNK = 10  # per cent; parts that were read earlier are shown smaller by so much


class Node:
    """A part: its label, its parts, and what it has now and how that changed."""

    __slots__ = ("change_kb", "kb", "label", "parts", "pid")

    def __init__(
        self,
        label: str,
        kb: int | None = None,
        change_kb: int | None = None,
        *,
        parts: Iterable[Node] = (),
        pid: int | None = None,
    ) -> None:
        self.label = safe(label)
        self.kb = kb
        self.change_kb = change_kb
        self.pid = pid
        self.parts = [*parts]
        if self.parts:
            self.add_up()
            self.parts.sort(key=_place)

    def add_up(self) -> None:
        """Take the sums of the parts, of those that are known."""
        self.kb = added(part.kb for part in self.parts)
        self.change_kb = added(part.change_kb for part in self.parts)

    @property
    def weight(self) -> int:
        """What decides whether it is small: what it has, or how much that changed."""
        return max(abs(self.kb or 0), abs(self.change_kb or 0))


def _place(node: Node) -> tuple[int, str]:
    return -node.weight, node.label


def added(amounts: Iterable[int | None]) -> int | None:
    """Return the sum of those amounts that are known; None if none is."""
    known = [kb for kb in amounts if kb is not None]
    return sum(known) if known else None


def leaves(
    found: list[Leaf], noun: str, label: Callable[[Any], str], least_kb: int
) -> list[Node]:
    """Return a node for each leaf that is large, and one for all others.

    A leaf that is not known has a part in a node of its own.
    """
    large, small, unknown = [], [], []
    for leaf in found:
        kb, change_kb, _ = leaf
        if kb is None and change_kb is None:
            unknown.append(leaf)
        elif abs(kb or 0) >= least_kb or abs(change_kb or 0) >= least_kb:
            large.append(leaf)
        elif kb or change_kb:
            small.append(leaf)
    if len(small) == 1:
        large += small
        small = []
    made = [Node(label(key), kb, change_kb) for kb, change_kb, key in large]
    if small:
        amounts = (added(leaf[i] for leaf in small) for i in (0, 1))
        made.append(Node(f"{len(small):,} smaller {_plural(noun)}", *amounts))
    if unknown:
        words = (
            f"{len(unknown):,} {_plural(noun) if len(unknown) > 1 else noun}, not known"
        )
        made.append(Node(words))
    return made


def smaller(nodes: list[Node], noun: str, least_kb: int) -> list[Node]:
    """Return the large ones of these nodes, and one for all that are small."""
    small = [node for node in nodes if node.kb is not None and node.weight < least_kb]
    if len(small) < 2:
        return nodes
    kept = {*map(id, small)}
    made = [node for node in nodes if id(node) not in kept]
    amounts = (added(getattr(node, name) for node in small) for name in AMOUNTS)
    return [*made, Node(f"{len(small):,} smaller {_plural(noun)}", *amounts)]


def _plural(noun: str) -> str:
    return f"{noun}es" if noun.endswith("s") else f"{noun}s"


def fit(node: Node, kb: int | None, words: str) -> bool:
    """Let a node have `kb`, though its parts were read earlier; tell if it has parts.

    What came since is a part of its own, with these words.  If there is less now, the
    parts are made smaller in proportion, or left out if that would be a guess.
    """
    had_kb = node.kb
    if kb is None or had_kb is None or not node.parts:
        node.parts.clear()
        node.kb = kb
        return False
    if kb > had_kb:
        node.parts.append(Node(words, kb - had_kb))
    elif (had_kb - kb) * 100 > had_kb * SHRUNK:
        node.parts.clear()
        node.kb = kb
        return False
    elif kb < had_kb:
        _shrink(node, [0, 0], (kb, had_kb))
    node.kb = kb
    return True


def _shrink(node: Node, told: list[int], part: tuple[int, int]) -> None:
    """Make leaves smaller: the sum until each is rounded, so the whole is exact."""
    if node.parts:
        for each in node.parts:
            _shrink(each, told, part)
        node.add_up()
    elif node.kb is not None:
        told[0] += node.kb
        until = told[0] * part[0] // part[1]
        node.kb, told[1] = until - told[1], until


def grown(
    make: Callable[[int, bool], Node], whole_kb: int, *, trees: int = 1
) -> tuple[Node, int]:
    """Return the tree that `make` makes, and how small a part of it can be.

    It has all owners and regions that are 1/20,000 of the whole.  If those are too many
    for one of so many trees, `make` sums larger ones, and small processes too, which
    its second argument says.
    """
    least_kb = first_kb = max(-(-whole_kb // SHARE), 1)
    while True:
        node = make(least_kb, least_kb > first_kb)
        count, length = _size(node)
        is_small = count * trees <= NODES and length * trees <= LABELS
        if is_small or least_kb > whole_kb:
            return node, least_kb
        least_kb *= 2


def _size(node: Node) -> tuple[int, int]:
    """Return how many nodes there are, and the length of their labels."""
    count, length, left = 0, 0, [node]
    while left:
        one = left.pop()
        count += 1
        length += len(one.label)
        left += one.parts
    return count, length


def tree_of(node: Node, t_ms: int | None, *, is_diff: bool = False) -> dict[str, Any]:
    """Return a tree as lists with one item a node, each after the one it is part of."""
    nodes: list[Node] = []
    parents = []
    left = [(node, -1)]
    while left:
        one, parent = left.pop()
        left += ((part, len(nodes)) for part in reversed(one.parts))
        nodes.append(one)
        parents.append(parent)
    return {
        "t_ms": t_ms,
        "label": [one.label for one in nodes],
        "parent": parents,
        "kb": [one.kb for one in nodes],
        "change_kb": [one.change_kb for one in nodes] if is_diff else None,
        "pid": [one.pid for one in nodes],
    }
