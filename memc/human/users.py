"""The names of users."""

from __future__ import annotations

__all__ = ["user_name"]

USERS: dict[int, str] = {}  # those that were asked for


def user_name(uid: int) -> str:
    """Return the name of a user; the number if there is no name."""
    if uid not in USERS:
        USERS[uid] = _name(uid)
    return USERS[uid]


def _name(uid: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except (KeyError, OverflowError):
        return str(uid)
