"""Certificates for tests, made by the command openssl."""

import subprocess


def openssl(*args):
    subprocess.run(["openssl", *map(str, args)], check=True, capture_output=True)


class Certificates:
    """A CA in a folder, and what it signed: each has NAME.crt and NAME.key."""

    def __init__(self, folder):
        self.folder = folder
        self.key("ca")
        openssl(
            "req", "-x509", "-key", self.key_of("ca"), "-out", self.of("ca"), "-days",
            "2", "-subj", "/CN=memc test CA", "-addext",
            "keyUsage=critical,keyCertSign,cRLSign",
        )  # fmt: skip

    def of(self, name):
        return self.folder / f"{name}.crt"

    def key_of(self, name):
        return self.folder / f"{name}.key"

    def key(self, name):
        openssl(
            "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:prime256v1",
            "-out", self.key_of(name),
        )  # fmt: skip

    def sign(self, name, days=1):
        """Make a certificate for this machine; with negative `days` it has expired."""
        self.key(name)
        request, more = self.folder / f"{name}.csr", self.folder / "san"
        more.write_text("subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1\n")
        openssl(
            "req", "-new", "-key", self.key_of(name), "-out", request,
            "-subj", f"/CN={name}",
        )  # fmt: skip
        openssl(
            "x509", "-req", "-in", request, "-CA", self.of("ca"), "-CAkey",
            self.key_of("ca"), "-CAcreateserial", "-days", days, "-out", self.of(name),
            "-extfile", more,
        )  # fmt: skip
        return self.of(name), self.key_of(name)

    def lock(self, name, locked):
        """Encrypt a key by a password."""
        openssl(
            "pkey", "-in", self.key_of(name), "-aes256", "-passout", "pass:x",
            "-out", self.key_of(locked),
        )  # fmt: skip
