"""The pages of ``memc serve``, as an ASGI application.

::

    /           says where the metrics are
    /metrics    the metrics of the last scan
    /-/healthy  200 while memc runs
    /-/ready    200 when there was a scan, 503 before

Whoever asks for a page but the last two needs a password, if there are users.
"""

from __future__ import annotations

import asyncio
import gzip
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from typing import Any, TypeAlias

    from memc.serve.auth import Users

    Headers: TypeAlias = Iterable[tuple[bytes, bytes]]
    Text: TypeAlias = Callable[[str], tuple[bytes, str]]
    Receive: TypeAlias = Callable[[], Awaitable[dict[str, Any]]]
    Send: TypeAlias = Callable[[dict[str, object]], Awaitable[None]]

__all__ = ["Answer", "App"]

GZIP_LEVEL = 4  # more takes three times as long, and saves a tenth
GZIP_MIN = 1024
METHODS = ("GET", "HEAD")
PLAIN = "text/plain; charset=utf-8"
OPEN = ("/-/healthy", "/-/ready")  # they tell nothing, and probes have no password


class Answer(NamedTuple):
    """What is sent."""

    status: int
    body: bytes
    kind: str = PLAIN
    more: tuple[tuple[bytes, bytes], ...] = ()


class App:
    """Answers requests.

    `text` returns the metrics, and what they are, for an Accept header.  `users` may be
    replaced at any time.
    """

    def __init__(
        self, text: Text, is_ready: Callable[[], bool], users: Users | None = None
    ) -> None:
        self._text = text
        self._is_ready = is_ready
        self.users = users
        # One password at a time: those who guess wait for each other, nobody else does.
        self._pool = ThreadPoolExecutor(1)

    def close(self) -> None:
        """Let no password be tried any more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def __call__(
        self, scope: dict[str, Any], receive: Receive, send: Send
    ) -> None:
        """Answer one request."""
        answer = await self._answer(scope, receive)
        headers = [
            (b"content-type", answer.kind.encode("latin-1")),
            (b"content-length", b"%d" % len(answer.body)),
            *answer.more,
        ]
        start = {"status": answer.status, "headers": headers}
        await send({"type": "http.response.start", **start})
        await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, scope: dict[str, Any], receive: Receive) -> Answer:
        path, headers = scope["path"], scope["headers"]
        header = _value(headers, b"authorization")
        if path not in OPEN and not await self._may(header, receive):
            asks = b'Basic realm="memc", charset="UTF-8"'
            more = ((b"www-authenticate", asks),)
            return Answer(401, b"memc: which user, and which password?\n", more=more)
        page = PAGES.get(path)
        if page is None:
            return Answer(404, b"memc: no such page; the metrics are at /metrics\n")
        if scope["method"] not in METHODS:
            allow = ", ".join(METHODS).encode()
            return Answer(405, b"memc: read only\n", more=((b"allow", allow),))
        return page(self, headers)

    async def _may(self, header: bytes, receive: Receive) -> bool:
        users = self.users
        if users is None or users.is_known(header):
            return True
        if not header:
            return False
        loop = asyncio.get_running_loop()
        tried = loop.run_in_executor(self._pool, users.is_right, header)
        gone = asyncio.ensure_future(_leaves(receive))
        try:
            both: set[asyncio.Future[Any]] = {tried, gone}
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            return tried.done() and bool(tried.result())
        finally:
            tried.cancel()  # nobody waits for the password of who is gone
            gone.cancel()

    def _metrics(self, headers: Headers) -> Answer:
        accept = _value(headers, b"accept").decode("latin-1")
        body, kind = self._text(accept)
        more = [(b"vary", b"accept, accept-encoding"), (b"cache-control", b"no-store")]
        if len(body) >= GZIP_MIN and _takes_gzip(_value(headers, b"accept-encoding")):
            body = gzip.compress(body, GZIP_LEVEL, mtime=0)
            more.append((b"content-encoding", b"gzip"))
        return Answer(200, body, kind, (*more,))

    def _ready(self, _headers: Headers) -> Answer:
        if self._is_ready():
            return Answer(200, b"memc is ready\n")
        return Answer(
            503, b"memc: there was no scan yet\n", more=((b"retry-after", b"5"),)
        )

    def _healthy(self, _headers: Headers) -> Answer:
        return Answer(200, b"memc is up\n")

    def _where(self, _headers: Headers) -> Answer:
        return Answer(200, b"memc: the metrics are at /metrics\n")


PAGES: dict[str, Callable[[App, Headers], Answer]] = {
    "/": App._where,
    "/metrics": App._metrics,
    "/-/healthy": App._healthy,
    "/-/ready": App._ready,
}


async def _leaves(receive: Receive) -> None:
    """Wait until the client is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _value(headers: Headers, name: bytes) -> bytes:
    """Return the values of a header, joined as RFC 9110 says; b"" if there is none."""
    return b", ".join(value for key, value in headers if key == name)


def _takes_gzip(header: bytes) -> bool:
    """Tell whether a client takes gzip: ``gzip``, ``*``, but not ``gzip;q=0``."""
    weights: dict[str, float] = {}
    for part in header.decode("latin-1").lower().split(","):
        name, _, rest = part.partition(";")
        key, _, digits = rest.partition("=")
        try:
            weights[name.strip()] = float(digits) if key.strip() == "q" else 1.0
        except ValueError:
            weights[name.strip()] = 0.0
    return weights.get("gzip", weights.get("*", 0.0)) > 0
