"""Where the captures are: the project's own, and the corpus when it is there."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

OWN = Path(__file__).parent.parent / "data"
CHECKOUT = OWN.parent.parent


@dataclass(frozen=True)
class Corpus:
    told: str | None
    path: Path

    @property
    def there(self):
        return self.path.is_dir()

    def __str__(self):
        if self.there:
            return f"corpus: {self.path}"
        return (
            f"corpus: ABSENT at {self.path} (set MEMC_CORPUS): "
            "only the project's own captures in tests/data are tested"
        )


def find():
    told = os.environ.get("MEMC_CORPUS")
    return Corpus(told, Path(told) if told else CHECKOUT.parent / "shared" / "corpus")


def roots():
    corpus = find()
    return [OWN, corpus.path] if corpus.there else [OWN]


def captures():
    """Give (kind, path) of the maps and smaps files of every root, none made up."""
    found = {}
    for root in roots():
        for folder in ("maps", "smaps", "smaps_rollup", "excerpts"):
            for path in sorted((root / folder).glob("*.txt")):
                name = f"{folder}/{path.stem}"
                kind = "smaps" if "smaps" in name else "maps"
                found[name] = pytest.param(kind, path, id=name)
    return list(found.values())


def made_up(suffix):
    """Give (name, kind, path of the expected answer) of every made-up case."""
    found = []
    for root in roots():
        for path in sorted((root / "synthetic").glob(f"*{suffix}")):
            name = path.name.removesuffix(suffix)
            kind = "maps" if name.endswith(".maps") else "smaps"
            found.append(pytest.param(name, kind, path, id=name))
    return found
