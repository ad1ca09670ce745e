"""Collect from the nodes of a Ray cluster, and let its tasks add files to a lake."""

from __future__ import annotations

from memc.errors import MemcError
from memc.fleet.gather import File, absent, adder, asker, fold, now_ms

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping
    from typing import Any

    from memc.fleet.gather import Collected, Told

__all__ = ["add", "collect"]


def collect(
    *, detail: str = "smaps", max_stall_ms: int = 50, timeout: float = 60.0
) -> Collected:
    """Read all processes of each node of the cluster that ``ray.init`` joined, once.

    A node that is dead, fails, or does not answer within `timeout` seconds is in
    `missing`.  Nodes on one host are one, by its name and boot id.

    Raises MemcError if Ray is not installed, or no cluster is joined.
    """
    ray = _ray()
    on = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy
    ask = asker(detail=detail, max_stall_ms=max_stall_ms)
    task = ray.remote(num_cpus=0, max_retries=0)(ask)
    asked_ms = now_ms()
    answers: list[tuple[str, Told | str]] = []
    calls = {}
    for node in ray.nodes():
        if node["Alive"]:
            there = on(node["NodeID"], soft=False)
            call = task.options(scheduling_strategy=there).remote(True)  # noqa: FBT003
            calls[call] = _name(node)
        else:
            answers.append((_name(node), "its node is dead"))
    _, late = ray.wait(list(calls), num_returns=len(calls), timeout=timeout)
    for call, name in calls.items():
        if call in late:
            ray.cancel(call, force=True)
            answers.append((name, f"no answer within {timeout:g} s"))
            continue
        try:
            answers.append((name, ray.get(call)))
        except ray.exceptions.RayError as error:
            answers.append((name, f"its task failed: {error}"))
    return fold(answers, asked_ms)


def add(
    paths: Iterable[str] | Mapping[str, str], lake: str | os.PathLike[str]
) -> list[File]:
    """Add files to a lake, each by a task, as ``memc.fleet.dask.add`` does."""
    ray = _ray()
    names = sorted({*paths})
    task = ray.remote(max_retries=1)(adder(paths, lake))
    calls = [task.remote(path) for path in names]
    files = []
    for path, call in zip(names, calls, strict=True):
        try:
            files.append(File(*ray.get(call)))
        except ray.exceptions.RayError as error:
            files.append(File(path, 0, 0, 0, f"its task failed: {error}"))
    return files


def _ray() -> Any:  # noqa: ANN401 - the module
    try:
        import ray.util.scheduling_strategies
    except ModuleNotFoundError as error:
        raise absent("ray", error) from None
    if not ray.is_initialized():
        raise MemcError("call ray.init() first: no cluster is joined")
    return ray


def _name(node: dict[str, Any]) -> str:
    return str(node.get("NodeManagerHostname") or node["NodeID"])
