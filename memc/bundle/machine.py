"""The machine of a bundle: what decides how much memory there may be, as numbers.

No name of it is told: not of the machine, of a disk or of a control group.
"""

from __future__ import annotations

import os
import re

from memc.bundle.vocabulary import FACTS
from memc.cgroups.chain import Chains
from memc.errors import MemcError
from memc.proc.files import ProcessFiles
from memc.proc.root import is_procfs, open_root, read_small

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from memc.cgroups.chain import Chain
    from memc.cgroups.group import Group
    from memc.proc.root import Opened

__all__ = ["is_live", "machine", "release"]

SETTINGS = (
    "max_map_count",
    "overcommit_memory",
    "overcommit_ratio",
    "overcommit_kbytes",
    "swappiness",
    "nr_hugepages",
)
MEMORY = {"MemTotal": "mem_total_kb", "SwapTotal": "swap_total_kb"}
THP = "/sys/kernel/mm/transparent_hugepage"
THP_FILES = ("enabled", "defrag", "shmem_enabled")
# The word that is set: "always [madvise] never".
SET = re.compile(
    rb"\[(always|madvise|never|defer|defer\+madvise|within_size|advise|deny|force)\]"
)
AMOUNT = re.compile(rb"^(MemTotal|SwapTotal):\s+([0-9]{1,15}) kB", re.MULTILINE)
NUMBER = re.compile(rb"[0-9]{1,18}")
# The numbers of a release, and what distributions call their kernels: a kernel that
# somebody built has a name of theirs behind these.
RELEASE = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,6}){1,3}(?:-rc[0-9]{1,2})?")
FLAVOUR = re.compile(
    r"[-.+_](?:[0-9]{1,6}|amd64|arm64|aarch64|x86_64|generic|cloud|lowlatency|aws|azure"
    r"|gcp|oracle|rt|lts|zen|hardened|default|virt|el[0-9]{1,2}(?:_[0-9]{1,2})?"
    r"|fc[0-9]{2}|amzn[0-9]{1,4}|microsoft|standard|WSL2|raspi|android[0-9]{1,2})"
    r"(?![0-9A-Za-z])"
)
MORE = "+"  # something else follows


def is_live(proc: str) -> bool:
    """Tell whether a root is that of a kernel, and no copy.

    Raises MemcError if it cannot be opened.
    """
    with open_root(proc) as root:
        return is_procfs(root)


def release(text: str) -> str | None:
    """Return the release of a kernel without what somebody called theirs."""
    match = RELEASE.match(text)
    if match is None:
        return None
    end = match.end()
    while found := FLAVOUR.match(text, end):
        end = found.end()
    return text[:end] + MORE * (end < len(text))


def machine(proc: str, pids: Iterable[int]) -> dict[str, Any]:
    """Return the settings, and the limits of the control groups of these processes.

    What is not known is None.
    """
    with open_root(proc) as root:
        told: dict[str, Any] = {
            name: _setting(root, f"sys/vm/{name}") for name in SETTINGS
        }
        amounts = dict(AMOUNT.findall(_read(root, "meminfo")))
        for name, key in MEMORY.items():
            amount = amounts.get(name.encode())
            told[key] = None if amount is None else int(amount)
        told["thp"] = {name: _set_word(f"{THP}/{name}") for name in THP_FILES}
        told["cgroups"] = _groups(root, proc, pids)
    return told


def _setting(root: Opened, name: str) -> int | None:
    text = _read(root, name).strip()
    return int(text) if NUMBER.fullmatch(text) else None


def _read(root: Opened, name: str) -> bytes:
    try:
        return read_small(root, name)
    except OSError:
        return b""


def _set_word(path: str) -> str | None:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            match = SET.search(os.read(fd, 256))
        finally:
            os.close(fd)
    except OSError:
        return None
    return None if match is None else match[1].decode()


def _groups(root: Opened, proc: str, pids: Iterable[int]) -> list[dict[str, Any]]:
    """Return the groups that hold processes, with those above them that have limits."""
    chains = Chains(proc)
    found: dict[int, tuple[Chain, list[int]]] = {}
    for pid in pids:
        try:
            with ProcessFiles(root, pid) as files:
                chain = chains.of(files)
        except (OSError, MemcError):
            continue
        found.setdefault(id(chain), (chain, []))[1].append(pid)
    return [
        {
            "pids": members,
            "version": chain.version,
            "limit_kb": chain.limit_kb,
            "sees_all": chain.sees_all,
            "groups": [_group(group) for group in chain.groups],
        }
        for chain, members in found.values()
    ]


def _group(group: Group) -> dict[str, Any]:
    """Return the numbers of a group.

    A limit that it does not have, and an event that memc does not know, are left out.
    """
    limits = group.limits.items()
    return {
        "limits_kb": {name: kb for name, kb in limits if isinstance(kb, int)},
        "usage_kb": group.usage_kb,
        "swap_kb": group.swap_kb,
        "peak_kb": group.peak_kb,
        # A newer kernel may count others.
        "events": {name: n for name, n in group.events.items() if name in FACTS},
    }
