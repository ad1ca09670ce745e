"""The names of people and of the machine, which a bundle never tells."""

from __future__ import annotations

import os
import pwd
import re

__all__ = ["names_of_here"]

FIRST_UID = 1000  # of people; below are those of the system, such as "mail"
NOBODY = (65534, 65535)
SHORTEST = 3  # "db" would be found in every word
COMMON = {"localhost", "localdomain", "root", "home", "com", "org", "net", "local"}
FROM_ENV = ("USER", "LOGNAME", "SUDO_USER", "HOSTNAME")


def names_of_here() -> frozenset[str]:
    """Return the names of users, their folders, and this machine and its domain."""
    found = {os.environ.get(name, "") for name in FROM_ENV}
    for user in _users():
        found |= {user.pw_name, os.path.basename(user.pw_dir.rstrip("/"))}
    host = os.uname().nodename
    found |= {host, *re.split(r"[.]", host)}
    return frozenset(
        name for name in found if len(name) >= SHORTEST and name.lower() not in COMMON
    )


def _users() -> list[pwd.struct_passwd]:
    try:
        known = pwd.getpwall()
    except OSError:
        return []
    ours = os.getuid() or None
    return [
        user
        for user in known
        if (user.pw_uid >= FIRST_UID and user.pw_uid not in NOBODY)
        or user.pw_uid == ours
    ]
