"""The pictures of the docs are as new as what draws them, and the docs show all."""

import re
import struct
import zlib

import pytest
from pictures.make import FOLDER, PICTURES
from support.manual import PAGES
from support.pictures import PNG, digest_in, digest_of, with_digest

SHOWN = re.compile(r"!\[[^\]]+\]\((?:docs/)?pictures/([\w.-]+)\)")
CURE = "run: python tests/pictures/make.py"
PIXEL = zlib.compress(b"\0\0")


@pytest.mark.parametrize("name", PICTURES)
def test_picture_is_not_older_than_what_draws_it(name):
    found = digest_in((FOLDER / name).read_bytes())
    assert found == PICTURES[name].digest(), f"docs/pictures/{name} is old; {CURE}"


def test_docs_show_each_picture_and_no_other():
    shown = {name for page in PAGES.values() for name in SHOWN.findall(page)}
    assert shown == set(PICTURES) == {path.name for path in FOLDER.iterdir()}


def test_picture_loads_nothing():
    for path in FOLDER.glob("*.svg"):
        text = path.read_text()
        links = set(re.findall(r"https?://[^\s\"')]+", text))
        assert links <= {"http://www.w3.org/2000/svg", "https://www.textualize.io"}
        assert "url(h" not in text


def png(*chunks):
    made = PNG
    for name, content in chunks:
        made += struct.pack(">I", len(content)) + name + content
        made += struct.pack(">I", zlib.crc32(name + content))
    return made


FILES = {
    "SVG": b"<svg>\n</svg>\n",
    "PNG": png((b"IHDR", bytes(13)), (b"IDAT", PIXEL), (b"IEND", b"")),
}


@pytest.mark.parametrize("data", FILES.values(), ids=FILES)
def test_digest_is_kept_in_a_picture_and_replaced(data):
    assert digest_in(data) == ""
    one, other = digest_of("a", "b"), digest_of("ab")
    assert one != other
    first = with_digest(data, one)
    assert digest_in(first) == one
    assert with_digest(first, other) == with_digest(data, other)
    assert digest_in(with_digest(first, other)) == other
