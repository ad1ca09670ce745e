"""Draws the pictures of the docs from a made-up crowd: all, or those that are named.

::

    python tests/pictures/make.py [top.svg ...]

A picture has `draw()`, which returns the bytes of the file, and `digest()`, that of all
that it is drawn from: tests/house/test_pictures_of_docs.py says when one is too old.
"""

import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
FOLDER = TESTS.parent / "docs" / "pictures"
if __name__ == "__main__":
    sys.path.insert(0, str(TESTS))

from pictures.pages import Page  # noqa: E402
from pictures.screens import Live, Replayed  # noqa: E402 - found in TESTS
from support.pictures import with_digest  # noqa: E402

PICTURES = {
    "top.svg": Live(),
    "top-replay.svg": Replayed(),
    "report.png": Page("h1", 1060, dark=False),
    "report-dark.png": Page("#h-time", 640, dark=True),
}


def main(names):
    FOLDER.mkdir(exist_ok=True)
    for name in names or PICTURES:
        picture = PICTURES[name]
        data = with_digest(picture.draw(), picture.digest())
        (FOLDER / name).write_bytes(data)
        sys.stdout.write(f"docs/pictures/{name}: {len(data):,} bytes\n")


if __name__ == "__main__":
    main(sys.argv[1:])
