"""The scripts that let bash, zsh and fish complete command lines of memc."""

from __future__ import annotations

import os

from memc.cli.completion import bash, fish, zsh
from memc.cli.completion.forms import forms

__all__ = ["PATHS", "files", "script"]

# Each shell, and where below share/ it looks for the script.
PATHS = {
    "bash": "bash-completion/completions/memc",
    "zsh": "zsh/site-functions/_memc",
    "fish": "fish/vendor_completions.d/memc.fish",
}
PARTS = {"bash": bash.parts, "zsh": zsh.parts, "fish": fish.parts}


def script(shell: str) -> str:
    """Return the script for one of the shells."""
    path = os.path.join(os.path.dirname(__file__), "shells", f"memc.{shell}")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    for word, part in PARTS[shell](forms()).items():
        text = text.replace(f"@{word}@", part)
    return text


def files() -> dict[str, str]:
    """Return the scripts by the paths below share/ where the shells look for them."""
    return {path: script(shell) for shell, path in PATHS.items()}
