"""The shells that memc has completion for: what each offers for a command line."""

import os
import subprocess
from pathlib import Path

from memc.cli.completion.scripts import script

PROGRAMS = Path(__file__).parent.parent / "programs"
SHELLS = ("bash", "zsh", "fish")


class Shell:
    """A shell, with its script in a folder."""

    def __init__(self, name, folder):
        self.name = name
        self.script = folder / ("_memc" if name == "zsh" else f"memc.{name}")
        self.script.write_text(script(name))
        self._folder = folder

    def shown(self, *lines, cwd="/", **env):
        """Give a dictionary for each line: what is shown, by the word that is offered.

        bash shows the word alone.  A word is as it would stand on the command line,
        without the option before "=".
        """
        program = str(PROGRAMS / f"offers.{self.name}")
        argv = {
            "bash": ["bash", "--norc", program, self.script],
            "zsh": ["zsh", "-f", program, self._folder, self._folder / "setup"],
            "fish": ["fish", program, self.script],
        }[self.name]
        home = {"HOME": str(self._folder), "XDG_CONFIG_HOME": str(self._folder)}
        done = subprocess.run(
            argv,
            input="".join(f"{line}\n" for line in lines).encode(),
            capture_output=True,
            check=True,
            cwd=cwd,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **home, **env},
            timeout=60,
        )
        assert done.stderr == b""
        self.printed = done.stdout
        text = done.stdout.decode("utf-8", "replace").replace("\r", "")
        found = [part.partition("END\n")[0] for part in text.split("BEGIN\n")[1:]]
        pairs = zip(lines, found, strict=True)
        return [self._words(line, part.splitlines()) for line, part in pairs]

    def offers(self, *lines, **more):
        """Give the set of words for each line."""
        return [{*found} for found in self.shown(*lines, **more)]

    def _words(self, line, found):
        """Give what is shown by the word; bash offers the part behind ":" and "="."""
        last = line.rpartition(" ")[2]
        option = last.partition("=")[0] + "=" if last.startswith("--") else "="
        given = last.removeprefix(option)
        kept = given[: given.rfind(":") + 1] if self.name == "bash" else ""
        words = {}
        for text in found:
            word, _, shown = text.partition("\t")
            words[kept + word.removeprefix(option)] = shown
        return words
