"""Folded stacks, which flame graphs are drawn of: a line for each place of memory.

::

    /system.slice/nginx.service;nginx (812);library text;libcrypto.so.3 1184
    control group               process     owner        file           kB

A frame that is not known, or that there is none of, is left out of its line.
"""

from __future__ import annotations

import re

from memc.export.sample import has_regions, who

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from memc.targets.target import Target

__all__ = ["Stacks", "differing", "frame", "lines"]

# A last frame that ends so would be taken for a first value.
NUMBER = re.compile(r" (?=[0-9]+(?:\.[0-9]*)?$)")


class Stacks:
    """How much of an amount is in each stack, in kB.

    `unknown` is how many regions, or processes of which only totals are known, do not
    tell the amount, and `known` how many do.
    """

    def __init__(self, targets: Iterable[Target], name: str) -> None:
        self.amounts: dict[str, int] = {}
        self.known = self.unknown = 0
        for target in targets:
            self._add(target, name)

    def _add(self, target: Target, name: str) -> None:
        front = [frame(target.facts.paths[0])] if target.facts.paths else []
        begin = ";".join(filter(None, (*front, frame(who(target)))))
        known: dict[tuple[object, ...], str] = {}
        for key, kb in zip(_places(target), target.values(name), strict=True):
            if kb is None:
                self.unknown += 1
                continue
            self.known += 1
            if kb:
                stack = known.get(key) or known.setdefault(key, _stack(begin, key))
                self.amounts[stack] = self.amounts.get(stack, 0) + kb


def _places(target: Target) -> Iterable[tuple[object, ...]]:
    """Return the owner and the path of each value of an amount."""
    if target.is_sum:
        return [()] * target.sources
    owners = [owner.owner for owner in target.find_owners()]
    if not has_regions(target):
        return zip(owners)
    return zip(owners, target.table.columns["pathname"], strict=True)


def _stack(begin: str, key: tuple[object, ...]) -> str:
    owner, path = (*map(str, key), "", "")[:2]
    file = path.rpartition("/")[2] if path.startswith("/") else ""
    stack = ";".join(filter(None, (begin, frame(owner), frame(file))))
    return NUMBER.sub("_", stack)


def frame(text: str) -> str:
    """Return a text without what ends a frame or a line."""
    if not (text.isascii() and text.isprintable()):
        text = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        text = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(text.replace(";", ":").split())


def lines(amounts: Mapping[str, int]) -> Iterator[str]:
    """Yield a line for each stack."""
    for stack, kb in sorted(amounts.items()):
        yield f"{stack} {kb}\n"


def differing(before: Mapping[str, int], after: Mapping[str, int]) -> Iterator[str]:
    """Yield a line for each stack with two values, as difffolded.pl writes them."""
    for stack in sorted({*before, *after}):
        yield f"{stack} {before.get(stack, 0)} {after.get(stack, 0)}\n"
