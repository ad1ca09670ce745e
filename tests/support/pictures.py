"""Pictures of the docs know what they were drawn from: a digest is kept in each.

It is that of texts, such as the words on a screen and its colours, and not of pixels:
another font or another version of a library draws the same.  An SVG has it as a comment
behind its root element, and a PNG as a text chunk.
"""

import hashlib
import re
import struct
import zlib

NAME = "Drawn-From"
PNG = b"\x89PNG\r\n\x1a\n"
IN_SVG = re.compile(rf"<!-- {NAME}: (\w+) -->".encode())
END = b"IEND"
SIZE = 4  # of a length, a name, or a sum in a PNG


def digest_of(*texts):
    """Return the digest of texts; each is followed by a byte that is in none."""
    made = hashlib.sha256()
    for text in texts:
        made.update(text.encode("utf-8", "surrogateescape") + b"\xff")
    return made.hexdigest()[:32]


def digest_in(data):
    """Return the digest that an SVG or a PNG has; "" if it has none."""
    if not data.startswith(PNG):
        found = IN_SVG.search(data)
        return found[1].decode() if found else ""
    for name, content in _chunks(data):
        if name == b"tEXt" and content.startswith(NAME.encode() + b"\0"):
            return content.partition(b"\0")[2].decode()
    return ""


def with_digest(data, digest):
    """Return an SVG or a PNG with a digest, instead of the one that it had."""
    if not data.startswith(PNG):
        bare = IN_SVG.sub(b"", data).rstrip()
        return bare + f"<!-- {NAME}: {digest} -->\n".encode()
    text = NAME.encode() + b"\0"
    chunks = [(n, c) for n, c in _chunks(data) if not c.startswith(text)]
    chunks.insert(len(chunks) - 1, (b"tEXt", text + digest.encode()))
    return PNG + b"".join(_chunk(name, content) for name, content in chunks)


def _chunks(data):
    at, name = len(PNG), b""
    while name != END:
        (length,) = struct.unpack_from(">I", data, at)
        name = data[at + SIZE : at + 2 * SIZE]
        yield name, data[at + 2 * SIZE : at + 2 * SIZE + length]
        at += length + 3 * SIZE


def _chunk(name, content):
    tail = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + tail
