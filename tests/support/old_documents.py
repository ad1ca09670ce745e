"""Documents that memc 1.0.0 wrote: tests/data/README.md tells how each was made."""

import orjson

from support.corpus import OWN

FOLDER = OWN / "documents-1.0.0"
NAMES = sorted(path.stem for path in FOLDER.iterdir())


def path_of(name):
    return FOLDER / f"{name}.json"


def load(name):
    import memc

    return memc.load(path_of(name))


def raw(name):
    """Give the documents of a file as plain JSON."""
    data = path_of(name).read_bytes().replace(b"\n{", b"\0{")
    return [orjson.loads(text) for text in data.split(b"\0")]
