"""Passwords: the file that has their hashes, and who is let in."""

import base64
import os

import pytest
from support.cases import cases

from memc.errors import MemcError
from memc.serve.auth import hash_of, read_users

HASH = hash_of(b"secret:123")
OTHER = hash_of("pässwort".encode())
SALT, DIGEST = "00" * 16, "11" * 32
MADE = "expected USER:HASH, with a hash as memc serve --hash makes it"
UNFIT = "the costs, the salt or the digest of the hash are wrong"


@pytest.fixture
def write(tmp_path):
    """Give a function that writes the file of passwords."""

    def write(text, mode=0o600):
        path = tmp_path / "auth"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        path.chmod(mode)
        return str(path)

    return write


# what is said after the path, the text, why
WRONG = [
    (f"line 1: {MADE}", "prom:secret", "a password that is no hash"),
    (f"line 1: {MADE}", "prom", "a user alone"),
    (f"line 1: {MADE}", f":{HASH}", "a hash alone"),
    (f"line 1: {MADE}", HASH, "no user: the colon is missing"),
    (f"line 3: {MADE}", f"# who\nprom:{HASH}\nb:{HASH[:-1]}\n", "an odd digit"),
    (f"line 1: {MADE}", f"a:{HASH.replace('scrypt', 'bcrypt')}", "another kind"),
    (f"line 1: {MADE}", f"a:{HASH}$00", "more than there is"),
    (f"line 1: {MADE}", "a:$2y$05$abcdefghijklmnopqrstuv", "as htpasswd makes it"),
    (f"line 1: {MADE}", b"\xff\xfe\x00a", "no text"),
    (f"line 2: {MADE}", f"a:{HASH}\nb: {HASH}x", "a letter more"),
    (f"line 1: {UNFIT}", f"a:scrypt$16385$8$1${SALT}${DIGEST}", "no power of two"),
    (f"line 1: {UNFIT}", f"a:scrypt$1$8$1${SALT}${DIGEST}", "no work at all"),
    (f"line 1: {UNFIT}", f"a:scrypt$-2$8$1${SALT}${DIGEST}", "less than none"),
    (f"line 1: {UNFIT}", f"a:scrypt$1048576$8$1${SALT}${DIGEST}", "1 GiB of memory"),
    (f"line 1: {UNFIT}", f"a:scrypt$16384$8$900${SALT}${DIGEST}", "an hour of work"),
    (f"line 1: {UNFIT}", f"a:scrypt$16384$8$1$${DIGEST}", "no salt"),
    (f"line 1: {UNFIT}", f"a:scrypt$16384$8$1${SALT}$00", "a digest to guess"),
    ("line 2: this user was there before", f"a:{HASH}\na:{OTHER}", "twice"),
    ("there is no user in it: a line is USER:HASH", "\n# nobody\n  \n", "nobody"),
    ("there is no user in it: a line is USER:HASH", "", "empty"),
]  # fmt: skip


@cases(WRONG, why=2)
def test_wrong_file_is_told_by_line_but_not_by_its_words(write, case):
    told, text, _ = case
    path = write(text)
    with pytest.raises(MemcError) as caught:
        read_users(path)
    assert str(caught.value) == f"{path}: {told}"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o620, 0o602, 0o660, 0o777])
def test_file_that_others_may_read_or_write_is_refused(write, mode):
    path = write(f"prom:{HASH}\n", mode)
    with pytest.raises(MemcError) as caught:
        read_users(path)
    assert str(caught.value) == (
        f"{path}: other users may read or write it (mode {mode:04o}): chmod 600 {path}"
    )


def test_credential_of_systemd_may_show_a_right_of_its_group(write, monkeypatch):
    path = write(f"prom:{HASH}\n", 0o440)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", os.path.dirname(path))
    assert read_users(path).is_right(basic(b"prom:secret:123"))


# what is said, the path
UNREADABLE = [
    ("no such file or directory", "/nowhere/auth"),
    ("is a directory", "/"),
]


@cases(UNREADABLE, why=1)
def test_file_that_cannot_be_read_is_named(case):
    told, path = case
    with pytest.raises(MemcError) as caught:
        read_users(path)
    assert str(caught.value).lower().startswith(f"{path}: {told}")


def test_pipe_is_refused_at_once(tmp_path):
    path = str(tmp_path / "auth")
    os.mkfifo(path, 0o600)
    with pytest.raises(MemcError, match="a pipe or a device: memc needs a file"):
        read_users(path)


def basic(pair, scheme=b"Basic"):
    return scheme + b" " + base64.b64encode(pair)


# whether it is right, the header, why
HEADERS = [
    (True, basic(b"prom:secret:123"), "the user and the password, with a colon"),
    (True, basic(b"prom:secret:123", b"bAsIc"), "the scheme has no case"),
    (True, basic("ute:pässwort".encode()), "UTF-8"),
    (False, basic(b"prom:secret:124"), "another password"),
    (False, basic(b"prom:"), "no password"),
    (False, basic(b"prom"), "no colon"),
    (False, basic(b":secret:123"), "no user"),
    (False, basic(b"nobody:secret:123"), "nobody of the file"),
    (False, basic("ute:pässwort".encode("latin-1")), "another encoding"),
    (False, basic(b"ute:secret:123"), "the password of another"),
    (False, basic(b"prom:secret:123", b"Bearer"), "another scheme"),
    (False, b"Basic", "nothing"),
    (False, b"Basic !!!", "no base64"),
    (False, b"", "no header"),
    (False, HASH.encode(), "the hash itself"),
    (False, basic(f"prom:{HASH}".encode()), "the hash as the password"),
]


@pytest.fixture(scope="module")
def users(tmp_path_factory):
    path = tmp_path_factory.mktemp("users") / "auth"
    path.write_text(f"# of Prometheus\nprom:{HASH}\n\n ute:{OTHER}\n")
    path.chmod(0o600)
    return read_users(str(path))


@cases(HEADERS, why=2)
def test_only_the_password_lets_in_and_is_known_again(users, case):
    is_right, header, _ = case
    assert not users.is_known(header)
    assert users.is_right(header) == is_right
    assert users.is_known(header) == is_right


def test_two_hashes_of_a_password_differ():
    assert hash_of(b"x") != hash_of(b"x")
    assert len({len(hash_of(b"x" * n)) for n in (1, 100)}) == 1
