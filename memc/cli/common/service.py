"""The line by which a unit of systemd starts this memc."""

from __future__ import annotations

import os
import shutil
import sys

from memc.cli.output import say

__all__ = ["program", "quoted", "say_if_hidden"]


def program() -> list[str]:
    """Return the command that runs this memc."""
    beside = os.path.join(os.path.dirname(sys.executable), "memc")
    found = beside if os.access(beside, os.X_OK) else shutil.which("memc")
    if found is not None:
        return [os.path.abspath(found)]
    return [sys.executable, "-m", "memc"]


def quoted(word: str) -> str:
    """Quote a word so that systemd takes it as it is (systemd.service(5))."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    escaped = escaped.replace("%", "%%").replace("$", "$$").replace("\n", "\\n")
    is_plain = word and not any(c.isspace() or c in "\"'\\;" for c in word)
    return escaped if is_plain else f'"{escaped}"'


def say_if_hidden(path: str) -> None:
    """Say that the user of the unit may not run a program, if so."""
    if not _may_all_run(path):
        where = "install memc where every user may run it, such as in /opt"
        say(f"{path}: the user of the unit may not run it: {where}")


def _may_all_run(path: str) -> bool:
    """Tell whether others may run a program, by its mode and those of its folders."""
    real = os.path.realpath(path)
    while real != "/":
        if not os.stat(real).st_mode & 0o001:
            return False
        real = os.path.dirname(real)
    return True
