"""What becomes of names: of regions, of processes, and of control groups."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

from memc.bundle.parts import joined, looks_secret
from memc.bundle.rules import RULES, Hiding
from memc.bundle.vocabulary import CGROUPS, NUMBERS, PROGRAMS, UNIT_ENDS, WORDS
from memc.owners.words import NUMBERED
from memc.table.fields import DELETED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from memc.bundle.options import BundleOptions
    from memc.bundle.pseudonyms import Pseudonyms

__all__ = ["Names"]

LEAST = 3  # letters of a name that is looked for inside of others
GROUP_STARTS = (
    *("cri-containerd-", "docker-", "crio-", "libpod-", "session-", "user-", "user@"),
    *("app-", "run-", "machine-", "pod"),
)
THREADS = re.compile(r"\d{1,7}( \d{1,7})*", re.ASCII)


class Names:
    """Hides names, each always in the same way.

    `used` counts the names by the rule that they fell under, `kept` those by the glob
    that kept them, and `secret` those of them that look like a secret.
    """

    def __init__(
        self, pseudonyms: Pseudonyms, options: BundleOptions, who: frozenset[str]
    ) -> None:
        self._pseudonyms = pseudonyms
        self._options = options
        low = {name.lower() for name in who if name}
        self._who = sorted(low - {word.lower() for word in WORDS})
        self._hiding = Hiding(
            pseudonyms,
            self.tells_who,
            strict=options.strict,
            people=frozenset(low & WORDS),
        )
        self._known: dict[tuple[str, str], str] = {}
        self._labels: dict[str, str] = {}  # what rules make of all names so far
        self._of_labels: dict[tuple[str, str], str] = {}
        self._there: set[str] = set()  # files that were there at least once
        self.used: dict[str, int] = {}
        self.kept: dict[str, int] = {}
        self.secret: dict[str, int] = {}

    def learn(self, name: str) -> None:
        """Take the name of a region, before any is hidden."""
        if not name.endswith(DELETED):
            self._there.add(name)

    def tells_who(self, text: str) -> bool:
        """Tell whether a text holds the name of a user or of the machine."""
        low = text.lower()
        return any(
            name in low if len(name) >= LEAST else name in re.split(r"[^a-z0-9]+", low)
            for name in self._who
        )

    def region(self, name: str) -> str:
        """Return what stands for the name of a region."""
        known = self._known.get(("region", name))
        if known is None:
            bare = name.removesuffix(DELETED)
            known = self._chosen(bare, "path") or self._region(bare, name)
            known += DELETED if bare != name else ""
            self._known["region", name] = known
            for old, new in zip(forms(name), forms(known), strict=True):
                self._labels.setdefault(old, new)
        return known

    def _region(self, bare: str, name: str) -> str:
        for rule in RULES:
            match = rule.pattern.fullmatch(bare)
            if match is None:
                continue
            if rule.is_system and bare != name and bare not in self._there:
                continue  # nobody can tell what a file was that is gone
            new = rule.become(self._hiding, match)
            self.count(rule.why if new == bare else f"hidden: {rule.why}")
            return new
        raise AssertionError("the last rule matches every name")

    def label(self, label: str, name: str) -> str:
        """Return what stands for the label of an owner of a region with this name."""
        known = self._of_labels.get((label, name))
        if known is None:
            known = self._of_labels[label, name] = self._label(label, name)
        return known

    def _label(self, label: str, name: str) -> str:
        for old, new in zip(forms(name), forms(self.region(name)), strict=True):
            if label == old:
                return new
        known = self._labels.get(label)
        if known is not None or THREADS.fullmatch(label):
            return label if known is None else known
        return self.region(label)

    def process(self, name: str) -> str:
        """Return what stands for the name of a process."""
        return self._one("process", name, self._process)

    def _process(self, name: str) -> str:
        if name in PROGRAMS or NUMBERS.fullmatch(name):
            self.count("a program")
            return name
        if name.startswith("kworker/"):
            return "kworker"
        if self._options.keep_names and not self.tells_who(name):
            self.count("a program's name, as asked")
            return name
        self.count("hidden: the name of a process")
        return self._pseudonyms.mark("process", name)

    def cgroup(self, path: str) -> str:
        """Return what stands for the path of a control group."""
        return self._one("cgroup", path, self._cgroup)

    def _cgroup(self, path: str) -> str:
        parts = [self._group(part) for part in path.split("/")]
        self.count("a control group")
        return "/".join(parts)

    def _group(self, part: str) -> str:
        if not part or part in CGROUPS:
            return part
        match = UNIT_ENDS.search(part)
        stem = part if match is None else part[: match.start()]
        start = next((start for start in GROUP_STARTS if part.startswith(start)), "")
        marked = joined(start, self._pseudonyms.mark("cgroup", stem))
        return marked + ("" if match is None else match[0])

    def _one(self, kind: str, name: str, hide: Callable[[str], str]) -> str:
        known = self._known.get((kind, name))
        if known is None:
            known = self._known[kind, name] = self._chosen(name, kind) or hide(name)
        return known

    def _chosen(self, text: str, kind: str) -> str:
        """Return what the user's globs make of a text, "" if none matches.

        Names that the kernel gives to all processes alike cannot be hidden.
        """
        is_free = not text.startswith("[") or text.startswith("[anon")
        if is_free and any(fnmatchcase(text, glob) for glob in self._options.redact):
            self.count("hidden as asked")
            return self._hidden(text, kind)
        for glob in self._options.keep:
            if text and fnmatchcase(text, glob):
                self.kept[glob] = self.kept.get(glob, 0) + 1
                if looks_secret(text) or self.tells_who(text):
                    self.secret[glob] = self.secret.get(glob, 0) + 1
                return text
        return ""

    def _hidden(self, text: str, kind: str) -> str:
        parts = text.split("/") if text.startswith("/") else [text]
        return "/".join(p and self._hiding.wholly(p, kind) for p in parts)

    def count(self, why: str) -> None:
        """Count a name that a rule decided on."""
        self.used[why] = self.used.get(why, 0) + 1


def forms(name: str) -> Iterator[str]:
    """Yield what rules of owners make a label of, from the name of a region."""
    yield name
    yield name.removesuffix(DELETED)
    for start in ("[anon:", "[anon_shmem:", "[stack:"):
        inner = name[len(start) : -1] if name.startswith(start) else name
        yield inner
        yield inner.strip()
        for numbered in NUMBERED:
            inner = inner.removeprefix(numbered)
        yield inner.strip()
