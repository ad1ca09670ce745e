"""Certificates: files that do not fit, and clients that have none."""

import os
import signal
import ssl
import time
from contextlib import ExitStack

import pytest
from support.cases import cases
from support.certificates import Certificates
from support.web import TEXT, get, made_up, parts, read_all

from memc.errors import MemcError
from memc.serve.auth import hash_of
from memc.serve.tls import TlsFiles

AUTH = "Authorization: Basic cHJvbTpzZWNyZXQ="  # prom:secret


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    found = Certificates(folder)
    for name in ("server", "client", "renewed"):
        found.sign(name)
    found.sign("old", days=-1)
    (folder / "text.crt").write_text("no certificate\n")
    (folder / "empty.crt").write_text("")
    text = found.of("server").read_text()
    (folder / "cut.crt").write_text(text[: len(text) // 2])
    (folder / "damaged.crt").write_text(text.replace("M", "N"))
    damaged = "-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY-----\n"
    (folder / "damaged.key").write_text(damaged)
    (folder / "text.key").write_text("no key\n")
    (folder / "folder.crt").mkdir()
    os.mkfifo(folder / "pipe.crt")
    found.lock("server", "locked")
    other = folder / "other"
    other.mkdir()
    strangers = Certificates(other)
    strangers.sign("stranger")
    (folder / "auth").write_text(f"prom:{hash_of(b'secret')}\n")
    (folder / "auth").chmod(0o600)
    return found


FIT = "the certificate does not belong to the key KEY"
DAMAGED = "the certificate, or the key KEY, is damaged"
NO_CERT = "it has no certificate in PEM"
LOCKED = "the key needs a password, and memc has none"
GONE = "no such file or directory"
# what is said of "CERT", "KEY" or "CA"; the names of the three; why
WRONG = [
    (f"CERT: {GONE}", "none", "server", "", "no certificate"),
    (f"KEY: {GONE}", "server", "none", "", "no key"),
    (f"CA: {GONE}", "server", "server", "none", "no CA"),
    ("CERT: is a directory", "folder", "server", "", "a folder"),
    ("CERT: a pipe or a device: memc needs a file", "pipe", "server", "", "a pipe"),
    (f"CERT: {FIT}", "server", "client", "", "the key of another"),
    (f"CERT: {NO_CERT}", "text", "server", "", "a text"),
    (f"CERT: {NO_CERT}", "empty", "server", "", "an empty file"),
    ("KEY: it has no key in PEM", "server", "text", "", "a text as key"),
    (f"CERT: {DAMAGED}", "cut", "server", "", "a half of it"),
    (f"CERT: {DAMAGED}", "damaged", "server", "", "other bytes in it"),
    (f"CERT: {DAMAGED}", "server", "damaged", "", "other bytes in the key"),
    (f"KEY: {LOCKED}", "server", "locked", "", "a key with a password"),
    (f"CA: {NO_CERT}", "server", "server", "text", "a text as CA"),
    (f"CA: {NO_CERT}", "server", "server", "empty", "an empty CA"),
    ("CA: a certificate in it is damaged", "server", "server", "damaged", "bad CA"),
]  # fmt: skip


@cases(WRONG, why=4)
def test_files_that_do_not_fit_are_told(made, case):
    told, cert, key, ca, _ = case
    paths = made.of(cert), made.key_of(key), made.of(ca) if ca else ""
    with pytest.raises(MemcError) as caught:
        TlsFiles(*map(str, paths)).context(pytest.fail)
    words = str(caught.value)
    for path, name in zip(paths, ("CERT", "KEY", "CA"), strict=True):
        words = words.replace(str(path), name) if path else words
    assert words.lower() == told.lower()


def test_certificate_that_has_expired_is_told_and_served(made):
    said = []
    TlsFiles(str(made.of("old")), str(made.key_of("old"))).context(said.append)
    told = "the certificate has expired: clients will refuse it"
    assert said == [f"{made.of('old')}: {told}"]
    TlsFiles(str(made.of("server")), str(made.key_of("server"))).context(pytest.fail)


def serving(made, *more, cert="server"):
    return made_up("--tls", f"{made.of(cert)},{made.key_of(cert)}", *more)


def client(made, name="", folder=None):
    """Return the context of a client; with a name it has a certificate of its own."""
    context = ssl.create_default_context(cafile=made.of("ca"))
    context.check_hostname = False  # of the address, which has no name
    if name:
        at = (folder or made.folder) / name
        context.load_cert_chain(f"{at}.crt", f"{at}.key")
    return context


@pytest.fixture(scope="module")
def web(made):
    found = serving(made, "--auth-file", made.folder / "auth", "--seconds", "20")
    yield found
    assert found.end()[:2] == (0, "")


def test_fifteen_silent_clients_of_tls_do_not_delay_a_scrape(made, web):
    with ExitStack() as opened:
        for _ in range(15):
            opened.enter_context(web.connect())  # and no handshake
        for _ in range(100):  # more than could be cut off for others
            opened.enter_context(web.connect())
        assert parts(web.ask(get("/metrics", AUTH), client(made)))[2] == TEXT


# the status, a page and headers, why
ASKED = [
    (200, ("/metrics", AUTH), "the password"),
    (200, ("/metrics", AUTH), "again: it is known"),
    (200, ("/-/healthy",), "a probe has no password"),
    (200, ("/-/ready",), "likewise"),
    (401, ("/metrics",), "no password"),
    (401, ("/",), "no page but probes is open"),
    (401, ("/nothing",), "nor tells what is there"),
    (401, ("/metrics", "Authorization: Basic cHJvbTpzZWNyZXU="), "a wrong one"),
    (401, ("/metrics", AUTH, AUTH), "two headers are none"),
]  # fmt: skip


@cases(ASKED, why=2)
def test_page_needs_a_password(made, web, case):
    status, words, _ = case
    found, headers, _ = parts(web.ask(get(*words), client(made)))
    assert found == status
    is_asked = headers.get("www-authenticate", "").startswith("Basic realm=")
    assert is_asked == (status == 401)


def test_old_versions_of_tls_and_plain_http_are_refused(made, web):
    old = client(made)
    old.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with web.connect() as plain, pytest.raises(ssl.SSLError):
        old.wrap_socket(plain)
    assert not web.ask(get("/metrics", AUTH)).startswith(b"HTTP")


def answered(web, context):
    """Return whether the server answers a client that comes with a certificate."""
    try:
        with web.connect(context) as talk:
            talk.sendall(get())
            return read_all(talk).startswith(b"HTTP/1.1 200")
    except (ssl.SSLError, ConnectionError):
        return False


def test_only_clients_of_the_ca_are_served(made):
    web = serving(made, "--client-ca", made.of("ca"))
    assert answered(web, client(made, "client"))
    assert not answered(web, client(made))
    assert not answered(web, client(made, "stranger", made.folder / "other"))
    assert not answered(web, client(made, "old"))
    assert web.end()[:2] == (0, "")


def number_of(web, context):
    with web.connect(context) as talk:
        return talk.getpeercert()["serialNumber"]


def test_hangup_reads_the_files_again_and_keeps_what_was_if_they_are_wrong(made):
    at = made.folder / "live.crt", made.folder / "live.key"

    def put(name):
        at[0].write_bytes(made.of(name).read_bytes())
        at[1].write_bytes(made.key_of(name).read_bytes())

    put("server")
    auth = made.folder / "live-auth"
    auth.write_text(f"prom:{hash_of(b'secret')}\n")
    auth.chmod(0o600)
    web = made_up("--tls", f"{at[0]},{at[1]}", "--auth-file", auth)
    context = client(made)
    with web.connect(context) as kept:
        first = number_of(web, context)
        put("renewed")
        auth.write_text(f"prom:{hash_of(b'changed')}\n")
        web.process.send_signal(1)
        while number_of(web, context) == first:
            pass
        assert parts(web.ask(get("/metrics", AUTH), context))[0] == 401
        kept.sendall(get("/-/healthy"))  # whoever is connected stays so
        assert parts(read_all(kept))[0] == 200
    at[1].write_text("")
    web.process.send_signal(1)
    assert web.say_line().endswith("; what memc read before still holds\n")
    assert number_of(web, context) != first
    assert web.end()[:2] == (0, "")


def test_hangups_at_once_leave_one_listener(made):
    web = serving(made)
    before = web.clients()
    for _ in range(100):
        web.process.send_signal(signal.SIGHUP)
    until = time.monotonic() + 30
    while web.clients() != before:
        assert time.monotonic() < until
        web.ask(get("/-/healthy"), client(made))
    assert web.end()[:2] == (0, "")
