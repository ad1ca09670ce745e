"""The files that go with the command: units, scrape configuration, rules, dashboard.

``promtool``, ``systemd-analyze`` and Grafana read them.  What depends on the options of
the command stands in them as ``@NAME@``.
"""

from __future__ import annotations

import json
import os
import re

from memc.serve.dashboard import dashboard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["KINDS", "shipped"]

KINDS = {
    "unit": "memc-serve.service",
    "exact": "exact.conf",
    "scrape-config": "scrape.yml",
    "rules": "rules.yml",
}
FIELD = re.compile("@([A-Z]+)@")


def shipped(kind: str, **values: object) -> str:
    """Return the text of a file: one of KINDS, or "dashboard".

    - "unit" needs `command`, the line as systemd reads it.  `credentials` are files
      that only root may read, by names: the command finds them as ``%d/NAME``.
    - "scrape-config" needs `target`, host and port.  `interval` is "60s" unless given;
      `tls` and `auth` tell whether the command has a certificate and a password.
    """
    if kind == "dashboard":
        return json.dumps(dashboard(), indent=2) + "\n"
    path = os.path.join(os.path.dirname(__file__), "shipped", KINDS[kind])
    with open(path, encoding="utf-8") as file:
        text = file.read()
    told = VALUES[kind](**values) if kind in VALUES else {}
    return FIELD.sub(lambda field: told[field[1]], text)


def _unit(*, command: str, credentials: dict[str, str] | None = None) -> dict[str, str]:
    lines = (credentials or {}).items()
    # A path that is not absolute would be the name of a credential of the system.
    paths = {name: os.path.abspath(path).replace("%", "%%") for name, path in lines}
    loads = [f"LoadCredential={name}:{path}\n" for name, path in paths.items()]
    return {"COMMAND": command, "CREDENTIALS": "".join(loads)}


def _scrape(
    *, target: str, interval: str = "60s", tls: bool = False, auth: bool = False
) -> dict[str, str]:
    return {
        "TARGET": json.dumps(target),
        "INTERVAL": interval,
        "TLS": "" if tls else "# ",
        "AUTH": "" if auth else "# ",
    }


VALUES: dict[str, Callable[..., dict[str, str]]] = {
    "unit": _unit,
    "scrape-config": _scrape,
}
