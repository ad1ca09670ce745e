"""Where to be reached: addresses, and sockets that listen there.

An address is ``HOST:PORT`` or ``[IPV6]:PORT``; without HOST it is every address of the
machine, and port 0 is one that is free.
"""

from __future__ import annotations

import errno
import os
import socket
from contextlib import suppress
from ipaddress import ip_address
from stat import S_ISSOCK

from memc.errors import MemcError
from memc.proc.rights import words_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    Info: TypeAlias = tuple[socket.AddressFamily, str, int]
    Sockets: TypeAlias = list[socket.socket]

__all__ = ["Listen", "address", "listen_at", "remove", "unix_socket"]

BACKLOG = 128
PORT_MAX = 65535
SOCKET_MODE = 0o660  # who may write to the file may ask; the folder says who else
PROBE_S = 1.0
WORDS = {
    errno.EADDRINUSE: "address in use",
    errno.EADDRNOTAVAIL: "no such address on this machine",
}


class Listen:
    """An address to listen at; `text` is it as the user wrote it."""

    __slots__ = ("host", "port", "text")

    def __init__(self, host: str, port: int, text: str) -> None:
        self.host = host
        self.port = port
        self.text = text

    def find(self) -> list[Info]:
        """Return the addresses that it stands for.  Raises MemcError if none does."""
        try:
            found = socket.getaddrinfo(
                self.host or None,
                self.port,
                type=socket.SOCK_STREAM,
                flags=socket.AI_PASSIVE,
            )
        except (OSError, UnicodeError) as error:
            words = "no such host" if isinstance(error, socket.gaierror) else str(error)
            raise MemcError(f"cannot listen on {self.text}: {words}") from None
        infos = [(family, str(at[0]), self.port) for family, _, _, _, at in found]
        if not self.host and socket.has_dualstack_ipv6():  # [::] hears IPv4, too
            infos = [info for info in infos if ":" in info[1]]
        return list(dict.fromkeys(infos))

    def is_local(self) -> bool:
        """Tell whether nobody but this machine can reach it."""
        return all(
            ip_address(at.partition("%")[0]).is_loopback for _, at, _ in self.find()
        )


def address(text: str) -> Listen:
    """Return the address that a text is.  Raises ValueError for another text."""
    expected = ValueError("HOST:PORT, such as 127.0.0.1:9917 or [::1]:9917")
    host, colon, digits = text.rpartition(":")
    is_ipv6 = host.startswith("[") and host.endswith("]")
    if not colon or not (digits.isascii() and digits.isdigit() and len(digits) <= 5):
        raise expected
    if int(digits) > PORT_MAX or (":" in host and not is_ipv6):
        raise expected
    if any(c.isspace() or c in "/@" or not c.isprintable() for c in host):
        raise expected
    return Listen(host[1:-1] if is_ipv6 else host, int(digits), text)


def listen_at(where: Listen) -> Sockets:
    """Return sockets that listen.  Raises MemcError: the address is in use, say."""
    made: Sockets = []
    port = where.port
    try:
        for family, host, _ in where.find():
            made.append(_bound(family, (host, port), is_dual=where.host in ("", "::")))
            port = port or made[0].getsockname()[1]  # one port for all
    except OSError as error:
        for each in made:
            each.close()
        raise cannot_listen(where.text, error) from None
    return made


def _bound(
    family: socket.AddressFamily, at: tuple[str, int], *, is_dual: bool
) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, not is_dual)
        made.bind(at)
        made.listen(BACKLOG)
    except OSError:
        made.close()
        raise
    return made


def cannot_listen(where: str, error: OSError) -> MemcError:
    """Return the error to raise if memc cannot listen."""
    words = WORDS.get(error.errno or 0) or words_of(error)
    return MemcError(f"cannot listen on {where}: {words}")


def unix_socket(path: str) -> socket.socket:
    """Return a socket that listens at a path; one that nobody hears is replaced.

    Raises MemcError if another program listens there, or if it is no socket.
    """
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _remove_silent(path)
        made.bind(path)
        os.chmod(path, SOCKET_MODE)  # nobody can connect before listen()
        made.listen(BACKLOG)
    except OSError as error:
        made.close()
        raise cannot_listen(path, error) from None
    return made


def _remove_silent(path: str) -> None:
    """Remove the socket of a program that ended.  Raises OSError for anything else."""
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return
    if not S_ISSOCK(mode):
        raise OSError(errno.EEXIST, "there is a file that is no socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(PROBE_S)
        try:
            probe.connect(path)
        except ConnectionRefusedError:
            os.unlink(path)
            return
    raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))


def remove(path: str) -> None:
    """Remove our own socket at the end."""
    with suppress(OSError):
        os.unlink(path)
