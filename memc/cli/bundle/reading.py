"""``memc bundle --check`` and ``--show``: what is in a bundle."""

from __future__ import annotations

import os

from memc.cli.output import STDOUT, print_text
from memc.errors import MemcError
from memc.files.bundle import read_bundle
from memc.human.sheet import terminal_width
from memc.proc.rights import words_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from memc.files.bundle import Bundle

__all__ = ["check", "show"]

WIDTH = 80  # of a file, and of a terminal that does not tell its width


DEEP = "its JSON is nested too deeply: memc writes none like that"


def check(file: str, *, as_json: bool) -> int:
    """Print the texts in a bundle that are of no closed list; 1 if there are any.

    Raises MemcError if the file is no bundle.
    """
    try:
        return _check(file, as_json=as_json)
    except RecursionError:
        raise MemcError(f"{file}: {DEEP}") from None


def show(file: str, *, as_json: bool) -> int:
    """Print what a stranger sees in a bundle; return 0.

    Raises MemcError if the file is no bundle.
    """
    try:
        return _show(file, as_json=as_json)
    except RecursionError:
        raise MemcError(f"{file}: {DEEP}") from None


def _check(file: str, *, as_json: bool) -> int:
    from memc.bundle.check import offences
    from memc.human.units import safe
    from memc.table.json_text import dumps

    bundle = _read(file)
    found = offences(bundle.members)
    if as_json:
        told = [{"member": o.member, "kind": o.kind, "text": o.text} for o in found]
        print_text(dumps({"offences": told}, pretty=True).decode() + "\n")
        return 1 if found else 0
    lines = [f"{o.member}: {o.kind}: {safe(o.text)}" for o in found]
    if not found:
        lines = [*_judged(bundle.manifest)]
    elif bundle.manifest.get("form") == "plain":
        lines.append("it is a plain bundle (--plain): names are in it as they are")
    print_text("".join(f"{line}\n" for line in lines))
    return 1 if found else 0


def _judged(manifest: dict[str, Any]) -> Iterator[str]:
    """Yield what holds for a bundle without a text of no closed list."""
    from memc.human.units import safe

    kept = manifest.get("kept")
    globs = [f"--keep {safe(glob)}" for glob in kept] if isinstance(kept, dict) else []
    if manifest.get("keep_names") is True:
        globs.append("--keep-names")
    if not globs:
        yield "every text in it is of a closed list"
        return
    yield "every text in it is of a closed list, or was kept as its maker asked:"
    yield from (f"  {glob}" for glob in globs)


def _show(file: str, *, as_json: bool) -> int:
    from memc.bundle.seen import seen

    found = seen(_read(file), file)
    if as_json:
        from memc.table.json_text import dumps

        print_text(dumps(found, pretty=True).decode() + "\n")
        return 0
    from memc.cli.bundle.text import text

    is_terminal = os.isatty(STDOUT)
    width = terminal_width(STDOUT) or WIDTH
    print_text(text(found, width if is_terminal else None))
    return 0


def _read(file: str) -> Bundle:
    try:
        return read_bundle("/dev/stdin" if file == "-" else file)
    except OSError as error:
        if isinstance(error, MemcError):
            raise
        raise MemcError(f"{file}: {words_of(error)}") from None
