"""Who pushes: the attributes of a resource, by the words of OpenTelemetry."""

from __future__ import annotations

import os

from memc.serve.samples import label

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["K8S", "attributes"]

MACHINE_ID = "/etc/machine-id"
# What a manifest of Kubernetes sets by the downward API, and the attributes for it.
K8S = {
    "K8S_NODE_NAME": "k8s.node.name",
    "K8S_POD_NAME": "k8s.pod.name",
    "K8S_POD_UID": "k8s.pod.uid",
}


def attributes(
    environ: Mapping[str, str], proc: str, *, machine_id: str = MACHINE_ID
) -> dict[str, str]:
    """Return what tells this memc and its machine from all others.

    What cannot be read is left out.
    """
    found = {
        "service.name": "memc",
        "service.instance.id": _read(f"{proc}/sys/kernel/random/boot_id"),
        "host.name": os.uname().nodename,
        "host.id": _hashed(_read(machine_id)),
        **{name: environ.get(variable, "") for variable, name in K8S.items()},
    }
    return {name: label(value) for name, value in found.items() if value}


def _hashed(machine_id: str) -> str:
    """Return an ID that cannot be turned back: machine-id(5) asks not to send it."""
    if not machine_id or machine_id == "uninitialized":
        return ""
    import hashlib
    import hmac

    return hmac.new(machine_id.encode(), b"memc", hashlib.sha256).hexdigest()[:32]


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read(256).strip()
    except (OSError, ValueError):
        return ""
