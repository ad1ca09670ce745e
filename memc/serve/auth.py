"""Who may ask: users and their passwords, which a file has as hashes.

A line of the file is ``USER:HASH``; an empty one, and one that begins with "#", says
nothing.  A hash is made by scrypt (RFC 7914), with its costs and its salt::

    scrypt$16384$8$1$9f86d081884c7d659a2feaa0c55ad015$e3b0c44298fc1c149afbf4c8996fb924...
           N     r p salt                             what the password must give
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os

from memc.errors import MemcError
from memc.serve.secret import read_file

__all__ = ["Users", "hash_of", "read_users"]

N, R, P = 1 << 14, 8, 1  # 16 MiB and about 50 ms
LARGEST = 64 << 20  # bytes that a hash of the file may make memc take
FEWEST, MOST = 8, 64  # bytes of a salt and of what comes out
KEPT_MAX = 256
OTHERS = 0o077


class Hash:
    """A hash of a password, with what it was made by."""

    __slots__ = ("costs", "digest", "salt")

    def __init__(self, costs: tuple[int, int, int], salt: bytes, digest: bytes) -> None:
        self.costs = costs
        self.salt = salt
        self.digest = digest

    def matches(self, password: bytes) -> bool:
        """Tell whether this is the password; takes about 50 ms."""
        found = _scrypt(password, self.salt, self.costs, len(self.digest))
        return hmac.compare_digest(found, self.digest)


class Users:
    """The users who may ask, with the hashes of their passwords.

    What was right once is known again by its digest, under a key of this process: a
    scrape need not pay for scrypt.
    """

    def __init__(self, hashes: dict[bytes, Hash]) -> None:
        self._hashes = hashes
        self._key = os.urandom(32)
        self._right: set[bytes] = set()
        salt = os.urandom(16)
        self._nobody = Hash((N, R, P), salt, os.urandom(32))

    def is_known(self, header: bytes) -> bool:
        """Tell at once whether this header of a request was right before."""
        return self._digest(header) in self._right

    def is_right(self, header: bytes) -> bool:
        """Tell whether the header has a user and the password; may take 50 ms."""
        found = _decoded(header)
        if found is None:
            return False
        user, password = found
        known = self._hashes.get(user, self._nobody)  # takes as long for nobody
        is_right = known.matches(password) and known is not self._nobody
        if is_right:
            if len(self._right) >= KEPT_MAX:  # the same in other spellings
                self._right.clear()
            self._right.add(self._digest(header))
        return is_right

    def _digest(self, header: bytes) -> bytes:
        return hmac.digest(self._key, header, "sha256")


def _decoded(header: bytes) -> tuple[bytes, bytes] | None:
    """Return the user and the password of ``Basic dXNlcjpwYXNz``, or None."""
    scheme, _, code = header.partition(b" ")
    if scheme.lower() != b"basic":
        return None
    try:
        text = base64.b64decode(code.strip(), validate=True)
    except binascii.Error:
        return None
    user, colon, password = text.partition(b":")
    return (user, password) if colon else None


def hash_of(password: bytes) -> str:
    """Return the hash of a password, as the file has it."""
    salt = os.urandom(16)
    digest = _scrypt(password, salt, (N, R, P), 32)
    return f"scrypt${N}${R}${P}${salt.hex()}${digest.hex()}"


def _scrypt(password: bytes, salt: bytes, costs: tuple[int, int, int], n: int) -> bytes:
    cost, block, parallel = costs
    return hashlib.scrypt(
        password,
        salt=salt,
        n=cost,
        r=block,
        p=parallel,
        maxmem=2 * LARGEST,
        dklen=n,
    )


def read_users(path: str) -> Users:
    """Return the users of a file.

    Raises MemcError if it cannot be read, if others may read it, or if a line is wrong;
    what the line has is never told: it may be a password.
    """
    text, mode = read_file(path)
    if mode & OTHERS and not _is_credential(path):
        raise MemcError(
            f"{path}: other users may read or write it (mode {mode & 0o777:04o}): "
            f"chmod 600 {path}"
        )
    hashes: dict[bytes, Hash] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith(b"#"):
            continue
        user, hashed = _line(line, f"{path}: line {number}: ")
        if user in hashes:
            raise MemcError(f"{path}: line {number}: this user was there before")
        hashes[user] = hashed
    if not hashes:
        raise MemcError(f"{path}: there is no user in it: a line is USER:HASH")
    return Users(hashes)


def _is_credential(path: str) -> bool:
    """Tell whether systemd put the file there (LoadCredential=), for this service.

    An ACL lets the user of the service read it, and shows as a right of the group.
    """
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
    return bool(folder) and os.path.dirname(os.path.abspath(path)) == folder


def _line(line: bytes, where: str) -> tuple[bytes, Hash]:
    user, _, hashed = line.strip().partition(b":")
    parts = hashed.decode("ascii", "replace").split("$")
    try:
        kind, n, r, p, salt, digest = parts
        made = Hash(
            (int(n), int(r), int(p)), bytes.fromhex(salt), bytes.fromhex(digest)
        )
    except ValueError:
        kind = ""
    if not user or kind != "scrypt":
        how = "as memc serve --hash makes it"
        raise MemcError(f"{where}expected USER:HASH, with a hash {how}")
    if not _is_fit(made):
        raise MemcError(
            f"{where}the costs, the salt or the digest of the hash are wrong"
        )
    return user, made


def _is_fit(made: Hash) -> bool:
    """Tell whether a hash can be tried, without more memory than memc may take."""
    n, r, p = made.costs
    sizes = [len(made.salt), len(made.digest)]
    is_power = n > 1 and n & (n - 1) == 0
    is_small = r > 0 and p > 0 and 128 * r * (n + p) <= LARGEST and p <= 16
    return is_power and is_small and all(FEWEST <= size <= MOST for size in sizes)
