"""What a stranger sees in a bundle, as lines for people."""

from __future__ import annotations

from memc.human.units import safe, shorten, width_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

__all__ = ["text"]

LABELS = "labels of owners"
GAP = "  "
INDENT = "  "
FACTS = (
    *("form", "memc", "kernel", "page_size", "key"),
    *("samples", "processes", "regions"),
)
# Told as lines of their own, below the facts.
RULES = ("rules", "kept", "kept_secrets", "left_out")
TITLES = {
    "rules": "names, by the rule that decided",
    "kept": "names that --keep kept, by its patterns",
    "kept_secrets": "of these, names that may tell who or where",
    "left_out": "left out",
}


def text(found: Mapping[str, Any], width: int | None) -> str:
    """Return the lines of what was seen; with `width`, none is wider."""
    lines = [*_manifest(found["manifest"])]
    if found["machine"] is not None:
        lines += ["", "the machine", *_flat(found["machine"], INDENT)]
    for kind, texts in _distinct(found["texts"]):
        lines += ["", f"{safe(kind)}: {len(texts):,}", *_counted(texts)]
    lines += ["", "numbers, from the least to the largest"]
    lines += _pairs({name: _range(*ends) for name, ends in found["numbers"].items()})
    lines += ["", f"addresses of regions: {found['addresses']:,}"]
    lines += ["", f"keys: {', '.join(map(safe, found['keys']))}"]
    if width is None:
        return "".join(f"{line}\n" for line in lines)
    return "".join(f"{line}\n" for each in lines for line in _fitted(each, width))


def _distinct(
    kinds: Mapping[str, Mapping[str, int]],
) -> Iterator[tuple[str, dict[str, int]]]:
    """Yield the texts of each kind; a label that is a path is told there."""
    told = {"", *kinds.get("paths", ())}
    for kind, texts in kinds.items():
        known = told if kind == LABELS else set()
        rest = {name: count for name, count in texts.items() if name not in known}
        if rest:
            yield kind, rest


def _manifest(manifest: Mapping[str, Any]) -> Iterator[str]:
    facts = {name: manifest[name] for name in FACTS if manifest.get(name) is not None}
    rest = {
        name: value
        for name, value in manifest.items()
        if name not in (*FACTS, *RULES, "format")
    }
    yield "the bundle"
    yield from _pairs(facts)
    yield from _flat(rest, INDENT)
    for name in RULES:
        told = manifest.get(name)
        if isinstance(told, dict) and told:
            yield ""
            yield TITLES[name]
            yield from _counted(told)


def _pairs(facts: Mapping[str, object]) -> Iterator[str]:
    room = max((width_of(safe(name)) for name in facts), default=0)
    for name, value in facts.items():
        yield f"{INDENT}{safe(name).ljust(room)}{GAP}{safe(str(value))}"


def _counted(texts: Mapping[str, object]) -> Iterator[str]:
    """Yield each text behind its count."""
    shown = {name: _number(count) for name, count in texts.items()}
    room = max(map(len, shown.values()), default=0)
    for name, count in shown.items():
        yield f"{INDENT}{count.rjust(room)}{GAP}{safe(name)}"


def _flat(value: Mapping[str, object], indent: str) -> Iterator[str]:
    """Yield the facts of nested objects and lists."""
    for name, inner in value.items():
        if isinstance(inner, dict):
            yield f"{indent}{safe(name)}{':' if inner else ': none'}"
            yield from _flat(inner, indent + INDENT)
        elif isinstance(inner, list) and any(isinstance(i, dict) for i in inner):
            for each in inner:
                yield f"{indent}{safe(name)}:"
                facts = each if isinstance(each, dict) else {"": each}
                yield from _flat(facts, indent + INDENT)
        elif isinstance(inner, list):
            yield f"{indent}{safe(name)}: {', '.join(safe(str(i)) for i in inner)}"
        else:
            yield f"{indent}{safe(name)}: {_word(inner)}"


def _word(value: object) -> str:
    """Return a fact as people write it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "-" if value is None else safe(str(value))


def _range(least: float, most: float) -> str:
    if least == most:
        return _number(least)
    return f"{_number(least)} … {_number(most)}"


def _number(value: object) -> str:
    return f"{value:,}" if isinstance(value, int | float) else safe(str(value))


def _fitted(line: str, width: int) -> Iterator[str]:
    """Yield a line in parts that fit: lists are folded, and a path is cut."""
    indent = line[: len(line) - len(line.lstrip())]
    while width_of(line) > width and ", " in line[:width]:
        cut = line.rfind(", ", 0, width) + 1
        yield line[:cut]
        line = f"{indent}{INDENT}{line[cut:].lstrip()}"
    yield shorten(line, width)
