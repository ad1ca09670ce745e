"""HTTP for ``memc serve``: uvicorn, with ends to what clients can hold up.

A client has REQUEST_S for a request and its answer, and as long for the handshake of
TLS.  There are MOST clients at once: for a new one, the one that has been silent for
longest is cut off, so that silent clients can keep nobody out.  TLS is spoken in the
loop, not in accept(): one silent client does not stop the others.
"""

from __future__ import annotations

import asyncio
import signal
import time
from contextlib import contextmanager
from socket import AF_UNIX
from typing import NamedTuple

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from memc.errors import MemcError
from memc.serve.log import say_in_our_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Callable, Iterator, Sequence
    from typing import TypeAlias

    from memc.serve.app import App
    from memc.serve.auth import Users

    Secrets: TypeAlias = tuple[ssl.SSLContext | None, Users | None]

__all__ = ["Hooks", "serve"]

MOST = 20
REQUEST_S = 10.0
KEEP_ALIVE_S = 75
GRACE_S = 1
ENDS = (signal.SIGINT, signal.SIGTERM)


def serve(
    app: App,
    sockets: Sequence[socket.socket],
    secrets: Callable[[], Secrets],
    *,
    say: Callable[[str], None],
    hooks: Hooks,
) -> None:
    """Answer requests until SIGINT or SIGTERM.

    `secrets` reads the certificate and the users; it is called again at SIGHUP, and may
    raise MemcError then: what was read before still holds.
    """
    say_in_our_words(say)
    config = uvicorn.Config(
        app,
        http=Protocol,
        loop="asyncio",
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
    )
    server = Server(config, app, secrets, say=say, hooks=hooks)
    try:
        server.run(sockets=[*sockets])
    finally:
        app.close()


class Protocol(H11Protocol):
    """One client, whose requests have to end in time."""

    _timer: asyncio.TimerHandle | None = None
    _since = 0.0
    _waits = False  # for the rest of a request, or for its answer

    def connection_made(  # type: ignore[override] # as in uvicorn
        self, transport: asyncio.Transport
    ) -> None:
        """Begin, with another client cut off if there are too many."""
        super().connection_made(transport)
        if len(self.connections) > MOST:
            self._make_room()
        self._begin()

    def data_received(self, data: bytes) -> None:
        """Take a part of a request."""
        if not self._waits:
            self._begin()
        super().data_received(data)

    def on_response_complete(self) -> None:
        """Wait for the next request; the client still has to read this answer."""
        self._waits = False
        if not self.transport.get_write_buffer_size():
            self._cancel()
        super().on_response_complete()
        if self._is_answering():  # a request that was sent before this answer came
            self._begin()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the client."""
        self._cancel()
        super().connection_lost(exc)

    def _make_room(self) -> None:
        ours = (each for each in self.connections if isinstance(each, Protocol))
        others = [each for each in ours if each is not self]
        if others:
            min(others, key=Protocol._rank)._cut_off()

    def _rank(self) -> tuple[bool, bool, float]:
        """Return who is cut off first: who never asked, who waits for nothing."""
        return self._is_answering(), self.cycle is not None, self._since

    def _is_answering(self) -> bool:
        return not getattr(self.cycle, "response_complete", True)  # None at first

    def _begin(self) -> None:
        self._cancel()
        self._waits = True
        self._since = time.monotonic()
        self._timer = self.loop.call_later(REQUEST_S, self._out_of_time)

    def _out_of_time(self) -> None:
        self._timer = None
        if self._waits or self.transport.get_write_buffer_size():
            self._cut_off()

    def _cut_off(self) -> None:
        self._cancel()
        self.connections.discard(self)
        self.transport.abort()

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class Server(uvicorn.Server):
    """Listens until a signal ends it, and reads its secrets again at SIGHUP."""

    def __init__(
        self,
        config: uvicorn.Config,
        app: App,
        secrets: Callable[[], Secrets],
        *,
        say: Callable[[str], None],
        hooks: Hooks,
    ) -> None:
        super().__init__(config)
        self._app = app
        self._secrets = secrets
        self._say = say
        self._hooks = hooks
        self._ended = asyncio.Event()
        self._renewing = asyncio.Lock()
        self._listening: list[socket.socket] = []

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen at the sockets."""
        self._listening = sockets or []
        self.servers = []
        await self._renew()
        self.started = True
        self._hooks.on_start()

    async def main_loop(self) -> None:
        """Wait for the end."""
        await self._ended.wait()
        self._hooks.on_end()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take signals until the block ends."""
        loop = asyncio.get_running_loop()
        for number in (*ENDS, signal.SIGHUP):
            if signal.getsignal(number) != signal.SIG_IGN:
                loop.add_signal_handler(number, self._take, number)
        yield

    def _take(self, number: signal.Signals) -> None:
        if number == signal.SIGHUP:
            self._renewal = asyncio.ensure_future(self._renew_or_say())
        elif self._ended.is_set():
            self.force_exit = True
        else:
            self._ended.set()

    async def _renew_or_say(self) -> None:
        try:
            async with self._renewing:  # two at once would both keep their listeners
                if not self._ended.is_set():
                    await self._renew()
        except (MemcError, OSError) as error:
            self._say(f"{error}; what memc read before still holds")

    async def _renew(self) -> None:
        """Listen with new secrets; whoever is connected stays so."""
        context, self._app.users = self._secrets()
        before, made = self.servers, []
        loop = asyncio.get_running_loop()
        for each in self._listening:
            is_unix = each.family == AF_UNIX
            tls = None if is_unix else context
            made.append(
                await loop.create_server(
                    self._protocol,
                    sock=each.dup(),
                    ssl=tls,
                    ssl_handshake_timeout=REQUEST_S if tls else None,
                )
            )
        self.servers = made
        for server in before:
            for listener in server.sockets:
                loop.remove_reader(listener.fileno())
        await asyncio.sleep(0)  # a server that is closed forgets whom it just accepted
        for server in before:
            server.close()

    def _protocol(self) -> Protocol:
        return Protocol(
            config=self.config, server_state=self.server_state, app_state={}
        )


class Hooks(NamedTuple):
    """What is called when memc listens, and when a signal ends it."""

    on_start: Callable[[], None]
    on_end: Callable[[], None]
