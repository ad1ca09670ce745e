"""Tell systemd how a service is, as sd_notify(3) does.

Each message is one datagram of lines such as ``READY=1`` to the socket that
``$NOTIFY_SOCKET`` names: a path, or a name after "@", which is in no file system.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from socket import socket

__all__ = ["Notify"]

US_PER_S = 1_000_000


class Notify:
    """The manager of this service, as the environment names it.

    `watchdog_s` is how often the manager wants to hear of us, in seconds; None if it
    does not ask.
    """

    __slots__ = ("_address", "_socket", "watchdog_s")

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._address = _address(environ.get("NOTIFY_SOCKET", ""))
        self._socket: socket | None = None
        self.watchdog_s = _watchdog_s(environ) if self._address else None

    def tell(self, **facts: object) -> None:
        """Send facts, such as READY=1; errors do not matter to the recording."""
        if not self._address:
            return
        lines = "\n".join(f"{name}={value}" for name, value in facts.items())
        try:
            if self._socket is None:
                self._socket = _make_socket()
            self._socket.sendto(lines.encode(), self._address)
        except OSError:
            return

    def close(self) -> None:
        """Close the socket."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _make_socket() -> socket:
    from socket import AF_UNIX, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK, socket

    return socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK)


def _address(name: str) -> bytes:
    """Return the address of a socket; b"" if there is none."""
    if name.startswith("@"):
        return b"\0" + os.fsencode(name[1:])
    return os.fsencode(name) if name.startswith("/") else b""


def _watchdog_s(environ: Mapping[str, str]) -> float | None:
    """Return half of the time after which the manager ends a service that is silent."""
    if environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    told = environ.get("WATCHDOG_USEC", "")
    us = int(told[:18]) if told.isascii() and told.isdigit() else 0
    return us / US_PER_S / 2 if us else None
