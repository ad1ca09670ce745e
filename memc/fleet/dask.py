"""Collect from the hosts of a Dask cluster, and add files to a lake on its workers."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from memc.errors import MemcError
from memc.fleet.gather import File, absent, adder, asker, fold, now_ms

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from memc.fleet.gather import Collected, Told

__all__ = ["add", "collect"]


def collect(
    client: Any,  # noqa: ANN401 - a dask.distributed.Client
    *,
    detail: str = "smaps",
    max_stall_ms: int = 50,
    timeout: float = 60.0,
) -> Collected:
    """Read all processes of each host of a cluster, in one of its workers.

    Workers that have the name and the boot id of their host in common are asked once.
    A host that fails, or does not answer within `timeout` seconds, is in `missing`, by
    its name or the address of its worker.  With an asynchronous client, await it.

    Raises MemcError if the cluster has no workers.
    """
    _check(client)
    ask = asker(detail=detail, max_stall_ms=max_stall_ms)

    async def run(take: bool) -> Told:  # noqa: FBT001 - Dask sends it whole
        import asyncio

        # In a thread: the worker has to answer its scheduler meanwhile.
        return await asyncio.to_thread(ask, take)

    collected: Collected = client.sync(_Cluster(client, run, timeout).collect)
    return collected


def add(
    client: Any,  # noqa: ANN401
    paths: Iterable[str] | Mapping[str, str],
    lake: str | os.PathLike[str],
) -> list[File]:
    """Add files to a lake, each on a worker; all see the same file system.

    `paths` may map each path to the name of its host.  Otherwise the host is the one
    that a recording tells, or this one.  A file that is refused is in the result with
    the reason, and the others are added.
    """
    _check(client)
    names = sorted({*paths})
    calls = client.map(adder(paths, lake), names, pure=False)
    files = []
    for path, call in zip(names, calls, strict=True):
        error = call.exception()  # waits; what ended one worker may end the next
        files.append(
            File(path, 0, 0, 0, f"its worker failed: {error!r}")
            if error
            else File(*call.result())
        )
    return files


def _check(client: Any) -> None:  # noqa: ANN401
    try:
        from distributed import Client
    except ModuleNotFoundError as error:
        raise absent("dask[distributed]", error) from None
    if not isinstance(client, Client):
        raise TypeError("client: expected a dask.distributed.Client")


class _Cluster(NamedTuple):
    client: Any
    run: Callable[[bool], Any]
    limit_s: float

    async def collect(self) -> Collected:
        asked_ms = now_ms()
        workers = list(await self.client.nthreads())
        if not workers:
            raise MemcError("the cluster of Dask has no workers")
        answers: list[tuple[str, Told | str]] = []
        hosts: dict[tuple[str, str], list[str]] = {}
        who = await asyncio.gather(*(self._ask(one, take=False) for one in workers))
        for address, told in zip(workers, who, strict=True):
            if isinstance(told, str):
                answers.append((address, told))
            else:
                hosts.setdefault((told["host"], told["boot"]), []).append(address)
        took = await asyncio.gather(*map(self._take, hosts.values()))
        answers += zip((name for name, _ in hosts), took, strict=True)
        return fold(answers, asked_ms)

    async def _take(self, addresses: list[str]) -> Told | str:
        """Ask a host by its first worker, and by the next one if that dies."""
        told: Told | str = ""
        for address in addresses:
            told = await self._ask(address, take=True)
            if isinstance(told, dict):
                break
        return told

    async def _ask(self, address: str, *, take: bool) -> Told | str:
        """Ask one worker, by a call of its own: one that hangs holds up no other."""
        call = self.client.run(self.run, take, workers=[address], on_error="return")
        try:
            told = (await asyncio.wait_for(call, self.limit_s)).get(address)
        except TimeoutError:
            return f"no answer within {self.limit_s:g} s"
        except Exception as error:  # noqa: BLE001 - whatever its network had
            told = error
        return told if isinstance(told, dict) else f"its worker failed: {told!r}"
