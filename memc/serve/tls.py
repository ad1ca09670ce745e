"""TLS: the certificate and the key of memc, and who may come with one of his own."""

from __future__ import annotations

import ssl

from memc.errors import MemcError
from memc.serve.secret import read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["TlsFiles"]

# What OpenSSL says of a certificate (x509_vfy.h), in our words.
TIMES = {9: "is not valid yet", 10: "has expired"}
CERT, KEY = (b"-----BEGIN", b"CERTIFICATE-----"), (b"-----BEGIN", b"PRIVATE KEY-----")
WORDS = {CERT: "it has no certificate in PEM", KEY: "it has no key in PEM"}
STEPS_MAX = 10  # a handshake with ourselves takes four


class TlsFiles:
    """The paths of the certificate, of its key, and of the CA of clients ("": none)."""

    __slots__ = ("ca", "cert", "key")

    def __init__(self, cert: str, key: str, ca: str = "") -> None:
        self.cert = cert
        self.key = key
        self.ca = ca

    def context(self, say: Callable[[str], None]) -> ssl.SSLContext:
        """Return what to serve with; `say` is told if clients will refuse it.

        Raises MemcError if a file cannot be read, or does not fit the other.
        """
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.minimum_version = ssl.TLSVersion.TLSv1_2
        for path, what in ((self.cert, CERT), (self.key, KEY), (self.ca, CERT)):
            if path:
                _check_has(path, what)
        try:
            made.load_cert_chain(self.cert, self.key, password=self._no_password)
        except ssl.SSLError as error:
            raise self._wrong(error) from None
        why = _why_refused(made, self.cert)
        if why:
            say(f"{self.cert}: the certificate {why}: clients will refuse it")
        if self.ca:
            self._load_ca(made)
        return made

    def _load_ca(self, made: ssl.SSLContext) -> None:
        try:
            made.load_verify_locations(self.ca)
        except ssl.SSLError:
            raise MemcError(f"{self.ca}: a certificate in it is damaged") from None
        made.verify_mode = ssl.CERT_REQUIRED

    def _no_password(self) -> str:
        raise MemcError(f"{self.key}: the key needs a password, and memc has none")

    def _wrong(self, error: ssl.SSLError) -> MemcError:
        words = f"the certificate, or the key {self.key}, is damaged"
        if error.reason == "KEY_VALUES_MISMATCH":
            words = f"the certificate does not belong to the key {self.key}"
        return MemcError(f"{self.cert}: {words}")


def _check_has(path: str, what: tuple[bytes, bytes]) -> None:
    """Raise MemcError if a file cannot be read, or has not what it is for."""
    text, _ = read_file(path)
    if not all(word in text for word in what):
        raise MemcError(f"{path}: {WORDS[what]}")


def _why_refused(server: ssl.SSLContext, cert: str) -> str:
    """Return what is wrong with the times of a certificate, "" if nothing.

    A client that trusts just this certificate is the one to know: it looks at no more.
    """
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    client.load_verify_locations(cert)
    here, there = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(here, there),
        server.wrap_bio(there, here, server_side=True),
    ]
    for step in range(STEPS_MAX):
        try:
            ends[step % 2].do_handshake()
        except ssl.SSLWantReadError:
            continue
        except ssl.SSLCertVerificationError as error:
            return TIMES.get(error.verify_code, "")
        except ssl.SSLError:
            return ""
    return ""
