"""The files that go with ``memc lake``: they bring what hosts have to a lake."""

from __future__ import annotations

import os

from memc._version import version

__all__ = ["KINDS", "shipped"]

# Each kind: its file, and what it is.
KINDS = {
    "ansible": ("ansible.yml", "a playbook of Ansible: read all hosts, add to a lake"),
    "daemonset": ("daemonset.yaml", "a DaemonSet of Kubernetes: memc serve on nodes"),
    "ssh": ("collect.sh", "a script: read hosts by ssh, where nothing is installed"),
    "timer": ("memc-lake.timer", "a timer of systemd: a host looks at itself hourly"),
    "unit": ("memc-lake.service", "the service of that timer"),
}


def shipped(kind: str, *, command: str = "memc") -> str:
    """Return the text of a file; `command` is memc as the unit shall start it."""
    path = os.path.join(os.path.dirname(__file__), "shipped", KINDS[kind][0])
    with open(path, encoding="utf-8") as file:
        text = file.read()
    return text.replace("@COMMAND@", command).replace("@VERSION@", version())
