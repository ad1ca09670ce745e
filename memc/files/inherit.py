"""Give a new file what the file that it will replace has: owner, mode, attributes."""

from __future__ import annotations

import errno
import os

from memc.files.place import NEW_MODE
from memc.files.walk import make_error
from memc.proc.rights import words_of

__all__ = ["inherit"]

# The bits of setuid and setgid are left out: the contents are new.  The kernel clears
# them, too, when a file is written to (file_remove_privs() in fs/inode.c).
KEPT_MODE = 0o1777
ACL = "system.posix_acl_access"
# Capabilities are like setuid.  The other two are sums over the contents, which the
# kernel makes by itself.
DROPPED = ("security.capability", "security.ima", "security.evm")
NO_ATTRIBUTES = (errno.ENOTSUP, errno.ENOSYS)


def inherit(fd: int, old: int | None) -> None:
    """Give a new file the owner, the mode and the extended attributes of an old one.

    `old` is open as a path, or None if there is no old file.  Access control lists and
    labels of security modules are extended attributes.  Raises OSError if the new file
    cannot be given one of them.
    """
    if old is None:
        os.fchmod(fd, NEW_MODE)  # whatever the umask
        return
    found = os.fstat(old)
    _inherit_owner(fd, found)
    _inherit_attributes(fd, old)
    os.fchmod(fd, found.st_mode & KEPT_MODE)


def _inherit_owner(fd: int, old: os.stat_result) -> None:
    new = os.fstat(fd)
    if (old.st_uid, old.st_gid) == (new.st_uid, new.st_gid):
        return
    try:
        os.fchown(fd, old.st_uid, old.st_gid)
    except PermissionError:
        owner = f"uid {old.st_uid}, gid {old.st_gid}"
        words = f"a new file cannot be given the owner of the old one ({owner})"
        raise make_error(errno.EPERM, words) from None


def _inherit_attributes(fd: int, old: int) -> None:
    wanted = _attributes(_path_of(old))
    given = _attributes(fd)
    if ACL in given and ACL not in wanted:
        os.removexattr(fd, ACL)  # from the default list of the folder
    for name, value in wanted.items():
        if given.get(name) == value:
            continue
        try:
            os.setxattr(fd, name, value)
        except OSError as error:
            words = (
                f"a new file cannot be given the extended attribute {name} "
                f"of the old one: {error.strerror}"
            )
            raise make_error(error.errno or errno.EPERM, words) from None


def _path_of(old: int) -> str:
    """Return a path of an open file: its attributes are not read by descriptor."""
    return f"/proc/self/fd/{old}"


def _attributes(file: int | str) -> dict[str, bytes]:
    """Return the extended attributes of a file that are kept.

    Raises OSError if they cannot be read: nobody knows then who may read the file.
    """
    try:
        names = os.listxattr(file)
        return {n: os.getxattr(file, n) for n in names if n not in DROPPED}
    except OSError as error:
        if error.errno in NO_ATTRIBUTES:
            return {}
        words = f"its extended attributes cannot be read: {words_of(error)}"
        raise make_error(error.errno or errno.EPERM, words) from None
